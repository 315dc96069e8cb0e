import Foundation
import TestSupport
import Testing

extension Lab {
    /// Hosts launched without discovery, each told of those with these numbers, and a container 10.32.0.N on each. Returns
    /// when the first reaches the last.
    static func withShape<Result>(
        _ targets: [[Int]], underlayMTU: Int = 1500, password: String? = nil, options: [String] = [],
        _ body: (Lab, [LabContainer]) async throws -> Result
    ) async throws -> Result {
        try await with(hosts: targets.count, underlayMTU: underlayMTU) { lab in
            var containers: [LabContainer] = []
            for (host, numbers) in zip(lab.hosts, targets) {
                var all = ["--no-discovery"] + options
                if let password { all += ["--password-file", try host.passwordFile(password)] }
                try host.launch(all + numbers.map { lab.hosts[$0 - 1].address })
                containers.append(try host.attach("box\(host.number)", "10.32.0.\(host.number)/12", in: lab))
            }
            let last = "10.32.0.\(targets.count)"
            try await eventually("box1 reaches \(last)", within: .seconds(20)) { try containers[0].reaches(last) }
            return try await body(lab, containers)
        }
    }

    /// Every container reaches every other one, without loss.
    func allReachAll(_ containers: [LabContainer]) throws {
        for (index, container) in containers.enumerated() {
            for other in containers.indices where other != index {
                let result = try container.run([
                    "ping", "-n", "-c", "3", "-i", "0.1", "-W", "2", "10.32.0.\(other + 1)",
                ])
                if !result.output.contains(" 0% packet loss") {
                    throw CommandFailed("box\(index + 1) to box\(other + 1): \(result.text)")
                }
            }
        }
    }
}

extension Namespaces {
    /// Hosts that are not all connected to each other.
    @Suite struct Shapes {
        @Test("the ends of a line of three talk through the middle", arguments: [nil, "correct horse"])
        func lineOfThree(password: String?) async throws {
            try await Lab.withShape([[], [1], [2]], password: password) { lab, boxes in
                try lab.allReachAll(boxes)
                #expect(try lab.hosts[0].connection(to: "host3") == nil)
                #expect(try lab.hosts[0].nextHop(toward: "host3") == "host2")
            }
        }

        @Test(
            "a line of five, a ring of four and two islands with one bridge all carry without loss",
            arguments: [
                [[], [1], [2], [3], [4]], [[], [1], [2], [3, 1]], [[], [1], [1, 2], [3], [3, 4]],
            ])
        func shapes(targets: [[Int]]) async throws {
            try await Lab.withShape(targets) { lab, boxes in
                try await eventually("all reach all", within: .seconds(10)) {
                    try boxes[boxes.count - 1].reaches("10.32.0.1")
                }
                try lab.allReachAll(boxes)
                // A broadcast reaches each once: more answers than one would be shown as duplicates.
                let broadcast = try boxes[0].run([
                    "ping", "-n", "-c", "3", "-i", "0.1", "-W", "1", "10.32.0.\(boxes.count)",
                ])
                #expect(!broadcast.output.contains("DUP"))
            }
        }

        @Test("TCP over a relay arrives as it was sent", arguments: [nil, "correct horse"])
        func relayedBytes(password: String?) async throws {
            try await Lab.withShape([[], [1], [2]], password: password) { lab, boxes in
                try await transferIsExact(lab, from: boxes[0], to: boxes[2], address: "10.32.0.3")
            }
        }

        @Test("a packet that fits the first link and not the second is answered with the size that fits")
        func narrowSecondLink() async throws {
            try await Lab.with(hosts: 3) { lab in
                let far = lab.hosts[2]
                try Command.require(["ip", "-n", far.namespace, "link", "set", "eth0", "mtu", "1300"])
                for (host, targets) in zip(lab.hosts, [[], [1], [2]]) {
                    try host.launch(
                        ["--no-discovery", "--mtu", "20000"] + targets.map { lab.hosts[$0 - 1].address })
                }
                let first = try lab.hosts[0].attach("box1", "10.32.0.1/12", in: lab)
                _ = try far.attach("box3", "10.32.0.3/12", in: lab)
                try await eventually("box1 reaches box3", within: .seconds(20)) { try first.reaches("10.32.0.3") }
                try await eventually("the relay has searched its second link", within: .seconds(20)) {
                    try lab.hosts[1].connection(to: "host3")?["mtuVerified"] as? Bool == true
                }
                // 62 bytes of underlay and sleeve; the kernel's pair of devices lets four more through.
                let carried = try #require(try lab.hosts[1].connection(to: "host3")?["mtu"] as? Int)
                #expect([1_238, 1_242].contains(carried))
                try await eventually("the size comes back over the relay", within: .seconds(20)) {
                    try first.pingUnfragmented("10.32.0.3", packetBytes: 1_400).output
                        .contains("Frag needed and DF set (mtu = \(carried))")
                }
                #expect(try first.pingUnfragmented("10.32.0.3", packetBytes: carried).succeeded)
            }
        }
    }

    /// Links that fail and heal, peers that fall silent.
    @Suite struct Liveness {
        @Test("a cut link is routed around within 3 s, and used again within 3 s after it heals")
        func cutAndHeal() async throws {
            try await Lab.withShape([[], [1], [2, 1]]) { lab, boxes in
                let (first, third) = (lab.hosts[0], lab.hosts[2])
                try await eventually("the direct link is in use", within: .seconds(10)) {
                    try first.nextHop(toward: "host3") == "host3" && third.nextHop(toward: "host1") == "host1"
                }
                let pings = try lab.startPings(from: boxes[0], to: "10.32.0.3", name: "cut")
                defer { pings.stop() }
                try await eventually("pings are answered") { try pings.answers().count > 3 }
                let cutAt = Date().timeIntervalSince1970
                try lab.cut(first, third)
                try await eventually("traffic goes round", within: .seconds(10)) {
                    try first.nextHop(toward: "host3") == "host2"
                        && pings.answers().last.map { $0 > cutAt + 1 } ?? false
                }
                let gap = try pings.longestGap(since: cutAt)
                #expect(gap < 3, "\(gap) s without an answer")
                for host in [first, third] {
                    let lost = try host.warnings().filter { $0.code == "connection-lost" }.map(\.message)
                    #expect(lost.contains { $0.contains("nothing came over UDP for 2.2 seconds") }, "\(lost)")
                }

                let healedAt = Date().timeIntervalSince1970
                try first.hearAgain()
                try third.hearAgain()
                try await eventually("the direct link is used again", within: .seconds(10)) {
                    try first.nextHop(toward: "host3") == "host3" && third.nextHop(toward: "host1") == "host1"
                }
                let healing = Date().timeIntervalSince1970 - healedAt
                #expect(healing < 3, "\(healing) s until the direct link was used")
                #expect(try pings.longestGap(since: healedAt) < 1)
            }
        }

        @Test("a peer that stops answering is noticed within 3 s, and is back when it goes on")
        func stopped() async throws {
            try await Lab.withPair { lab, first, _ in
                let other = lab.hosts[1]
                let daemon = try other.daemon()
                kill(daemon, SIGSTOP)
                defer { kill(daemon, SIGCONT) }
                let started = Date()
                try await eventually("the first host has given it up", within: .seconds(10)) {
                    try lab.hosts[0].connection(to: "host2") == nil
                }
                #expect(Date().timeIntervalSince(started) < 3.5)
                kill(daemon, SIGCONT)
                try await eventually("they talk again", within: .seconds(10)) { try first.reaches("10.32.0.2") }
            }
        }

        @Test("where UDP is blocked in one direction neither side calls the connection established, and says why")
        func oneWay() async throws {
            try await Lab.with { lab in
                let (first, second) = (lab.hosts[0], lab.hosts[1])
                try first.deafen(to: second, "udp dport 6783")
                try first.launch()
                try second.launch(first.address)
                try await eventually("both know the pending connection", within: .seconds(10)) {
                    try first.connections().contains { $0["state"] as? String == "pending" }
                        && second.connections().contains { $0["state"] as? String == "pending" }
                }
                try await eventually("the deaf side names UDP", within: .seconds(10)) {
                    try first.require("status", "connections").contains("UDP")
                }
                for host in [first, second] {
                    #expect(try host.connections().allSatisfy { $0["state"] as? String != "established" })
                    #expect(try host.nextHop(toward: host.number == 1 ? "host2" : "host1") == nil)
                }
                try first.hearAgain()
                try await eventually("it is established as soon as UDP passes", within: .seconds(5)) {
                    try first.connection(to: "host2") != nil && second.connection(to: "host1") != nil
                }
            }
        }

        @Test("an address that changes ends the connection with that reason, and the new one works")
        func addressChanges() async throws {
            try await Lab.withPair { lab, first, _ in
                let second = lab.hosts[1]
                try Command.require(["ip", "-n", second.namespace, "address", "add", "192.0.2.77/24", "dev", "eth0"])
                try Command.require(["ip", "-n", second.namespace, "address", "del", "192.0.2.2/24", "dev", "eth0"])
                // Deleting a first address takes the second of its network along.
                _ = try second.run(["ip", "address", "add", "192.0.2.77/24", "dev", "eth0"])
                try await eventually("they talk again", within: .seconds(15)) { try first.reaches("10.32.0.2") }
                let addresses = try lab.hosts[0].connections().compactMap { $0["remoteAddress"] as? String }
                #expect(addresses.contains { $0.hasPrefix("192.0.2.77:") }, "\(addresses)")
            }
        }

        @Test("a black hole for large packets is solved while the connection comes up")
        func blackHole() async throws {
            try await Lab.with { lab in
                for host in lab.hosts {
                    try host.dropArriving("meta length > 1350 udp dport 6783")
                    try host.launch(host.number == 1 ? [] : [lab.hosts[0].address])
                }
                let box = try lab.hosts[0].attach("box1", "10.32.0.1/12", in: lab)
                _ = try lab.hosts[1].attach("box2", "10.32.0.2/12", in: lab)
                try await eventually("the connection is established", within: .seconds(10)) {
                    try lab.hosts[1].connection(to: "host1") != nil
                }
                // 1 s on a quiet machine.
                try await eventually("the path's size is found", within: .seconds(3)) {
                    try lab.hosts.allSatisfy { host in
                        let connection = try host.connection(to: host.number == 1 ? "host2" : "host1")
                        return connection?["mtu"] as? Int == 1_288 && connection?["mtuVerified"] as? Bool == true
                    }
                }
                #expect(try box.pingUnfragmented("10.32.0.2", packetBytes: 1_288).succeeded)
            }
        }
    }
}
