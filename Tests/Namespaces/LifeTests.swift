import Foundation
import TestSupport
import Testing

extension Namespaces {
    @Suite struct Life {
        @Test("after kill -9 and a new launch the same containers talk again")
        func killed() async throws {
            try await Lab.withPair { lab, first, _ in
                let second = lab.hosts[1]
                let daemon = try second.daemon()
                #expect(kill(daemon, SIGKILL) == 0)
                try await eventually("the daemon is gone") { try !second.weft("status").succeeded }
                try second.launch(lab.hosts[0].address)
                // A release build needs less than a second (docs/benchmarks.md); this bound holds for debug builds.
                try await eventually("traffic flows again", within: .seconds(5)) { try first.reaches("10.32.0.2") }
                #expect(try second.require("ps").contains("10.32.0.2/12"))
            }
        }

        @Test("a daemon that only others dial dials them itself after kill -9, here where they cannot reach it")
        func recalled() async throws {
            try await Lab.withPair { lab, first, _ in
                let dialled = lab.hosts[0]
                // Written a moment after the connection came up.
                try await eventually("the neighbour is remembered") {
                    try dialled.run(["grep", "-aq", lab.hosts[1].address, "\(dialled.stateDirectory)/weft.db"])
                        .succeeded
                }
                #expect(kill(try dialled.daemon(), SIGKILL) == 0)
                try await eventually("the daemon is gone") { try !dialled.weft("status").succeeded }
                try dialled.deafen(to: lab.hosts[1], "tcp dport 6783")
                try dialled.launch()
                // A release build needs less than a second (docs/benchmarks.md); this bound holds for debug builds.
                try await eventually("traffic flows again", within: .seconds(2)) { try first.reaches("10.32.0.2") }
            }
        }

        @Test("a second daemon on a host changes nothing that the first one uses")
        func second() async throws {
            try await Lab.with(hosts: 1) { lab in
                let host = lab.hosts[0]
                try host.launch()
                let name = try peerName(host)
                let mtu = try bridgeMTU(host)
                let arguments = ["--name", "02:00:00:00:0b:99", "--mtu", "1000", "--foreground"]
                let same = try host.weft(["launch", "--state-dir", host.stateDirectory] + arguments)
                #expect(same.status == 3, "\(same.text)")
                let other = try host.weft(
                    [
                        "launch", "--state-dir", host.stateDirectory, "--socket", "\(host.stateDirectory)/other.sock",
                    ] + arguments)
                #expect(other.status == 1 && other.text.contains("is weftd running already?"), "\(other.text)")
                #expect(try bridgeMTU(host) == mtu)
                try host.require("stop")
                try await eventually("the daemon has ended") { try !host.weft("status").succeeded }
                try host.launch()
                #expect(try peerName(host) == name)
            }
        }

        @Test("targets, the peer's name and attachments are remembered over a restart")
        func remembered() async throws {
            try await Lab.withPair { lab, first, _ in
                let second = lab.hosts[1]
                let name = try peerName(second)
                try second.require("stop")
                try await eventually("the daemon has ended") { try !second.weft("status").succeeded }
                try second.launch()
                #expect(try peerName(second) == name)
                #expect(try second.require("status", "targets").contains(lab.hosts[0].address))
                try await eventually("traffic flows again", within: .seconds(10)) { try first.reaches("10.32.0.2") }
            }
        }

        @Test("a container that moved to the other host is reached after its first frame")
        func moved() async throws {
            try await Lab.with { lab in
                let (one, two) = (lab.hosts[0], lab.hosts[1])
                try one.launch()
                try two.launch(one.address)
                let still = try one.attach("still", "10.32.0.1/12", in: lab)
                let stayed = try two.attach("stayed", "10.32.0.2/12", in: lab)
                let mover = try two.attach("mover", "10.32.0.3/12", in: lab)
                try await eventually("all reach the first", within: .seconds(20)) {
                    try mover.reaches("10.32.0.1") && stayed.reaches("10.32.0.1")
                }
                let hardware = try hardwareAddress(mover)
                try two.require("detach", mover.namespace)
                let moved = try one.attach("moved", "10.32.0.3/12", in: lab)
                // The same address on the wire: the other switch has learnt it at the old place.
                try Command.require(["ip", "-n", moved.namespace, "link", "set", "ethwe", "address", hardware])
                // Its own first frames, towards each of them: their kernels had the address of the fresh interface.
                #expect(try moved.run(["ping", "-n", "-c", "1", "-W", "2", "10.32.0.2"]).succeeded)
                #expect(try moved.run(["ping", "-n", "-c", "1", "-W", "2", "10.32.0.1"]).succeeded)
                #expect(try stayed.reaches("10.32.0.3"))
                #expect(try still.reaches("10.32.0.3"))
            }
        }

        @Test("stop leaves containers of the host attached and talking")
        func stop() async throws {
            try await Lab.with(hosts: 1) { lab in
                let host = lab.hosts[0]
                try host.launch()
                let first = try host.attach("box1", "10.32.0.1/12", in: lab)
                _ = try host.attach("box2", "10.32.0.2/12", in: lab)
                try host.require("stop")
                try await eventually("the daemon has ended") { try !host.weft("status").succeeded }
                #expect(try first.reaches("10.32.0.2"))
                #expect(try first.interfaces().contains("ethwe"))
            }
        }

        @Test("reset removes everything that weft made and nothing else")
        func reset() async throws {
            try await Lab.withPair { lab, first, _ in
                let host = lab.hosts[0]
                try Command.require(["ip", "-n", host.namespace, "link", "add", "mine", "type", "bridge"])
                try host.require("reset")
                try await eventually("the daemon has ended") { try !host.weft("status").succeeded }
                #expect(try host.interfaces() == ["lo", "eth0", "mine"])
                #expect(try first.interfaces() == ["lo"])
                let left = (try? FileManager.default.contentsOfDirectory(atPath: host.stateDirectory)) ?? []
                #expect(left.filter { !$0.contains("log") }.isEmpty, "left: \(left)")
            }
        }

        @Test("reset works where no daemon runs any more")
        func resetWithoutDaemon() async throws {
            try await Lab.with(hosts: 1) { lab in
                let host = lab.hosts[0]
                try host.launch()
                _ = try host.attach("box1", "10.32.0.1/12", in: lab)
                #expect(kill(try host.daemon(), SIGKILL) == 0)
                try await eventually("the daemon is gone") { try !host.weft("status").succeeded }
                let result = try host.weft("reset", "--state-dir", host.stateDirectory)
                #expect(result.succeeded, "\(result.text)")
                #expect(try host.interfaces() == ["lo", "eth0"])
            }
        }

        @Test("status says that the bridge is down, and that it is up again")
        func bridgeDown() async throws {
            try await Lab.with(hosts: 1) { lab in
                let host = lab.hosts[0]
                try host.launch()
                try Command.require(["ip", "-n", host.namespace, "link", "set", "weave", "down"])
                try await eventually("status says down") { try bridgeState(host) == "down" }
                try Command.require(["ip", "-n", host.namespace, "link", "set", "weave", "up"])
                try await eventually("status says up") { try bridgeState(host) == "up" }
            }
        }

        @Test("an underlay address that is gone ends its connections at once, and status says why")
        func addressGone() async throws {
            try await Lab.withPair { lab, _, _ in
                let host = lab.hosts[1]
                try Command.require(["ip", "-n", host.namespace, "addr", "del", "\(host.address)/24", "dev", "eth0"])
                try await eventually("status says why", within: .seconds(5)) {
                    try host.require("status", "connections").contains(
                        "this host no longer has the address \(host.address)")
                        || host.logTail().contains("this host no longer has the address \(host.address)")
                }
                #expect(try host.connection(to: lab.hosts[0].nickname) == nil)
                try Command.require(["ip", "-n", host.namespace, "addr", "add", "\(host.address)/24", "dev", "eth0"])
                try await eventually("both are connected again", within: .seconds(60)) {
                    try host.connection(to: lab.hosts[0].nickname) != nil
                }
            }
        }

        @Test("a bridge that goes down is told in the log without anyone asking")
        func bridgeDownInLog() async throws {
            try await Lab.with(hosts: 1) { lab in
                let host = lab.hosts[0]
                try host.launch()
                try Command.require(["ip", "-n", host.namespace, "link", "set", "weave", "down"])
                try await eventually("the log tells", within: .seconds(5)) {
                    host.logTail().contains("bridge weave is down")
                }
            }
        }

        private func peerName(_ host: LabHost) throws -> String {
            let peer = (try host.status() as? [String: Any])?["peer"] as? [String: Any]
            return try #require(peer?["name"] as? String)
        }

        private func bridgeMTU(_ host: LabHost) throws -> Int {
            let bridge = (try host.status() as? [String: Any])?["bridge"] as? [String: Any]
            return try #require(bridge?["mtu"] as? Int)
        }

        private func bridgeState(_ host: LabHost) throws -> String? {
            ((try host.status() as? [String: Any])?["bridge"] as? [String: Any])?["state"] as? String
        }

        private func hardwareAddress(_ container: LabContainer) throws -> String {
            try container.run(["cat", "/sys/class/net/ethwe/address"]).output
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }
}
