import ArgumentParser
import ControlTypes
import Glibc

/// `-o text|json`
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json
}

/// The option of all verbs that show something.
struct OutputOption: ParsableArguments {
    @Option(name: [.customShort("o"), .long], help: ArgumentHelp("text, or json for scripts.", valueName: "format"))
    var output = OutputFormat.text
}

/// Writes text to standard output as it is.
func standardOutput(_ text: String) {
    write(text, to: STDOUT_FILENO)
}

/// Writes a line to standard error.
func standardError(_ line: String) {
    write(line + "\n", to: STDERR_FILENO)
}

/// One value in JSON, laid out for people and scripts alike.
func standardOutput(json value: JSONValue) {
    standardOutput(value.text(.readable) + "\n")
}

/// Unbuffered, so that what was written before an exec or a kill is not lost. A reader that has gone ends the output.
private func write(_ text: String, to descriptor: CInt) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count > 0 {
            rest = rest.dropFirst(count)
        } else if errno != EINTR {
            return
        }
    }
}

/// An errno in words.
func words(_ code: CInt) -> String {
    unsafe String(cString: strerror(code))
}
