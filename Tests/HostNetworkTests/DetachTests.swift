import Foundation
import HostNetwork
import TestSupport
import Testing
import Wire

extension HostNetworkSuite {
    @Suite struct DetachTests {
        @Test("detaching one of two addresses leaves the other; the last takes the interface with it")
        func oneByOne() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let name = try lab.container("c1")
                let (first, second) = (try address("10.32.0.1/12"), try address("10.40.0.1/16"))
                _ = try network.attach(AttachRequest(namespace: .name(name), addresses: [first, second]))
                #expect(try network.detach(.name(name), addresses: [first, try address("10.50.0.1/16")]) == [first])
                #expect(try network.attached().map(\.addresses) == [[second]])
                #expect(try network.detach(.name(name), addresses: [first]) == [])
                #expect(try lab.ip(name, "link").contains("ethwe"))
                #expect(try network.detach(.name(name), addresses: [second]) == [second])
                #expect(try !lab.ip(name, "link").contains("ethwe"))
                #expect(try network.bridge()?.ports.isEmpty == true)
                let error = try #require(throws: HostNetworkError.self) { try network.detach(.name(name)) }
                #expect(error.reason == .notFound)
            }
        }

        @Test("detaching without addresses takes all")
        func all() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let name = try lab.container("c1")
                let both = [try address("10.32.0.1/12"), try address("10.40.0.1/16")]
                _ = try network.attach(AttachRequest(namespace: .name(name), addresses: both))
                #expect(try network.detach(.name(name)) == both)
                #expect(try network.attached().isEmpty)
            }
        }

        @Test("containers are found by name, by process, and without either, also by a second daemon")
        func found() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                #expect(try network.attached().isEmpty)
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let (named, process, unknown) = (
                    try lab.container("c1"), try lab.container("c2"), try lab.container("c3")
                )
                for (index, name) in [named, process, unknown].enumerated() {
                    _ = try network.attach(
                        AttachRequest(namespace: .name(name), addresses: [try address("10.32.0.\(index + 1)/12")]))
                }
                // A sleeping process keeps the second namespace, an open descriptor the third.
                let sleeper = Process()
                sleeper.executableURL = URL(filePath: "/usr/sbin/ip")
                sleeper.arguments = ["netns", "exec", process, "sleep", "60"]
                try sleeper.run()
                defer {
                    // Not SIGTERM: a child inherits the signals that its starting thread has blocked.
                    kill(sleeper.processIdentifier, SIGKILL)
                    sleeper.waitUntilExit()
                }
                let pid = sleeper.processIdentifier
                let wanted = try NamespaceReference.name(process).open().identity
                try await eventually("the process is in its namespace") {
                    // try?: it may not have come there yet.
                    (try? NamespaceReference.pid(pid).open().identity) == wanted
                }
                let kept = try NamespaceReference.name(unknown).open()
                try lab.remove(process)
                try lab.remove(unknown)

                let found = try lab.network().attached()
                #expect(found.map(\.namespace) == [.name(named), .pid(pid), nil])
                #expect(found[1].identity == wanted)
                #expect(found.map { $0.addresses.first?.address.rawValue } == [0x0a20_0001, 0x0a20_0002, 0x0a20_0003])
                #expect(found.allSatisfy { $0.interface == "ethwe" })
                #expect(kept.identity != wanted)
            }
        }

        @Test("an MTU reaches bridge, tap and both ends of each pair; who cannot be reached is named")
        func mtu() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                try lab.ip(lab.host, "tuntap", "add", "dev", "vethwe-tap", "mode", "tap")
                try network.addPort(interface: "vethwe-tap")
                let (one, two) = (try lab.container("c1"), try lab.container("c2"))
                _ = try network.attach(AttachRequest(namespace: .name(one), addresses: []))
                let lost = try network.attach(AttachRequest(namespace: .name(two), addresses: []))
                let kept = try NamespaceReference.name(two).open()
                try lab.remove(two)
                let failures = try network.setMTU(8900)
                let state = try #require(try network.bridge())
                #expect(state.mtu == 8900)
                #expect(state.ports.map(\.mtu) == [8900, 8900, 8900])
                let containers = try network.attached()
                #expect(containers.first { $0.namespace == .name(one) }?.mtu == 8900)
                #expect(failures.count == 1)
                #expect(failures.first?.hasPrefix(lost.hostInterface) == true)
                #expect(kept.identity == lost.identity)
            }
        }

        @Test("removing everything leaves alone what weft has not made")
        func removal() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                #expect(try network.removeEverything().isEmpty)
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                try lab.ip(lab.host, "tuntap", "add", "dev", "vethwe-tap", "mode", "tap")
                try network.addPort(interface: "vethwe-tap")
                let name = try lab.container("c1")
                let pair = try network.attach(AttachRequest(namespace: .name(name), addresses: []))
                // Others' interfaces: one with a name like ours, one on our bridge.
                try lab.ip(lab.host, "link", "add", "vethweplforeign", "type", "veth", "peer", "name", "foreign")
                try lab.ip(lab.host, "link", "add", "other", "type", "veth", "peer", "name", "other1")
                try lab.ip(lab.host, "link", "set", "other", "master", "weave")
                let before = try lab.ip(lab.host, "link")
                #expect(before.contains("vethwe-tap"))
                #expect(
                    try network.removeEverything() == [
                        "veth pair \(pair.hostInterface)", "tap vethwe-tap", "bridge weave",
                    ])
                let after = try lab.ip(lab.host, "link")
                #expect(after.contains("vethweplforeign"))
                #expect(after.contains("other@"))
                for gone in ["weave", "vethwe-tap", pair.hostInterface] { #expect(!after.contains(gone + ":")) }
                #expect(try !lab.ip(name, "link").contains("ethwe"))
                #expect(try network.removeEverything().isEmpty)
            }
        }

        @Test("a bridge that was adopted is not removed")
        func adoptedStays() async throws {
            try await NamespaceLab.run { lab in
                try lab.ip(lab.host, "link", "add", "weave", "type", "bridge")
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                #expect(try network.removeEverything().isEmpty)
                #expect(try network.bridge() != nil)
            }
        }
    }
}
