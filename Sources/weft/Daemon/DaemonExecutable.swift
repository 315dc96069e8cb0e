import Glibc

/// Where `weftd` is: beside this program, else in PATH.
func daemonExecutable() throws(CommandFailure) -> String {
    var places: [String] = []
    if let own = ownExecutable(), let slash = own.lastIndex(of: "/") { places.append(String(own[..<slash])) }
    if let path = unsafe getenv("PATH") {
        places += unsafe String(cString: path).split(separator: ":").map(String.init)
    }
    for place in places {
        let candidate = place + "/weftd"
        if unsafe access(candidate, X_OK) == 0 { return candidate }
    }
    throw CommandFailure(
        "cannot find weftd, neither beside this command nor in PATH",
        advice: "Install both programs into one directory, such as /usr/local/bin.")
}

/// This program's file; nil without /proc.
private func ownExecutable() -> String? {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe buffer.withUnsafeMutableBytes { bytes in
        guard let first = bytes.baseAddress else { return 0 }
        return unsafe readlink("/proc/self/exe", first.assumingMemoryBound(to: CChar.self), bytes.count)
    }
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
}
