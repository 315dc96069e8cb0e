import ArgumentParser
import ControlTypes
import Glibc

/// `weft`: the command that people and scripts use. Everything but `launch` and `run` is a call of the daemon's control
/// API.
@main
struct Weft: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weft",
        abstract: "Connect containers on different hosts as if they were on one switch.",
        discussion: """
            On the first host:   weft launch
            On every other:      weft launch FIRST-HOST
            A container:         weft attach 10.32.0.1/12 CONTAINER
            No container engine: weft run 10.32.0.1/12 -- sh
            What is going on:    weft status

            Hosts need TCP and UDP port 6783 to each other.

            Exit codes: 0 done; 1 refused or failed; 3 weft runs already; 4 not found; 5 no daemon can be reached; \
            64 wrong usage.
            """,
        version: "weft \(WeftVersion.text)",
        subcommands: [
            Launch.self, Stop.self, Reset.self, Connect.self, Forget.self, Attach.self, Detach.self,
            ListContainers.self,
            Run.self, Status.self, ShowReport.self, Version.self,
        ])

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as CommandFailure {
            failure.tell()
            Glibc.exit(failure.exitCode.rawValue)
        } catch {
            exit(withError: error)
        }
    }
}
