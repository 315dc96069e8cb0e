import Glibc

/// Why the control socket cannot be had.
public enum ControlSocketError: Error, Equatable, Sendable {
    /// Another daemon serves on it.
    case inUse(path: String)
    /// The path is no place for a socket: what was tried, and the kernel's words.
    case cannotPrepare(path: String, reason: String)
    case cannotServe(path: String, reason: String)
}

extension ControlSocketError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .inUse(let path):
            "weft runs already: a daemon serves on \(path). Stop it with weft stop, or choose another --socket"
        case .cannotPrepare(let path, let reason): "cannot make the control socket \(path): \(reason)"
        case .cannotServe(let path, let reason): "cannot serve on \(path): \(reason)"
        }
    }
}

/// The right to serve on a socket's path: a lock on a file beside it, which ends with the process however it ends. So
/// the socket of a dead daemon is replaced and that of a live one never is.
public final class SocketClaim: Sendable {
    let path: String
    private let lock: CInt

    /// Makes the directory if needed, takes the lock, and removes what a dead daemon left.
    public init(path: String) throws(ControlSocketError) {
        self.path = path
        // Files of the daemon are nobody else's business, and the socket is closed to others from its first moment.
        _ = umask(0o077)
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex { Self.makeDirectory(String(path[..<slash])) }
        let file = unsafe open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw .cannotPrepare(path: path, reason: "\(path).lock: \(Self.words(errno))") }
        lock = file
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            _ = close(file)
            throw code == EWOULDBLOCK ? .inUse(path: path) : .cannotPrepare(path: path, reason: Self.words(code))
        }
        var facts = stat()
        guard unsafe lstat(path, &facts) == 0 else { return }
        guard facts.st_mode & S_IFMT == S_IFSOCK else {
            _ = unsafe unlink(path + ".lock")
            _ = close(file)
            throw .cannotPrepare(path: path, reason: "there is a file of that name that is no socket")
        }
        _ = unsafe unlink(path)
    }

    /// Removes the socket and gives the lock back.
    public func release() {
        _ = unsafe unlink(path)
        _ = unsafe unlink(path + ".lock")
        _ = close(lock)
    }

    /// All missing directories on the way; what fails is told by the call that needs them.
    private static func makeDirectory(_ path: String) {
        var prefix = ""
        for part in path.split(separator: "/") {
            prefix += "/" + part
            _ = unsafe mkdir(prefix, 0o755)
        }
    }

    private static func words(_ code: CInt) -> String {
        unsafe String(cString: strerror(code))
    }
}
