import FuzzEntries
import Glibc

// weft-fuzz TARGET [libFuzzer's options and folders]
// weft-fuzz --list              the targets
// weft-fuzz --length TARGET     how long its inputs should be at most
//
// The target's name goes into the environment, because libFuzzer starts this program again, with its own options only,
// to make an input smaller (-minimize_crash) or to merge folders (-merge).

/// From libclang_rt.fuzzer_no_main: runs `callback` with inputs until its options say stop.
@_silgen_name("LLVMFuzzerRunDriver")
func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

// Swift's own reporter of crashes would wait for libFuzzer's, and that one for it; it is asked at the start only.
if getenv("SWIFT_BACKTRACE") == nil {
    setenv("SWIFT_BACKTRACE", "enable=no", 1)
    execv("/proc/self/exe", CommandLine.unsafeArgv)
}

let variable = "WEFT_FUZZ_TARGET"
var arguments = CommandLine.arguments
if arguments.count > 1, FuzzTarget.named(arguments[1]) != nil {
    setenv(variable, arguments.remove(at: 1), 1)
}
let target = getenv(variable).flatMap { FuzzTarget.named(String(cString: $0)) }
guard let target else {
    if arguments.count == 3, arguments[1] == "--length", let target = FuzzTarget.named(arguments[2]) {
        puts("\(target.maximumBytes)")
        exit(0)
    }
    for target in FuzzTarget.all { puts(target.name) }
    exit(arguments.count == 2 && arguments[1] == "--list" ? 0 : 64)
}
let run = target.run

var count = CInt(arguments.count)
var vector = arguments.map { strdup($0) } + [nil]
let status = vector.withUnsafeMutableBufferPointer { vector in
    guard var base = vector.baseAddress else { return CInt(64) }
    return runDriver(&count, &base) { bytes, count in
        do throws(BrokenPromise) {
            try run([UInt8](UnsafeBufferPointer(start: bytes, count: count)))
        } catch {
            // libFuzzer takes an abort for a finding, and keeps the input.
            _ = "broken promise: \(error)\n".withCString { write(2, $0, strlen($0)) }
            abort()
        }
        return 0
    }
}
exit(status)
