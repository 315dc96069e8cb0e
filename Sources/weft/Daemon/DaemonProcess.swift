import ControlTypes
import Glibc

/// A daemon that was started in the background, in a session of its own, with its output in a log file.
struct DaemonProcess {
    enum State: Equatable {
        case running
        case exited(status: Int)
        case killed(signal: Int)
    }
    let processID: pid_t

    /// - Parameters:
    ///   - log: an open file for standard output and error.
    ///   - password: an open file that the daemon inherits as descriptor ``passwordDescriptor``.
    init(executable: String, arguments: [String], log: CInt, password: CInt?) throws(CommandFailure) {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, log, STDOUT_FILENO)
        unsafe posix_spawn_file_actions_adddup2(&actions, log, STDERR_FILENO)
        if let password { unsafe posix_spawn_file_actions_adddup2(&actions, password, Self.passwordDescriptor) }

        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        unsafe posix_spawnattr_setflags(&attributes, Self.newSession)

        var processID: pid_t = 0
        let vector = ArgumentVector([executable] + arguments)
        let code = unsafe vector.withPointers { words in
            unsafe posix_spawn(&processID, executable, &actions, &attributes, words, environ)
        }
        guard code == 0 else {
            throw CommandFailure("cannot start \(executable): \(words(code))")
        }
        self.processID = processID
    }

    /// The first descriptor after the standard ones.
    static let passwordDescriptor: CInt = 3
    /// POSIX_SPAWN_SETSID of spawn.h, which shows it only with _GNU_SOURCE.
    private static let newSession: Int16 = 0x80

    /// Looks without waiting.
    func state() -> State {
        var status: CInt = 0
        guard unsafe waitpid(processID, &status, WNOHANG) == processID else { return .running }
        // The macros of sys/wait.h: the low seven bits are the signal, the next byte the exit status.
        let signal = Int(status & 0x7f)
        return signal == 0 ? .exited(status: Int(status >> 8 & 0xff)) : .killed(signal: signal)
    }

    func terminate() {
        _ = kill(processID, SIGTERM)
    }
}

/// Whether a process of that id runs; one that has ended and only waits for its parent does not.
func processRuns(_ processID: Int) -> Bool {
    guard let processID = pid_t(exactly: processID), processID > 0 else { return false }
    guard kill(processID, 0) == 0 || errno != ESRCH else { return false }
    guard let facts = contents(of: "/proc/\(processID)/stat", from: 0, limitBytes: 512) else { return true }
    // "4711 (name) Z ...": the name may hold anything, a parenthesis too.
    guard let end = facts.lastIndex(of: UInt8(ascii: ")")), end + 2 < facts.count else { return true }
    return facts[end + 2] != UInt8(ascii: "Z")
}

/// The bytes of a file from an offset on, the last `limitBytes` of them; nil if it cannot be read.
func contents(of path: String, from start: Int, limitBytes: Int) -> [UInt8]? {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { _ = close(file) }
    // /proc has no sizes; a log file's end is sought.
    let end = lseek(file, 0, SEEK_END)
    _ = lseek(file, max(start, end - limitBytes), SEEK_SET)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while bytes.count < limitBytes {
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
        guard count > 0 else { break }
        bytes += buffer[..<count]
    }
    return bytes
}

/// A pause between two looks at something that takes its time.
func pauseBriefly() {
    _ = usleep(20_000)
}
