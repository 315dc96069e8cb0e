import TestSupport
import Testing

extension Namespaces {
    /// An underlay that carries 576 bytes, the least that every IPv4 host takes. The overlay's MTU stays at 552, and
    /// datagrams that are larger than the underlay's packets leave without DF.
    @Suite struct NarrowPaths {
        private func expectEverythingPasses(
            _ lab: Lab, _ first: LabContainer, _ second: LabContainer, _ address: String, byteCount: Int = 2_000_000
        )
            async throws
        {
            for bytes in [1_400, 8_000] {
                let result = try first.run([
                    "ping", "-n", "-c", "5", "-i", "0.2", "-W", "2", "-s", "\(bytes)", address,
                ])
                #expect(result.output.contains(" 0% packet loss"), "\(result.text)")
            }
            #expect(try first.pingUnfragmented(address, packetBytes: 552).succeeded)
            try await transferIsExact(lab, from: first, to: second, address: address, byteCount: byteCount)
        }

        @Test(
            "containers have the overlay's least MTU, and large packets and TCP pass",
            arguments: [nil, "correct horse"])
        func direct(password: String?) async throws {
            try await Lab.withPair(underlayMTU: 576, password: password) { lab, first, second in
                for (host, other) in [(lab.hosts[0], "host2"), (lab.hosts[1], "host1")] {
                    try await eventually("\(host.nickname) knows the path's size", within: .seconds(10)) {
                        let connection = try host.connection(to: other)
                        return connection?["mtu"] as? Int == 552 && connection?["mtuVerified"] as? Bool == true
                    }
                }
                try await eventually("the containers follow", within: .seconds(5)) {
                    try first.mtu(of: "ethwe") == 552 && second.mtu(of: "ethwe") == 552
                }
                try await expectEverythingPasses(lab, first, second, "10.32.0.2")
                try await expectEverythingPasses(lab, second, first, "10.32.0.1", byteCount: 2_000_001)
            }
        }

        @Test("the same over a relay", arguments: [nil, "correct horse"])
        func relayed(password: String?) async throws {
            try await Lab.withShape([[], [1], [2]], underlayMTU: 576, password: password) { lab, boxes in
                #expect(try lab.hosts[0].nextHop(toward: "host3") == "host2")
                try await eventually("the containers follow", within: .seconds(5)) {
                    try boxes.allSatisfy { try $0.mtu(of: "ethwe") == 552 }
                }
                try await expectEverythingPasses(lab, boxes[0], boxes[2], "10.32.0.3")
            }
        }
    }
}
