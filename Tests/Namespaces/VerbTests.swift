import Foundation
import TestSupport
import Testing

extension Namespaces {
    /// Each verb as a user meets it.
    @Suite struct Verbs {
        @Test("launch prints the peer's name; a second launch says that it runs already and exits 3")
        func launchTwice() async throws {
            try await Lab.with(hosts: 1) { lab in
                let host = lab.hosts[0]
                let printed = try host.launch("--name", "02:00:00:00:0b:01")
                #expect(printed.contains("02:00:00:00:0b:01"))
                let again = try host.weft("launch", "--state-dir", host.stateDirectory)
                #expect(again.status == 3)
                #expect(again.errors.contains("already"))
                #expect(try host.require("status").contains("02:00:00:00:0b:01"))
            }
        }

        @Test("two daemons on one machine derive different names, and keep them")
        func derivedNames() async throws {
            try await Lab.with { lab in
                let names = try lab.hosts.map { try $0.launch().trimmingCharacters(in: .whitespacesAndNewlines) }
                #expect(Set(names).count == 2)
            }
        }

        @Test("a verb without a daemon names the socket and what to do")
        func noDaemon() async throws {
            try await Lab.with(hosts: 1) { lab in
                let host = lab.hosts[0]
                for verb in [["status"], ["ps"], ["report"], ["connect", "192.0.2.9"]] {
                    let result = try host.weft(verb)
                    #expect(result.status == 5, "weft \(verb)")
                    #expect(result.errors.contains(host.socket), "\(result.text)")
                }
            }
        }

        @Test("connect adds the good peers and exits 1 naming the bad one; forget removes by the text given")
        func connectAndForget() async throws {
            try await Lab.with { lab in
                let (one, two) = (lab.hosts[0], lab.hosts[1])
                try one.launch("--no-discovery")
                try two.launch("--no-discovery")
                let result = try one.weft("connect", two.address, "bad:peer:name")
                #expect(result.status == 1)
                #expect(result.errors.contains("bad:peer:name"))
                try await eventually("connected", within: .seconds(20)) { try one.connection(to: "host2") != nil }
                #expect(try one.require("status", "targets").contains(two.address))
                try one.require("connect", "--replace", "192.0.2.77")
                #expect(try !one.require("status", "targets").contains("\(two.address) "))
                try one.require("forget", "192.0.2.77")
                #expect(try !one.require("status", "targets").contains("192.0.2.77"))
            }
        }

        @Test("attach takes names, paths and pids; ps shows them; detach takes them away")
        func attach() async throws {
            try await Lab.with(hosts: 1) { lab in
                let host = lab.hosts[0]
                try host.launch()
                let named = try host.attach("named", "10.32.0.1/12", "10.40.0.1/16", in: lab)
                let byPath = try lab.makeContainer("path")
                try host.require("attach", "10.32.0.2/12", "/run/netns/\(byPath.namespace)")
                let byPid = try lab.makeContainer("pid")
                let sleeper = try lab.start(
                    ["ip", "netns", "exec", byPid.namespace, "sleep", "600"],
                    folder: lab.folder.appending(path: "sleep"))
                try await eventually("the process is in its namespace") {
                    try Command.require(["ip", "netns", "pids", byPid.namespace]).contains("\(sleeper.pid)")
                }
                try host.require("attach", "10.32.0.3/12", "\(sleeper.pid)")
                let listed = try host.require("ps")
                for address in ["10.32.0.1/12", "10.40.0.1/16", "10.32.0.2/12", "10.32.0.3/12"] {
                    #expect(listed.contains(address))
                }
                #expect(try named.reaches("10.32.0.3"))
                #expect(try named.run(["ip", "route", "show", "224.0.0.0/4"]).output.contains("ethwe"))
                try host.require("detach", "10.40.0.1/16", named.namespace)
                #expect(try !host.require("ps").contains("10.40.0.1/16"))
                #expect(try named.interfaces().contains("ethwe"))
                try host.require("detach", named.namespace)
                #expect(try named.interfaces() == ["lo"])
            }
        }

        @Test("attach refuses what is no container, and says what one can be called")
        func attachNothing() async throws {
            try await Lab.with(hosts: 1) { lab in
                let host = lab.hosts[0]
                try host.launch()
                let result = try host.weft("attach", "10.32.0.1/12", "nosuchcontainer")
                #expect(result.status == 4)
                #expect(result.errors.contains("nosuchcontainer"))
                let address = try host.weft("attach", "10.32.0.999/12", "nosuchcontainer")
                #expect(address.status != 0)
                #expect(address.errors.contains("10.32.0.999/12"))
            }
        }

        @Test("run gives a command a network of its own and passes on how it ended")
        func run() async throws {
            try await Lab.withPair { lab, _, _ in
                let host = lab.hosts[0]
                let ping = try host.weft("run", "10.32.0.9/12", "--", "ping", "-n", "-c", "3", "-i", "0.2", "10.32.0.2")
                #expect(ping.output.contains(" 0% packet loss"), "\(ping.text)")
                #expect(try host.weft("run", "10.32.0.9/12", "--", "sh", "-c", "exit 7").status == 7)
                try await eventually("nothing of it is left") { try !host.require("ps").contains("10.32.0.9/12") }
            }
        }

        @Test("status, its parts and the report show both hosts")
        func status() async throws {
            try await Lab.withPair { lab, _, _ in
                let host = lab.hosts[0]
                #expect(try host.require("status").contains("host1"))
                #expect(try host.require("status", "peers").contains("host2"))
                let connections = try host.require("status", "connections")
                #expect(connections.contains("established") && connections.contains(lab.hosts[1].address))
                let report = try JSONSerialization.jsonObject(with: Data(host.require("report").utf8)) as? [String: Any]
                let router = try #require(report?["Router"] as? [String: Any])
                #expect((router["Peers"] as? [Any])?.count == 2)
                #expect(router["NickName"] as? String == "host1")
            }
        }

        @Test("the control socket is the owner's alone")
        func socketMode() async throws {
            try await Lab.with(hosts: 1) { lab in
                let host = lab.hosts[0]
                try host.launch()
                let facts = try FileManager.default.attributesOfItem(atPath: host.socket)
                #expect((facts[.posixPermissions] as? NSNumber)?.intValue == 0o600)
            }
        }

        @Test(
            "every verb explains itself",
            arguments: [
                "launch", "stop", "reset", "connect", "forget", "attach", "detach", "ps", "run", "status", "report",
            ])
        func help(verb: String) throws {
            let result = try Command.run([Programs.weft, "help", verb])
            #expect(result.succeeded)
            #expect(result.output.contains("USAGE: weft \(verb)"))
        }
    }
}
