import ArgumentParser
import ControlTypes
import Glibc
import LaunchOptions

/// Starts a daemon in the background and waits until it serves.
struct Launcher {
    /// Chosen: a daemon that has not come up by then will not.
    static let limit = Duration.seconds(30)

    let options: LaunchOptions

    /// The state of the daemon that serves now.
    func start() throws(CommandFailure) -> DaemonStatus {
        try refuseSecondLaunch()
        let executable = try daemonExecutable()
        var password: CInt?
        var passwordFile = options.passwordFile.map(absolutePath)
        if options.passwordFile == "-" {
            password = try passwordPipe()
            passwordFile = "/dev/fd/\(DaemonProcess.passwordDescriptor)"
        }
        defer {
            if let password { _ = close(password) }
        }
        let log = try DaemonLog.opening(stateDirectory: options.stateDirectory)
        let daemon = try DaemonProcess(
            executable: executable, arguments: options.arguments(passwordFile: passwordFile), log: log.descriptor,
            password: password)
        return try waitUntilServing(daemon, log: log)
    }

    private func refuseSecondLaunch() throws(CommandFailure) {
        let client = ControlClient(socketPath: options.socket.path, timeout: .seconds(30))
        guard !client.isSilent() else { return }
        throw Self.runsAlready(try client.get("/v1/status", as: DaemonStatus.self).value)
    }

    private static func runsAlready(_ status: DaemonStatus) -> CommandFailure {
        CommandFailure(
            "weft runs already as \(name(status.peer)), pid \(status.processID)",
            advice: "Stop it with weft stop, or connect to more hosts with weft connect.", exitCode: .runsAlready)
    }

    private func waitUntilServing(
        _ daemon: DaemonProcess, log: borrowing DaemonLog
    ) throws(CommandFailure) -> DaemonStatus {
        let client = ControlClient(socketPath: options.socket.path, timeout: .seconds(2))
        let deadline = ContinuousClock.now + Self.limit
        while ContinuousClock.now < deadline {
            switch daemon.state() {
            case .running: break
            case .exited(let status):
                standardError(log.lastWords())
                throw CommandFailure(
                    "weftd ended with status \(status)", advice: "Its log is \(log.path).",
                    exitCode: status == 3 ? .runsAlready : .refused)
            case .killed(let signal):
                standardError(log.lastWords())
                throw CommandFailure("weftd was killed by signal \(signal)", advice: "Its log is \(log.path).")
            }
            if let status = servingStatus(client) {
                if status.processID == Int(daemon.processID) { return status }
                daemon.terminate()
                throw Self.runsAlready(status)
            }
            pauseBriefly()
        }
        daemon.terminate()
        standardError(log.lastWords())
        throw CommandFailure(
            "weftd did not serve on \(options.socket.path) within \(Self.limit.components.seconds) s; it was stopped",
            advice: "Its log is \(log.path).")
    }

    /// nil while the daemon does not answer, or answers that it is starting.
    private func servingStatus(_ client: ControlClient) -> DaemonStatus? {
        do throws(CommandFailure) {
            return try client.get("/v1/status", as: DaemonStatus.self).value
        } catch {
            return nil
        }
    }

    /// The daemon may run in another working directory.
    private func absolutePath(_ path: String) -> String {
        guard !path.hasPrefix("/"), let directory = unsafe getcwd(nil, 0) else { return path }
        defer { unsafe free(directory) }
        return unsafe String(cString: directory) + "/" + path
    }

    /// The password from standard input in a pipe, which holds it until the daemon reads it.
    private func passwordPipe() throws(CommandFailure) -> CInt {
        let password: Password
        do throws(PasswordError) {
            password = try Password(file: "-")
        } catch {
            throw CommandFailure("\(error)")
        }
        var ends: [CInt] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw CommandFailure("cannot make a pipe: \(words(errno))") }
        // Only the copy that posix_spawn makes is inherited. The password is shorter than a pipe holds (pipe(7)).
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let count = unsafe password.bytes.withUnsafeBytes { unsafe write(ends[1], $0.baseAddress, $0.count) }
        _ = close(ends[1])
        guard count == password.bytes.count else {
            _ = close(ends[0])
            throw CommandFailure("cannot pass the password on: \(words(errno))")
        }
        return ends[0]
    }
}

/// Becomes `weftd`, for service managers; returns only by throwing.
func becomeDaemon(_ options: LaunchOptions) throws(CommandFailure) {
    let executable = try daemonExecutable()
    let code = execute(executable, arguments: options.arguments(passwordFile: options.passwordFile))
    throw CommandFailure("cannot start \(executable): \(words(code))")
}
