import Foundation
import HostNetwork
import TestSupport
import Testing
import Wire

extension HostNetworkSuite {
    /// What others have left half done: a daemon that was killed, an administrator, a container that ends.
    @Suite struct RecoveryTests {
        @Test("a pair that a killed daemon left down and without its mark is finished by the next attachment")
        func unfinishedPair() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let (one, two) = (try lab.container("c1"), try lab.container("c2"))
                _ = try network.attach(AttachRequest(namespace: .name(two), addresses: [try address("10.32.0.2/12")]))
                // What there is between the first request of an attachment and the second.
                try lab.ip(
                    lab.host, "link", "add", "vethwepl0000001", "mtu", "1438", "master", "weave", "type", "veth",
                    "peer", "name", "ethwe", "mtu", "1438", "netns", one)
                let attached = try network.attach(
                    AttachRequest(namespace: .name(one), addresses: [try address("10.32.0.1/12")]))
                #expect(attached.hostInterface == "vethwepl0000001")
                let port = try #require(try network.bridge()?.ports.first { $0.name == "vethwepl0000001" })
                #expect(port.isUp)
                #expect(try lab.setting(lab.host, "/proc/sys/net/ipv6/conf/vethwepl0000001/accept_ra") == "0")
                #expect(try lab.setting(one, "/proc/sys/net/ipv6/conf/ethwe/accept_ra") == "0")
                #expect(try lab.setting(one, "/proc/sys/net/ipv4/neigh/ethwe/base_reachable_time") == "5")
                let result = try lab.run(one, "ping", "-c", "3", "-i", "0.01", "-W", "2", "10.32.0.2")
                #expect(result.output.contains(" 0% packet loss"), "\(result.output)")
                #expect(try network.removeEverything().contains("veth pair vethwepl0000001"))
            }
        }

        @Test("attaching again brings up a host's end that was set down")
        func portSetDown() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let request = AttachRequest(
                    namespace: .name(try lab.container("c1")), addresses: [try address("10.32.0.1/12")])
                let first = try network.attach(request)
                try lab.ip(lab.host, "link", "set", first.hostInterface, "down")
                #expect(try network.attach(request) == first)
                #expect(try network.bridge()?.ports.map(\.isUp) == [true])
            }
        }

        @Test("a port of our bridge that is not called like ours is neither marked nor changed by attaching")
        func othersPort() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let name = try lab.container("c1")
                try lab.ip(
                    lab.host, "link", "add", "theirs", "master", "weave", "type", "veth", "peer", "name", "ethwe",
                    "netns", name)
                #expect(
                    try network.attach(AttachRequest(namespace: .name(name), addresses: [])).hostInterface == "theirs")
                #expect(try network.bridge()?.ports.map(\.isUp) == [false])
                #expect(try network.removeEverything() == ["bridge weave"])
            }
        }

        @Test("after the bridge was deleted, making it again joins the containers' pairs to it, and nothing else")
        func bridgeRemade() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let (one, two) = (try lab.container("c1"), try lab.container("c2"))
                let first = try network.attach(
                    AttachRequest(namespace: .name(one), addresses: [try address("10.32.0.1/12")]))
                let second = try network.attach(
                    AttachRequest(namespace: .name(two), addresses: [try address("10.32.0.2/12")]))
                try lab.ip(lab.host, "link", "delete", "weave")
                try lab.ip(lab.host, "link", "set", second.hostInterface, "down")
                // Not marked; marked, but with another bridge: both are no business of ours.
                try lab.ip(lab.host, "link", "add", "vethweplforeign", "type", "veth", "peer", "name", "foreign")
                try lab.ip(lab.host, "link", "add", "elsewhere", "type", "bridge")
                try lab.ip(lab.host, "link", "add", "vethwepltheirs", "type", "veth", "peer", "name", "theirs")
                try lab.ip(lab.host, "link", "set", "vethwepltheirs", "alias", "made by weft", "master", "elsewhere")

                let state = try lab.network().ensureBridge(address: peerAddress, mtu: 1300)
                #expect(state.ports.map(\.name).sorted() == [first.hostInterface, second.hostInterface].sorted())
                #expect(state.ports.map(\.mtu) == [1300, 1300])
                #expect(state.ports.map(\.isUp) == [true, true])
                #expect(try network.attached().map(\.mtu) == [1300, 1300])
                let result = try lab.run(one, "ping", "-c", "3", "-i", "0.01", "-W", "2", "10.32.0.2")
                #expect(result.output.contains(" 0% packet loss"), "\(result.output)")
                #expect(try lab.ip(lab.host, "link", "show", "vethwepltheirs").contains("master elsewhere"))
            }
        }

        @Test("ports that vanish while the MTU is set do not keep it from the others")
        func portsVanish() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let names = (100..<200).map { "vethwepl0000\($0)" }
                try lab.batch(
                    lab.host, names.map { "link add \($0) master weave type veth peer name p\($0.suffix(3))" }
                ).waitUntilExit()
                #expect(try network.bridge()?.ports.count == 100)
                let removal = try lab.batch(lab.host, names.map { "link delete \($0)" })
                defer { removal.waitUntilExit() }
                var mtu = 1400
                while try network.bridge()?.ports.isEmpty == false {
                    mtu = mtu == 1400 ? 1300 : 1400
                    #expect(try network.setMTU(mtu).isEmpty)
                }
            }
        }

        @Test("containers are listed while namespaces end")
        func namespacesEnd() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let staying = try lab.container("stays")
                _ = try network.attach(AttachRequest(namespace: .name(staying), addresses: []))
                for round in 0..<10 {
                    let name = try lab.container("c\(round)")
                    _ = try network.attach(
                        AttachRequest(namespace: .name(name), addresses: [try address("10.32.0.1/12")]))
                    try lab.remove(name)
                    try await eventually("the container's port is gone", every: .zero) {
                        #expect(try network.attached().contains { $0.namespace == .name(staying) })
                        return try network.bridge()?.ports.count == 1
                    }
                }
            }
        }
    }
}
