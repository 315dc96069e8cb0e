import TestSupport
import Testing

extension Namespaces {
    /// What kernels lack is left out by `WEFT_WITHOUT`: each way of doing without it carries frames as they are.
    @Suite struct Fallbacks {
        @Test(
            "containers talk, and bytes arrive as they are, without",
            arguments: [
                ("tap", "packet socket on vethwe-pcap"), ("tap,packet-socket", "libpcap on vethwe-pcap"),
                ("tap-offloads", "tap vethwe-tap"), ("udp-segmentation,udp-receive-offload", "tap vethwe-tap"),
                ("separate-socket", "tap vethwe-tap"),
            ])
        func without(names: String, capture: String) async throws {
            try await Lab.with { lab in
                for host in lab.hosts {
                    try host.launch(
                        host.number == 1 ? [] : [lab.hosts[0].address], environment: ["WEFT_WITHOUT": names])
                }
                let first = try lab.hosts[0].attach("box1", "10.32.0.1/12", in: lab)
                let second = try lab.hosts[1].attach("box2", "10.32.0.2/12", in: lab)
                try await eventually("box1 reaches box2", within: .seconds(20)) { try first.reaches("10.32.0.2") }
                #expect(try lab.hosts[0].require("status").contains(capture))
                try await transferIsExact(lab, from: first, to: second, byteCount: 2_000_000)
                try await transferIsExact(lab, from: first, to: second, byteCount: 1)
                for host in lab.hosts {
                    try host.require("reset")
                    #expect(try host.interfaces() == ["lo", "eth0"])
                }
            }
        }

        @Test("a host whose taps are back uses the tap again, and the pair that stood in for it is gone")
        func back() async throws {
            try await Lab.with(hosts: 1) { lab in
                let host = lab.hosts[0]
                try host.launch([], environment: ["WEFT_WITHOUT": "tap"])
                let box = try host.attach("box1", "10.32.0.1/12", in: lab)
                #expect(try host.interfaces().contains("vethwe-pcap"))
                try host.require("stop")
                try await eventually("the daemon has ended") { try !host.weft("status").succeeded }
                try host.launch()
                #expect(try host.interfaces().contains("vethwe-tap"))
                #expect(try !host.interfaces().contains("vethwe-pcap"))
                #expect(try box.interfaces().contains("ethwe"))
            }
        }

        @Test("a facility that nobody knows is refused with those that there are")
        func unknown() async throws {
            try await Lab.with(hosts: 1) { lab in
                let result = try lab.hosts[0].weft(
                    ["launch", "--state-dir", lab.hosts[0].stateDirectory], environment: ["WEFT_WITHOUT": "warp-drive"])
                #expect(result.status == 1)
                #expect(
                    result.text.contains("warp-drive") && result.text.contains("udp-segmentation"), "\(result.text)")
            }
        }
    }
}
