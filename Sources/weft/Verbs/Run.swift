import ArgumentParser
import CLinux
import ControlTypes
import Glibc
import LaunchOptions
import Wire

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a command in a fresh network namespace that is attached to the overlay network.",
        discussion: """
            For trying weft without a container engine; needs root. Everything but the network is the host's. The \
            namespace goes when its last process ends; the exit code is the command's.

              weft run 10.32.0.1/12 -- ping -c 3 10.32.0.2
            """)

    @OptionGroup var socket: ControlSocket

    @Argument(help: ArgumentHelp("Address with prefix length, such as 10.32.0.1/12.", valueName: "cidr"))
    var address: InterfaceAddress

    @Argument(parsing: .postTerminator, help: ArgumentHelp("The command and its arguments.", valueName: "command"))
    var command: [String]

    func validate() throws {
        guard !command.isEmpty else {
            throw ValidationError("give a command after --, such as: weft run \(address) -- sh")
        }
    }

    func run() throws {
        guard weft_unshare_network_namespace() == 0 else {
            throw CommandFailure(
                "cannot make a network namespace: \(words(errno))", advice: errno == EPERM ? "Run it as root." : nil)
        }
        guard weft_bring_loopback_up() == 0 else { throw CommandFailure("cannot bring lo up: \(words(errno))") }
        // exec keeps the pid, so the daemon can find the namespace by it for as long as the command runs.
        let answer = try ControlClient(socket).post(
            "/v1/attach",
            AttachRequest(
                container: String(getpid()), addresses: [address], label: command.joined(separator: " ")),
            as: AttachReply.self)
        for warning in answer.value.warnings { standardError("weft: \(warning.message)\n      \(warning.advice)") }
        let name = command.first ?? ""
        let code = execute(name, arguments: Array(command.dropFirst()))
        throw CommandFailure(
            "cannot start \(name): \(words(code))", exitCode: code == ENOENT ? .commandNotFound : .notExecutable)
    }
}
