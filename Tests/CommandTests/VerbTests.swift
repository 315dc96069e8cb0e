import ControlFakes
import ControlTypes
import Foundation
import TestSupport
import Testing
import Wire

@Suite("Verbs against a daemon", .serialized)
struct VerbTests {
    @Test("connect adds peers and says nothing; with a bad one it names it and ends with 1")
    func connect() async throws {
        try await withDaemon { (socket: String, operations: FakeOperations) async throws in
            #expect(
                try await weft(["connect", "--replace", "10.0.0.1", "h:7000"], socket: socket)
                    == CommandResult(status: 0, output: "", errors: ""))
            operations.change { $0.refusals = [TargetRefusal(peer: "bad:", reason: "invalid peer name \"bad:\"")] }
            #expect(
                try await weft(["connect", "good", "bad:"], socket: socket)
                    == CommandResult(
                        status: 1, output: "",
                        errors: """
                            weft: bad:: invalid peer name "bad:"
                            weft: 1 of 2 peers refused; the others were added

                            """))
            #expect(operations.calls == ["connect 10.0.0.1 h:7000 replace", "connect good bad:"])
            #expect(try await weft(["connect"], socket: socket).status == 64)
        }
    }

    @Test("forget passes the peers on")
    func forget() async throws {
        try await withDaemon { (socket: String, operations: FakeOperations) async throws in
            #expect(try await weft(["forget", "a", "b"], socket: socket).status == 0)
            #expect(operations.calls == ["forget a b"])
            #expect(try await weft(["forget"], socket: socket).status == 64)
        }
    }

    @Test("attach and detach print the addresses")
    func attach() async throws {
        try await withDaemon { (socket: String, operations: FakeOperations) async throws in
            let attached = try await weft(["attach", "10.32.0.1/12", "10.40.0.1/16", "web"], socket: socket)
            #expect(attached == CommandResult(status: 0, output: "10.32.0.1/12 10.40.0.1/16\n", errors: ""))
            let detached = try await weft(["detach", "10.32.0.1/12", "web"], socket: socket)
            #expect(detached == CommandResult(status: 0, output: "10.32.0.1/12\n", errors: ""))
            #expect(try await weft(["detach", "web"], socket: socket).status == 0)
            #expect(
                operations.calls
                    == ["attach 10.32.0.1/12 10.40.0.1/16 web -", "detach 10.32.0.1/12 web", "detach web"])
            for wrong in [
                ["attach", "web"], ["attach", "10.0.0.1", "web"], ["attach", "web", "10.0.0.1/8"], ["attach"],
            ] {
                #expect(try await weft(wrong, socket: socket).status == 64, "\(wrong)")
            }
        }
    }

    @Test("a container that is not found ends with 4, a refusal with 1, both with the daemon's words and advice")
    func refusals() async throws {
        try await withDaemon { (socket: String, operations: FakeOperations) async throws in
            for (code, status) in [(ControlError.Code.notFound, 4), (.conflict, 1), (.failed, 1), (.unavailable, 1)] {
                operations.change { $0.error = ControlError(code, "it is so", advice: "Do this.") }
                #expect(
                    try await weft(["attach", "10.0.0.1/8", "web"], socket: socket)
                        == CommandResult(status: Int32(status), output: "", errors: "weft: it is so\n      Do this.\n"))
            }
        }
    }

    @Test("ps lists containers, and says how to attach one when there is none")
    func ps() async throws {
        try await withDaemon { (socket: String, operations: FakeOperations) async throws in
            #expect(try await weft(["ps"], socket: socket).output.contains("weft attach"))
            let address = try #require(InterfaceAddress(text: "10.32.0.1/12"))
            operations.change { $0.attached = [Sample.container("web", [address], label: "sh")] }
            let text = try await weft(["ps"], socket: socket).output
            for word in ["CONTAINER", "web", "10.32.0.1/12", "8a:ed:82:b2:e1:00", "ethwe", "1438", "sh"] {
                #expect(text.contains(word), "\(word)")
            }
            let json = try await weft(["ps", "-o", "json"], socket: socket).output
            #expect(try [AttachedContainer](json: Array(json.utf8)).first?.container == "web")
        }
    }

    @Test("status and its parts come as text and as JSON")
    func status() async throws {
        try await withDaemon { (socket: String, operations: FakeOperations) async throws in
            operations.change { state in
                state.connections = [Sample.established, Sample.failed]
                state.targets = [TargetStatus(text: "host2", state: .connected)]
            }
            let text = try await weft(["status"], socket: socket)
            #expect(text.status == 0)
            #expect(text.errors == "")
            #expect(text.output.contains("established") && text.output.contains("connection refused"))
            #expect(try await weft(["status", "targets"], socket: socket).output.contains("host2"))
            #expect(try await weft(["status", "peers"], socket: socket).status == 0)
            let json = try await weft(["status", "connections", "-o", "json"], socket: socket).output
            #expect(try [ConnectionStatus](json: Array(json.utf8)) == [Sample.established, Sample.failed])
            let whole = try await weft(["status", "--output", "json"], socket: socket).output
            #expect(try DaemonStatus(json: Array(whole.utf8)) == Sample.status)
            #expect(try await weft(["status", "nonsense"], socket: socket).status == 64)
            #expect(try await weft(["status", "-o", "xml"], socket: socket).status == 64)
        }
    }

    @Test("report prints the report, version both versions")
    func report() async throws {
        try await withDaemon { (socket: String, _: FakeOperations) async throws in
            let report = try await weft(["report"], socket: socket)
            #expect(try report.output == Sample.report.json(.report) + "\n")
            #expect(
                try await weft(["version"], socket: socket).output
                    == "weft \(WeftVersion.text)\nweftd \(WeftVersion.text)\n")
        }
    }

    @Test("stop asks the daemon to end and waits until it has; a second stop is content")
    func stop() async throws {
        try await withDaemon { (socket: String, operations: FakeOperations) async throws in
            // A process that is not there: the daemon of this test ends only its server.
            operations.change { $0.status.processID = 0 }
            let stopped = try await weft(["stop"], socket: socket)
            #expect(stopped == CommandResult(status: 0, output: "", errors: ""))
            #expect(operations.calls.filter { $0 == "stop" } == ["stop"])
            let again = try await weft(["stop"], socket: socket)
            #expect(again.status == 0)
            #expect(again.errors.contains("not running"))
        }
    }

    @Test("reset prints what was removed, and takes the log away")
    func reset() async throws {
        let state = try temporaryDirectory()
        try Data().write(to: state.appending(path: "weftd.log"))
        try await withDaemon { (socket: String, operations: FakeOperations) async throws in
            operations.change { status in
                status.status.processID = 0
                status.status.stateDirectory = state.path
            }
            let result = try await weft(["reset"], socket: socket)
            #expect(result == CommandResult(status: 0, output: "removed bridge weave\nremoved peer name\n", errors: ""))
            #expect(!FileManager.default.fileExists(atPath: state.path))
        }
    }

    @Test("without a daemon, every verb that needs one ends with 5 and says how to start it")
    func unreachable() async throws {
        let verbs = [
            ["connect", "a"], ["forget", "a"], ["attach", "10.0.0.1/8", "a"], ["detach", "a"], ["ps"], ["status"],
            ["status", "peers"], ["report"],
        ]
        for verb in verbs {
            let result = try await weft(verb)
            #expect(result.status == 5, "\(verb)")
            #expect(result.output == "")
            #expect(result.errors.contains("weft launch"), "\(result.errors)")
        }
        #expect(try await weft(["version"]).output == "weft \(WeftVersion.text)\nweftd not running\n")
    }

    @Test("help of every verb names its options and is content")
    func help() async throws {
        let verbs = [
            "launch", "stop", "reset", "connect", "forget", "attach", "detach", "ps", "run", "status", "report",
            "version",
        ]
        for verb in verbs {
            let result = try await weft(["help", verb])
            #expect(result.status == 0, "\(verb)")
            #expect(result.output.contains("--socket"), "\(verb)")
        }
        let root = try await weft(["help"])
        for verb in verbs { #expect(root.output.contains("\n  \(verb)"), "\(verb)") }
        #expect(try await weft(["nonsense"]).status == 64)
    }
}
