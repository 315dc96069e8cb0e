import HostNetwork
import Testing
import Wire

/// Everything that makes namespaces runs one after the other: `ip netns add` races with itself.
@Suite(.serialized)
enum HostNetworkSuite {}

let peerAddress = MACAddress(rawValue: 0x0200_0000_0b01) ?? .broadcast

extension HostNetworkSuite {
    @Suite struct BridgeTests {
        @Test("a bridge is made with the peer's name, the MTU and the settings, and is up")
        func created() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                #expect(try network.bridge() == nil)
                let state = try network.ensureBridge(address: peerAddress, mtu: 1438)
                #expect(state.name == "weave")
                #expect(state.address == peerAddress)
                #expect(state.mtu == 1438)
                #expect(state.isUp)
                #expect(state.ports.isEmpty)
                #expect(try network.bridge() == state)
                let neighbours = "/proc/sys/net/ipv4/neigh/weave/"
                #expect(try lab.setting(lab.host, neighbours + "base_reachable_time") == "5")
                #expect(try lab.setting(lab.host, neighbours + "delay_first_probe_time") == "2")
                #expect(try lab.setting(lab.host, neighbours + "ucast_solicit") == "1")
                #expect(try lab.setting(lab.host, "/proc/sys/net/ipv6/conf/weave/accept_ra") == "0")
                let shown = try lab.ip(lab.host, "link", "show", "weave")
                #expect(shown.contains("link/ether 02:00:00:00:0b:01"))
                #expect(shown.contains("mtu 1438"))
            }
        }

        @Test("a bridge that is there is adopted with its ports and gets address and MTU")
        func adopted() async throws {
            try await NamespaceLab.run { lab in
                try lab.ip(lab.host, "link", "add", "weave", "type", "bridge")
                try lab.ip(lab.host, "link", "add", "port0", "type", "veth", "peer", "name", "port1")
                try lab.ip(lab.host, "link", "set", "port0", "master", "weave")
                let network = try lab.network()
                let before = try #require(try network.bridge())
                #expect(!before.isUp)
                let state = try network.ensureBridge(address: peerAddress, mtu: 1400)
                #expect(state.index == before.index)
                #expect(state.address == peerAddress)
                #expect(state.mtu == 1400)
                #expect(state.isUp)
                #expect(state.ports.map(\.name) == ["port0"])
                #expect(try network.ensureBridge(address: peerAddress, mtu: 1400) == state)
            }
        }

        @Test("something else of the bridge's name is a conflict that says what it is")
        func nameTaken() async throws {
            try await NamespaceLab.run { lab in
                try lab.ip(lab.host, "link", "add", "weave", "type", "veth", "peer", "name", "other")
                let network = try lab.network()
                let error = try #require(throws: HostNetworkError.self) {
                    try network.ensureBridge(address: peerAddress, mtu: 1400)
                }
                #expect(error.reason == .conflict)
                #expect(error.description.contains("is not a bridge but veth"))
            }
        }

        @Test("a tap joins the bridge with its MTU, and nothing is taken from another bridge")
        func ports() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1414)
                try lab.ip(lab.host, "tuntap", "add", "dev", "vethwe-tap", "mode", "tap")
                try network.addPort(interface: "vethwe-tap")
                try network.addPort(interface: "vethwe-tap")
                let port = try #require(try network.bridge()?.ports.first)
                #expect(port.name == "vethwe-tap")
                #expect(port.mtu == 1414)
                #expect(port.isUp)
                #expect(!port.hairpin)
                #expect(try lab.setting(lab.host, "/proc/sys/net/ipv6/conf/vethwe-tap/accept_ra") == "0")

                try lab.ip(lab.host, "link", "add", "elsewhere", "type", "bridge")
                try lab.ip(lab.host, "link", "set", "vethwe-tap", "master", "elsewhere")
                #expect(throws: HostNetworkError.self) { try network.addPort(interface: "vethwe-tap") }
                let missing = try #require(throws: HostNetworkError.self) { try network.addPort(interface: "absent") }
                #expect(missing.reason == .notFound)
            }
        }

        @Test("an MTU that no packet fits is refused before the kernel is asked", arguments: [67, 65_536, -1, .max])
        func badMTU(_ mtu: Int) async throws {
            try await NamespaceLab.run { lab in
                let error = try #require(throws: HostNetworkError.self) {
                    try lab.network().ensureBridge(address: peerAddress, mtu: mtu)
                }
                #expect(error.reason == .invalid)
            }
        }
    }
}
