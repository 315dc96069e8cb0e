import Glibc

/// The file that a daemon in the background writes its log to. A file that has grown big is put aside at the next
/// launch, one generation of it.
struct DaemonLog: ~Copyable {
    /// Chosen.
    static let sizeLimitBytes = 16 << 20
    /// How much of the end is shown when the daemon dies; chosen.
    static let lastWordsBytes = 4_096

    let path: String
    let descriptor: CInt
    /// The size before this launch: what follows is the new daemon's.
    private let start: Int

    private init(path: String, descriptor: CInt, start: Int) {
        self.path = path
        self.descriptor = descriptor
        self.start = start
    }

    static func opening(stateDirectory: String) throws(CommandFailure) -> DaemonLog {
        let advice = geteuid() == 0 ? nil : "weft launch needs root: try sudo."
        var prefix = ""
        for part in stateDirectory.split(separator: "/") {
            prefix += "/" + part
            guard unsafe mkdir(prefix, prefix == stateDirectory ? 0o700 : 0o755) == 0 || errno == EEXIST else {
                throw CommandFailure("cannot make the state directory \(prefix): \(words(errno))", advice: advice)
            }
        }
        let path = stateDirectory + "/weftd.log"
        var facts = stat()
        if unsafe lstat(path, &facts) == 0, facts.st_size > Self.sizeLimitBytes { _ = unsafe rename(path, path + ".1") }
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure("cannot write the log \(path): \(words(errno))", advice: advice)
        }
        return DaemonLog(path: path, descriptor: descriptor, start: lseek(descriptor, 0, SEEK_END))
    }

    deinit {
        _ = close(descriptor)
    }

    /// The end of what the new daemon has written.
    func lastWords() -> String {
        let bytes = contents(of: path, from: start, limitBytes: Self.lastWordsBytes) ?? []
        return String(decoding: bytes, as: UTF8.self)
    }
}
