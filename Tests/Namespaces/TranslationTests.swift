import Foundation
import TestSupport
import Testing

extension Namespaces {
    /// A host behind a NAT that forgets its flows.
    @Suite struct Translation {
        /// Host 2 behind a NAT, a container on each, and echo requests from the outer to the inner one.
        private func withNAT(
            tcpPorts: ClosedRange<Int>?, password: String? = nil,
            _ body: (Lab, LabNAT, LabPings) async throws -> Void
        ) async throws {
            try await Lab.with { lab in
                let (outer, inner) = (lab.hosts[0], lab.hosts[1])
                let nat = try lab.putBehindNAT(inner)
                try nat.usePorts(udp: 20_000...20_999, tcp: tcpPorts)
                for host in lab.hosts {
                    let options = try password.map { ["--password-file", try host.passwordFile($0)] } ?? []
                    try host.launch(options + (host.number == 2 ? [outer.address] : []))
                }
                let first = try outer.attach("box1", "10.32.0.1/12", in: lab)
                _ = try inner.attach("box2", "10.32.0.2/12", in: lab)
                try await eventually("box1 reaches box2", within: .seconds(10)) { try first.reaches("10.32.0.2") }
                #expect(try overlayPort(lab, nat).map((20_000...20_999).contains) == true)
                let pings = try lab.startPings(from: first, to: "10.32.0.2", name: "nat")
                defer { pings.stop() }
                try await eventually("pings are answered") { try pings.answers().count > 3 }
                try await body(lab, nat, pings)
            }
        }

        /// Where the outer host sends datagrams for the inner one to.
        private func overlayPort(_ lab: Lab, _ nat: LabNAT) throws -> Int? {
            let address = try lab.hosts[0].connection(to: "host2")?["overlayAddress"] as? String
            guard let address, address.hasPrefix("\(nat.address):") else { return nil }
            return Int(address.dropFirst(nat.address.count + 1))
        }

        /// The ends of the TCP connection that the outer host has with the inner one, at both hosts.
        private func ends(_ lab: Lab) throws -> [String?] {
            try zip(lab.hosts, ["host2", "host1"]).flatMap { host, other in
                let connection = try host.connection(to: other)
                return [connection?["localAddress"] as? String, connection?["remoteAddress"] as? String]
            }
        }

        @Test("a NAT that gives datagrams another port costs no connection, and traffic goes on within 3 s")
        func otherPort() async throws {
            try await withNAT(tcpPorts: nil, password: "correct horse") { lab, nat, pings in
                let before = try ends(lab)
                let forgotten = Date().timeIntervalSince1970
                try nat.usePorts(udp: 30_000...30_999, tcp: nil)
                try nat.forget()
                try await eventually("the new port is used", within: .seconds(10)) {
                    try overlayPort(lab, nat).map((30_000...30_999).contains) == true
                        && pings.answers().last.map { $0 > forgotten + 1 } == true
                }
                let gap = try pings.longestGap(since: forgotten)
                #expect(gap < 3, "\(gap) s without an answer")
                #expect(try !before.contains(nil) && ends(lab) == before, "it is another connection")
                #expect(try lab.hosts.allSatisfy { try $0.counter("connections-ended") == 0 })
                #expect(try lab.hosts[0].require("status", "connections").contains("\(nat.address):3"))
            }
        }

        @Test("a NAT that also breaks the connection costs 3 s at most, and status says why it ended")
        func otherConnection() async throws {
            try await withNAT(tcpPorts: 20_000...20_999) { lab, nat, pings in
                // A connection that is younger may be one of two at once.
                try await eventually("the connection has settled", within: .seconds(20)) {
                    try lab.hosts[0].logged("connection established").map { $0.timeIntervalSinceNow < -6 } == true
                }
                let before = try ends(lab)
                let forgotten = Date().timeIntervalSince1970
                try nat.usePorts(udp: 30_000...30_999, tcp: 30_000...30_999)
                try nat.forget()
                try await eventually("both have another connection", within: .seconds(20)) {
                    let after = try ends(lab)
                    return try !after.contains(nil) && after[1] != before[1] && after[2] != before[2]
                        && overlayPort(lab, nat).map((30_000...30_999).contains) == true
                        && pings.answers().last.map { $0 > forgotten + 4 } == true
                }
                let gap = try pings.longestGap(since: forgotten)
                #expect(gap < 3, "\(gap) s without an answer")
                // The one inside learns it from the other's kernel, the one outside from the connection that comes instead.
                let told = try lab.hosts[1].connection(to: "host1")?["lastError"] as? [String: Any]
                #expect((told?["reason"] as? String)?.contains("the other side") == true, "\(told ?? [:])")
                #expect(try lab.hosts[1].require("status", "connections").contains("before: "))
            }
        }
    }
}
