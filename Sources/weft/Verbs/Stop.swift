import ArgumentParser
import ControlTypes
import Glibc
import LaunchOptions
import LocalHTTP

struct Stop: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stop weft on this host; containers stay attached.",
        discussion: """
            Containers on this host still reach each other. The next launch takes everything over as it is. Ends with \
            0 if weft is not running, too.
            """)

    @OptionGroup var socket: ControlSocket

    func run() throws {
        let client = ControlClient(socket)
        if client.isSilent() {
            return standardError("weft: weft is not running: nothing serves on \(socket.path)")
        }
        // Whether it is ready or not, stopping must work: the status is only needed for the process id.
        let processID = try client.send(.get("/v1/status"))
        let status = try? DaemonStatus(json: processID.body)
        try client.post("/v1/stop")
        try waitUntilGone(client, processID: status?.processID)
    }
}

/// Waits until nothing serves and the process has ended.
func waitUntilGone(_ client: ControlClient, processID: Int?) throws(CommandFailure) {
    // Chosen: the daemon's own limit for an orderly end is shorter.
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
        if client.isSilent(), processID.map({ !processRuns($0) }) ?? true { return }
        pauseBriefly()
    }
    throw CommandFailure(
        "weftd\(processID.map { ", pid \($0)," } ?? "") has not ended within 20 s",
        advice: "Its log says what it waits for.")
}

struct Reset: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remove everything that weft made on this host, and nothing else.",
        discussion: """
            Detaches all containers, removes the bridge and its ports, forgets the targets, stops the daemon and deletes \
            the stored state, the peer's name with it. Prints what was removed. If weft is not running, it is \
            started for a moment to find out what there is, without talking to any peer.
            """)

    @OptionGroup var socket: ControlSocket

    @Option(
        name: .customLong("state-dir"),
        help: ArgumentHelp(
            "The state directory, if weft is not running and it is not the default.", valueName: "directory"))
    var stateDirectory = LaunchOptions.defaultStateDirectory

    func run() throws {
        let client = ControlClient(socket)
        let status: DaemonStatus
        if client.isSilent() {
            status = try Launcher(
                options: LaunchOptions.parse([
                    "--socket", socket.path, "--state-dir", stateDirectory, "--for-removal",
                ])
            ).start()
        } else {
            status = try client.get("/v1/status", as: DaemonStatus.self).value
        }
        let removed = try client.post("/v1/reset", JSONValue.emptyObject, as: ResetReply.self).value.removed
        try waitUntilGone(client, processID: status.processID)
        // The daemon has its log open until it ends.
        for file in ["weftd.log", "weftd.log.1"] { _ = unsafe unlink(status.stateDirectory + "/" + file) }
        _ = unsafe rmdir(status.stateDirectory)
        for line in removed { standardOutput("removed \(line)\n") }
    }
}
