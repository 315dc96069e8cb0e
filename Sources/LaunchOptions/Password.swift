import Glibc

/// The mesh's password, read from a file or from standard input.
public struct Password: Sendable {
    /// The longest that we accept; chosen, far above what anyone types.
    public static let longestBytes = 4_096

    public let bytes: [UInt8]
    /// Whether users other than the owner may read the file.
    public let isReadableByOthers: Bool

    /// Reads the value of `--password-file`: a path, or `-` for standard input. One newline at the end (`\n` or
    /// `\r\n`) is left out.
    public init(file: String) throws(PasswordError) {
        let descriptor = file == "-" ? STDIN_FILENO : unsafe open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw PasswordError(file: file, reason: .cannotOpen(errno: errno)) }
        defer {
            if descriptor != STDIN_FILENO { _ = close(descriptor) }
        }
        var bytes = try Self.contents(of: descriptor, file: file)
        if bytes.last == UInt8(ascii: "\n") {
            bytes.removeLast()
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        }
        guard !bytes.isEmpty else { throw PasswordError(file: file, reason: .empty) }
        self.bytes = bytes
        var facts = stat()
        let isFile = unsafe fstat(descriptor, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
        isReadableByOthers = isFile && facts.st_mode & (S_IRGRP | S_IROTH) != 0
    }

    private static func contents(of descriptor: CInt, file: String) throws(PasswordError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1_024)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw PasswordError(file: file, reason: .cannotRead(errno: errno)) }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= longestBytes else { throw PasswordError(file: file, reason: .tooLong) }
        }
    }
}

/// Why no password could be read.
public struct PasswordError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Reason: Equatable, Sendable {
        case cannotOpen(errno: CInt)
        case cannotRead(errno: CInt)
        case empty
        case tooLong
    }
    public let file: String
    public let reason: Reason

    public var description: String {
        let source = file == "-" ? "standard input" : "the password file \(file)"
        return switch reason {
        case .cannotOpen(let code): "cannot open \(source): \(words(code))"
        case .cannotRead(let code): "cannot read \(source): \(words(code))"
        case .empty: "\(source) is empty; leave --password-file out for a mesh without a password"
        case .tooLong: "\(source) has more than \(Password.longestBytes) bytes"
        }
    }

    private func words(_ code: CInt) -> String {
        unsafe String(cString: strerror(code))
    }
}
