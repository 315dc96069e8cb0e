import Glibc

/// Files of a few hundred bytes, such as the kernel's and the machine's identifiers.
enum SmallFile {
    private static let limitBytes = 4_096

    /// The first 4 KiB; nil if the file does not exist or cannot be read: then another source is asked.
    static func contents(_ path: String) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { _ = close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: limitBytes)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        return count < 0 ? nil : Array(bytes.prefix(count))
    }

    /// Makes a directory and its parents, mode 0700; the error number if that fails.
    static func makeDirectory(_ path: String) -> CInt? {
        var made = ""
        for part in path.split(separator: "/") {
            made += "/" + part
            if unsafe mkdir(made, 0o700) != 0, errno != EEXIST { return errno }
        }
        return nil
    }
}
