import ArgumentParser
import ControlTypes
import LaunchOptions
import LocalHTTP

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what the daemon is doing.",
        discussion: """
            Without a word: everything at a glance, with warnings and what to do about them.
              connections  each connection and attempt: address, peer, path, encryption, MTU, round trip, last error
              peers        all peers of the mesh, and who is connected to whom
              targets      the hosts that weft was told to connect to
              datapath     the kernel's datapath: ports, flows with their counters, what was dropped
            """)

    enum Part: String, CaseIterable, ExpressibleByArgument {
        case connections, peers, targets, datapath
    }

    @OptionGroup var socket: ControlSocket
    @OptionGroup var format: OutputOption

    @Argument(help: ArgumentHelp("connections, peers, targets or datapath.", valueName: "part"))
    var part: Part?

    func run() throws {
        let client = ControlClient(socket)
        let now = wallClockNow()
        switch part {
        case nil:
            let status = try client.get("/v1/status", as: DaemonStatus.self)
            if format.output == .json { return standardOutput(json: status.json) }
            let connections = try client.get("/v1/connections", as: [ConnectionStatus].self).value
            standardOutput(statusText(status.value, connections: connections, now: now))
        case .connections:
            try show("/v1/connections", as: [ConnectionStatus].self, client) { connectionsText($0, now: now) }
        case .peers: try show("/v1/peers", as: [PeerStatus].self, client) { peersText($0) }
        case .targets: try show("/v1/targets", as: [TargetStatus].self, client) { targetsText($0, now: now) }
        case .datapath: try show("/v1/datapath", as: DatapathStatus.self, client) { datapathText($0) }
        }
    }

    private func show<Value: Decodable>(
        _ path: String, as type: Value.Type, _ client: ControlClient, text: (Value) -> String
    ) throws {
        let answer = try client.get(path, as: type)
        switch format.output {
        case .json: standardOutput(json: answer.json)
        case .text: standardOutput(text(answer.value))
        }
    }
}

struct ShowReport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Show the whole state as JSON, in Weave Net's schema.")

    @OptionGroup var socket: ControlSocket

    func run() throws {
        let client = ControlClient(socket)
        let response = try client.send(
            .init(method: "GET", path: "/report", headers: [("Accept", "application/json")]))
        guard response.status == 200 else { throw CommandFailure(firstLine(response.text)) }
        standardOutput(response.text + "\n")
    }
}

private func firstLine(_ text: String) -> String {
    text.split(separator: "\n").first.map(String.init) ?? "the daemon gave no report"
}

struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the versions of this command and of the daemon.")

    @OptionGroup var socket: ControlSocket

    func run() throws {
        standardOutput("weft \(WeftVersion.text)\n")
        let client = ControlClient(socket)
        if client.isSilent() {
            standardOutput("weftd not running\n")
        } else {
            standardOutput("weftd \(try client.get("/v1/status", as: DaemonStatus.self).value.version)\n")
        }
    }
}
