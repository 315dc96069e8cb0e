import ArgumentParser
import ControlTypes
import LaunchOptions
import Wire

/// `CIDR… CONTAINER`, as attach and detach take it: the last word is the container.
struct AddressesAndContainer {
    let addresses: [InterfaceAddress]
    let container: String

    init(_ words: [String]) throws {
        guard let container = words.last else { throw ValidationError("give a container") }
        self.container = container
        addresses = try words.dropLast().map { word in
            guard let address = InterfaceAddress(text: word) else {
                throw ValidationError("\"\(word)\" is no address with prefix length, such as 10.32.0.1/12")
            }
            return address
        }
        guard InterfaceAddress(text: container) == nil else {
            throw ValidationError("the last word must be the container, not the address \(container)")
        }
    }
}

/// What CONTAINER may be, for the help texts.
let containerHelp = """
    CONTAINER is a network namespace's name (ip netns), the path of one, a process id, or the id or name of a Docker or \
    Podman container.
    """

struct Attach: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give a container an interface in the overlay network.",
        usage: "weft attach <cidr> ... <container> [--socket <path>] [-o <format>]",
        discussion: """
            The interface is called ethwe. Addresses on different hosts must be in one subnet to reach each other.
            \(containerHelp)

              weft attach 10.32.0.1/12 web
            """)

    @OptionGroup var socket: ControlSocket
    @OptionGroup var format: OutputOption

    @Argument(help: ArgumentHelp("Addresses with prefix length, then the container.", valueName: "cidr... container"))
    var words: [String]

    func validate() throws {
        guard try !AddressesAndContainer(words).addresses.isEmpty else {
            throw ValidationError("give an address with prefix length before the container, such as 10.32.0.1/12")
        }
    }

    func run() throws {
        let parsed = try AddressesAndContainer(words)
        let answer = try ControlClient(socket).post(
            "/v1/attach", AttachRequest(container: parsed.container, addresses: parsed.addresses),
            as: AttachReply.self)
        for warning in answer.value.warnings { standardError("weft: \(warning.message)\n      \(warning.advice)") }
        switch format.output {
        case .json: standardOutput(json: answer.json)
        case .text:
            standardOutput(answer.value.container.addresses.map(\.description).joined(separator: " ") + "\n")
        }
    }
}

struct Detach: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take a container out of the overlay network.",
        usage: "weft detach [<cidr> ...] <container> [--socket <path>] [-o <format>]",
        discussion: """
            Without addresses, all are taken away, and the interface too; it goes with the last address anyway.
            \(containerHelp)
            """)

    @OptionGroup var socket: ControlSocket
    @OptionGroup var format: OutputOption

    @Argument(help: ArgumentHelp("Addresses to take away, then the container.", valueName: "cidr... container"))
    var words: [String]

    func validate() throws { _ = try AddressesAndContainer(words) }

    func run() throws {
        let parsed = try AddressesAndContainer(words)
        let answer = try ControlClient(socket).post(
            "/v1/detach", DetachRequest(container: parsed.container, addresses: parsed.addresses),
            as: DetachReply.self)
        switch format.output {
        case .json: standardOutput(json: answer.json)
        case .text: standardOutput(answer.value.addresses.map(\.description).joined(separator: " ") + "\n")
        }
    }
}

struct ListContainers: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ps", abstract: "List the containers that are attached on this host.")

    @OptionGroup var socket: ControlSocket
    @OptionGroup var format: OutputOption

    func run() throws {
        let answer = try ControlClient(socket).get("/v1/containers", as: [AttachedContainer].self)
        switch format.output {
        case .json: standardOutput(json: answer.json)
        case .text: standardOutput(containersText(answer.value, now: wallClockNow()))
        }
    }
}
