import ArgumentParser
import ControlTypes
import LaunchOptions

struct Launch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start weft on this host and connect to others.",
        discussion: """
            Starts the daemon weftd in the background, waits until it serves, and prints the name of this peer. The \
            daemon writes its log to weftd.log in the state directory. Needs root.

              weft launch                      on the first host
              weft launch FIRST-HOST           on every other
              weft launch --password-file F HOST

            Between the hosts, firewalls must let TCP and UDP port 6783 through. Exit code 3: weft runs already.
            """)

    @Flag(help: "Become the daemon, log to standard error, and tell a service manager when it is ready.")
    var foreground = false

    @OptionGroup var options: LaunchOptions

    func run() throws {
        if foreground { return try becomeDaemon(options) }
        let status = try Launcher(options: options).start()
        for warning in status.warnings { standardError("weft: \(warning.message)\n      \(warning.advice)") }
        standardOutput("\(status.peer.name)\n")
    }
}
