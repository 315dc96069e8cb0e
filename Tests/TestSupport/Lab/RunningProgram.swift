import Foundation
import Glibc
import Synchronization

/// A child process that this one started.
public final class RunningProgram: Sendable {
    public let pid: pid_t
    /// The exit status once it has been collected; 128 and the signal's number if one ended it.
    private let ended = Mutex<Int32?>(nil)

    /// Starts a program found in PATH, in `folder`, where the files `output` and `errors` receive its streams.
    public init(_ arguments: [String], environment: [String: String] = [:], folder: URL) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The thread of a test blocks signals, and the program would inherit that: nothing could then end it politely.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let write = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, folder.appending(path: "output").path, write, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, folder.appending(path: "errors").path, write, 0o600)
        let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        // env(1) changes the folder and becomes the program: the process stays the same.
        let arguments = ["env", "--chdir=\(folder.path)"] + arguments
        var words = arguments.map { strdup($0) } + [nil]
        var variables = all.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for word in words + variables { free(word) }
        }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, "env", &actions, &attributes, &words, &variables)
        guard code == 0 else {
            throw CommandFailed("cannot start env: \(String(cString: strerror(code)))")
        }
        self.pid = pid
    }

    /// Waits for its end and returns its exit status.
    public func wait() -> Int32 {
        ended.withLock { ended in
            if let ended { return ended }
            let status = Self.collect(pid, 0) ?? -1
            ended = status
            return status
        }
    }

    public var isRunning: Bool {
        ended.withLock { ended in
            if ended == nil { ended = Self.collect(pid, WNOHANG) }
            return ended == nil
        }
    }

    /// Asks it to end, if it still runs.
    public func terminate() {
        if isRunning { _ = Glibc.kill(pid, SIGTERM) }
    }

    /// Ends it at once, if it still runs.
    public func kill() {
        if isRunning { _ = Glibc.kill(pid, SIGKILL) }
    }

    /// nil if it has not ended.
    private static func collect(_ pid: pid_t, _ options: Int32) -> Int32? {
        var status: Int32 = 0
        var found = waitpid(pid, &status, options)
        while found < 0, errno == EINTR { found = waitpid(pid, &status, options) }
        guard found != 0 else { return nil }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }
}
