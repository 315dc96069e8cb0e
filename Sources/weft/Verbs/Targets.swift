import ArgumentParser
import ControlTypes
import LaunchOptions
import LocalHTTP

struct Connect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Connect to more hosts, now and after every restart.",
        discussion: """
            Good ones are added even if others are refused; then the exit code is 1, and the refused ones are named. \
            Hosts that are remembered already are tried again at once.
            """)

    @Flag(help: "Forget all hosts that were given before. Live connections stay.")
    var replace = false

    @OptionGroup var socket: ControlSocket

    @Argument(help: ArgumentHelp("HOST or HOST:PORT.", valueName: "peer"))
    var peers: [String] = []

    func validate() throws {
        guard replace || !peers.isEmpty else { throw ValidationError("give at least one peer: HOST or HOST:PORT") }
    }

    func run() throws {
        let client = ControlClient(socket)
        let response = try client.send(
            try client.request("/v1/connect", ConnectRequest(peers: peers, replace: replace)))
        guard response.status == 422 else {
            _ = try client.decoded(response, as: ConnectReply.self)
            return
        }
        let refused: [TargetRefusal]
        do throws(JSONError) {
            refused = try ConnectReply(json: response.body).refused
        } catch {
            throw client.refusal(response)
        }
        for refusal in refused { standardError("weft: \(refusal.peer): \(refusal.reason)") }
        let added = peers.count - refused.count
        throw CommandFailure(
            "\(refused.count) of \(peers.count) peers refused" + (added > 0 ? "; the others were added" : ""))
    }
}

struct Forget: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "No longer connect to these hosts.",
        discussion:
            "Live connections stay until one side ends; unknown hosts are ignored. weft status targets lists them.")

    @OptionGroup var socket: ControlSocket

    @Argument(help: ArgumentHelp("Exactly as it was given to launch or connect.", valueName: "peer"))
    var peers: [String]

    func run() throws {
        try ControlClient(socket).post("/v1/forget", ForgetRequest(peers: peers))
    }
}
