import TestSupport
import Testing

extension Namespaces {
    /// Bytes that sleeve takes from an underlay packet: docs/protocol-sleeve.md.
    @Suite struct PathMTU {
        static let overhead = (clear: 62, sealed: 86)

        @Test(
            "the largest packet passes and one byte more is answered with its size",
            arguments: [1400, 1500, 9000], [false, true])
        func exact(underlayMTU: Int, sealed: Bool) async throws {
            let carried = underlayMTU - (sealed ? Self.overhead.sealed : Self.overhead.clear)
            let password = sealed ? "correct horse" : nil
            // Containers with a larger MTU than the path: the router has to answer, not the container's own kernel.
            try await Lab.withPair(underlayMTU: underlayMTU, password: password, options: ["--mtu", "20000"]) {
                lab, first, _ in
                for (host, other) in [(lab.hosts[0], "host2"), (lab.hosts[1], "host1")] {
                    try await eventually("\(host.nickname) has searched the path", within: .seconds(20)) {
                        guard let connection = try host.connection(to: other) else { return false }
                        return connection["mtuVerified"] as? Bool == true && connection["mtu"] as? Int == carried
                    }
                }
                let fits = try first.pingUnfragmented("10.32.0.2", packetBytes: carried)
                #expect(fits.succeeded, "\(fits.text)")
                let tooBig = try first.pingUnfragmented("10.32.0.2", packetBytes: carried + 1)
                #expect(!tooBig.succeeded)
                #expect(tooBig.output.contains("Frag needed and DF set (mtu = \(carried))"), "\(tooBig.text)")
            }
        }

        @Test("a container's MTU is by default what the path carries", arguments: [1400, 1500, 9000], [false, true])
        func defaults(underlayMTU: Int, sealed: Bool) async throws {
            let carried = underlayMTU - (sealed ? Self.overhead.sealed : Self.overhead.clear)
            try await Lab.withPair(underlayMTU: underlayMTU, password: sealed ? "correct horse" : nil) {
                _, first, second in
                #expect(try first.mtu(of: "ethwe") == carried)
                #expect(try second.mtu(of: "ethwe") == carried)
                try await eventually("a full packet passes", within: .seconds(10)) {
                    try first.pingUnfragmented("10.32.0.2", packetBytes: carried).succeeded
                }
            }
        }
    }
}
