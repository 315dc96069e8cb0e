import ArgumentParser
import ControlTypes

/// Why a verb could not do its work: what is printed on standard error, and the exit code.
struct CommandFailure: Error, Equatable {
    let message: String
    /// The next step, on a line of its own.
    let advice: String?
    let exitCode: ExitCode

    init(_ message: String, advice: String? = nil, exitCode: ExitCode = .refused) {
        self.message = message
        self.advice = advice
        self.exitCode = exitCode
    }

    init(_ error: ControlError) {
        self.init(error.message, advice: error.advice, exitCode: error.code == .notFound ? .notFound : .refused)
    }

    func tell() {
        standardError("weft: \(message)")
        if let advice { standardError("      \(advice)") }
    }
}

extension ExitCode {
    /// The daemon or the kernel refused.
    static let refused = ExitCode(1)
    /// `launch`: a daemon serves already.
    static let runsAlready = ExitCode(3)
    /// No such container.
    static let notFound = ExitCode(4)
    /// No daemon can be reached on the socket.
    static let unreachable = ExitCode(5)
    /// `run`, as shells do: the command was found but cannot be started.
    static let notExecutable = ExitCode(126)
    /// `run`, as shells do: there is no such command.
    static let commandNotFound = ExitCode(127)
}
