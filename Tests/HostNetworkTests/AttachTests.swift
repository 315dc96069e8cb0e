import Foundation
import HostNetwork
import TestSupport
import Testing
import Wire

func address(_ text: String) throws -> InterfaceAddress { try #require(InterfaceAddress(text: text)) }

extension HostNetworkSuite {
    @Suite struct AttachTests {
        @Test("two attached containers ping each other, and the interface has its settings")
        func ping() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let (one, two) = (try lab.container("c1"), try lab.container("c2"))
                let first = try network.attach(
                    AttachRequest(namespace: .name(one), addresses: [try address("10.32.0.1/12")]))
                let second = try network.attach(
                    AttachRequest(
                        namespace: .name(two), addresses: [try address("10.32.0.2/12")], multicastRoute: false))
                #expect(first.interface == "ethwe")
                #expect(first.addresses == [try address("10.32.0.1/12")])
                #expect(first.mtu == 1438)
                #expect(first.hostInterface.hasPrefix("vethwepl"))
                #expect(first.hostInterface.utf8.count == 15)
                #expect(first.hostInterface != second.hostInterface)

                let result = try lab.run(one, "ping", "-c", "3", "-i", "0.01", "-W", "2", "10.32.0.2")
                #expect(result.output.contains(" 0% packet loss"), "\(result.output)")

                let neighbours = "/proc/sys/net/ipv4/neigh/ethwe/"
                #expect(try lab.setting(one, neighbours + "base_reachable_time") == "5")
                #expect(try lab.setting(one, neighbours + "delay_first_probe_time") == "2")
                #expect(try lab.setting(one, neighbours + "ucast_solicit") == "1")
                #expect(try lab.setting(one, "/proc/sys/net/ipv6/conf/ethwe/accept_ra") == "0")
                #expect(
                    try lab.setting(lab.host, "/proc/sys/net/ipv6/conf/\(first.hostInterface)/accept_ra") == "0")
                #expect(try lab.ip(one, "route").contains("224.0.0.0/4 dev ethwe scope link"))
                #expect(try !lab.ip(two, "route").contains("224.0.0.0/4"))
                #expect(try lab.ip(one, "addr", "show", "ethwe").contains("10.32.0.1/12 brd 10.47.255.255"))
                let offloads = try network.offloads(of: "ethwe", in: .name(one))
                #expect(offloads.isSuperset(of: [.transmitChecksum, .genericSegmentation, .tcpSegmentation]))
            }
        }

        @Test("attaching again changes nothing, and a further address is added")
        func again() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let name = try lab.container("c1")
                let request = AttachRequest(namespace: .name(name), addresses: [try address("10.32.0.1/12")])
                let first = try network.attach(request)
                #expect(try network.attach(request) == first)
                // Another reference to the same namespace, another id: still the same pair.
                var other = request
                other.namespace = .path("/run/netns/\(name)")
                other.id = "0123456789abcdef"
                other.addresses = [try address("10.40.0.1/16")]
                let second = try network.attach(other)
                #expect(second.mac == first.mac)
                #expect(second.hostInterface == first.hostInterface)
                #expect(second.addresses == [try address("10.32.0.1/12"), try address("10.40.0.1/16")])
                #expect(try network.bridge()?.ports.count == 1)
                #expect(try network.attached().map(\.addresses) == [second.addresses])
            }
        }

        @Test("after others have deleted the bridge and made it again, attaching joins the old pair to it")
        func bridgeRemade() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let name = try lab.container("c1")
                let request = AttachRequest(namespace: .name(name), addresses: [try address("10.32.0.1/12")])
                let first = try network.attach(request)
                try lab.ip(lab.host, "link", "delete", "weave")
                try lab.ip(lab.host, "link", "add", "weave", "type", "bridge")
                #expect(try network.attached().isEmpty)
                #expect(try network.attach(request) == first)
                #expect(try network.bridge()?.ports.map(\.name) == [first.hostInterface])
            }
        }

        @Test("a given id names the host's end by its first seven characters")
        func givenID() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let (one, two) = (try lab.container("c1"), try lab.container("c2"))
                let attached = try network.attach(
                    AttachRequest(namespace: .name(one), addresses: [], id: "f00dfeedcafe", mtu: 1300))
                #expect(attached.hostInterface == "vethweplf00dfee")
                #expect(attached.mtu == 1300)
                // The same seven characters for another namespace must not take the first one's pair.
                let error = try #require(throws: HostNetworkError.self) {
                    try network.attach(AttachRequest(namespace: .name(two), addresses: [], id: "f00dfee99"))
                }
                #expect(error.reason == .conflict)
                #expect(try network.attached().count == 1)
                #expect(try !lab.ip(two, "link").contains("ethwe"))
            }
        }

        @Test("a container that was restarted is attached again though its old namespace lingers")
        func restarted() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let (old, new) = (try lab.container("c1"), try lab.container("c2"))
                let first = try network.attach(
                    AttachRequest(namespace: .name(old), addresses: [try address("10.32.0.1/12")], id: "f00dfeedcafe"))
                // Something holds it open, as another mount namespace does, although nobody can name it any more.
                let held = try FileHandle(forReadingFrom: URL(filePath: "/run/netns/\(old)"))
                defer { try? held.close() }
                try lab.remove(old)
                let second = try network.attach(
                    AttachRequest(namespace: .name(new), addresses: [try address("10.32.0.1/12")], id: "f00dfeedcafe"))
                #expect(second.hostInterface == first.hostInterface && second.mac != first.mac)
                #expect(try network.attached().count == 1)
            }
        }

        @Test("other hosts learn of a new address from an announcement")
        func announcement() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let (one, two) = (try lab.container("c1"), try lab.container("c2"))
                _ = try network.attach(
                    AttachRequest(namespace: .name(one), addresses: [try address("10.32.0.1/12")]))
                // A stale entry: what the container believes before the address moves here.
                try lab.ip(
                    one, "neigh", "add", "10.32.0.2", "lladdr", "02:de:ad:00:00:01", "dev", "ethwe", "nud", "stale")
                let second = try network.attach(
                    AttachRequest(namespace: .name(two), addresses: [try address("10.32.0.2/12")]))
                try await eventually("the announcement corrects the neighbour's entry") {
                    try lab.ip(one, "neigh", "show", "10.32.0.2").contains(second.mac.description)
                }
            }
        }

        @Test("a failure in a new container leaves no pair behind")
        func failureWhenNew() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let name = try lab.container("c1")
                let request = AttachRequest(namespace: .name(name), addresses: [try address("10.32.0.1/12")])
                // The settings of neighbour tables cannot be written, which is found out when the pair exists.
                let result = HiddenDirectory.run(hiding: "/proc/sys") {
                    Result { try network.attach(request) }
                }
                let error = try #require(throws: HostNetworkError.self) { try result.get() }
                #expect(error.description.contains("base_reachable_time"), "\(error)")
                #expect(try !lab.ip(name, "link").contains("ethwe"))
                #expect(try network.bridge()?.ports.isEmpty == true)
                // And nothing is in the way of the next try.
                #expect(try network.attach(request).addresses == request.addresses)
            }
        }

        @Test("a failure in an attached container takes back only what was new")
        func failureWhenAttached() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let name = try lab.container("c1")
                var request = AttachRequest(namespace: .name(name), addresses: [try address("10.32.0.1/12")])
                _ = try network.attach(request)
                // A queue of no length: the announcement of the second address cannot be sent.
                let queue = try lab.run(name, "tc", "qdisc", "add", "dev", "ethwe", "root", "pfifo", "limit", "0")
                try #require(queue.status == 0, "\(queue.output)")
                request.addresses.append(try address("10.40.0.1/16"))
                #expect(throws: HostNetworkError.self) { try network.attach(request) }
                #expect(try network.attached().map(\.addresses) == [[try address("10.32.0.1/12")]])
            }
        }

        @Test(
            "an address that no container can have is refused before anything is made",
            arguments: ["0.0.0.0/8", "127.0.0.2/8", "224.0.0.1/4", "255.255.255.255/32"])
        func unusableAddress(_ text: String) async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let name = try lab.container("c1")
                let error = try #require(throws: HostNetworkError.self) {
                    try network.attach(AttachRequest(namespace: .name(name), addresses: [try address(text)]))
                }
                #expect(error.reason == .invalid)
                #expect(error.description.contains(text))
                #expect(try network.attached().isEmpty)
            }
        }

        @Test("without a bridge, without the namespace and for the host itself the error names the way out")
        func refusals() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                let name = try lab.container("c1")
                let noBridge = try #require(throws: HostNetworkError.self) {
                    try network.attach(AttachRequest(namespace: .name(name), addresses: []))
                }
                #expect(noBridge.reason == .notFound)
                #expect(noBridge.description.contains("weft launch"))
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let missing = try #require(throws: HostNetworkError.self) {
                    try network.attach(AttachRequest(namespace: .name("wefttest-absent"), addresses: []))
                }
                #expect(missing.reason == .notFound)
                let itself = try #require(throws: HostNetworkError.self) {
                    try network.attach(AttachRequest(namespace: .name(lab.host), addresses: []))
                }
                #expect(itself.reason == .invalid)
                #expect(itself.nextStep == "name a container; the host itself cannot join yet")
                let noNamespace = try #require(throws: HostNetworkError.self) {
                    try network.attach(AttachRequest(namespace: .path("/proc/self/status"), addresses: []))
                }
                #expect(noNamespace.description.contains("not a network namespace"))
                #expect(throws: HostNetworkError.self) { _ = try NamespaceReference.name("../x").open() }
            }
        }

        @Test("an interface of our name that leads elsewhere is left alone")
        func foreignInterface() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let (one, two) = (try lab.container("c1"), try lab.container("c2"))
                try lab.ip(one, "link", "add", "ethwe", "type", "veth", "peer", "name", "other", "netns", two)
                let error = try #require(throws: HostNetworkError.self) {
                    try network.attach(
                        AttachRequest(namespace: .name(one), addresses: [try address("10.32.0.1/12")]))
                }
                #expect(error.reason == .conflict)
                #expect(try !lab.ip(one, "addr", "show", "ethwe").contains("10.32.0.1"))
                #expect(throws: HostNetworkError.self) { try network.detach(.name(one)) }
                #expect(try lab.ip(one, "link").contains("ethwe"))
            }
        }
    }
}
