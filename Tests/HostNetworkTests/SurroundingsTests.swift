import Foundation
import HostNetwork
import Netlink
import NetlinkMessages
import TestSupport
import Testing
import Wire

extension HostNetworkSuite {
    @Suite struct SurroundingsTests {
        @Test("the way to another host has its interface, source address and smallest MTU")
        func underlay() async throws {
            try await NamespaceLab.run { lab in
                try lab.ip(lab.host, "link", "add", "eth0", "mtu", "1500", "type", "veth", "peer", "name", "wire")
                try lab.ip(lab.host, "addr", "add", "192.168.7.1/24", "dev", "eth0")
                try lab.ip(lab.host, "link", "set", "eth0", "up")
                try lab.ip(lab.host, "link", "set", "wire", "up")
                try lab.ip(lab.host, "route", "add", "10.1.0.0/16", "via", "192.168.7.2", "mtu", "1400")
                let network = try lab.network()
                let near = try network.underlay(toward: try #require(IPAddress(text: "192.168.7.9")))
                #expect(near.interface == "eth0")
                #expect(near.mtu == 1500)
                #expect(near.source == IPAddress(text: "192.168.7.1"))
                #expect(try network.underlay(toward: try #require(IPAddress(text: "10.1.2.3"))).mtu == 1400)
                let error = try #require(throws: HostNetworkError.self) {
                    try network.underlay(toward: try #require(IPAddress(text: "203.0.113.1")))
                }
                #expect(error.description.contains("203.0.113.1"))
            }
        }

        @Test("a bridge that is down, a tap in hairpin mode, and no bridge at all are told")
        func bridgeWarnings() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                #expect(try network.warnings().map(\.kind) == [.noBridge])
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                #expect(try network.warnings().isEmpty)
                try lab.ip(lab.host, "tuntap", "add", "dev", "vethwe-tap", "mode", "tap")
                try network.addPort(interface: "vethwe-tap")
                try lab.ip(lab.host, "link", "set", "vethwe-tap", "type", "bridge_slave", "hairpin", "on")
                try lab.ip(lab.host, "link", "set", "weave", "down")
                #expect(try network.warnings().map(\.kind) == [.bridgeDown, .hairpin])
            }
        }

        @Test("a firewall that drops bridged frames by default is told, with the chain and the way out")
        func firewallWarnings() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let forward = "{ type filter hook forward priority 0; policy drop; }"
                for words in [["add", "table", "ip", "filter"], ["add", "chain", "ip", "filter", "FORWARD", forward]] {
                    try nft(lab, words)
                }
                try bridgedFramesPassIPv4(lab, true)
                let warning = try #require(try network.warnings().first)
                #expect(warning.kind == .firewallDrops)
                #expect(warning.object == "ip filter FORWARD")
                #expect(warning.nextStep.contains("iptables -I FORWARD -i weave -o weave -j ACCEPT"))
                // The same chain does not see bridged frames when br_netfilter hands none over.
                try bridgedFramesPassIPv4(lab, false)
                #expect(try network.warnings().isEmpty)
                // A chain of the bridge family always sees them.
                try nft(lab, ["add", "table", "bridge", "guard"])
                try nft(lab, ["add", "chain", "bridge", "guard", "passing", forward])
                #expect(try network.warnings().map(\.object) == ["bridge guard passing"])
                // One that accepts by default, or stands elsewhere, is no reason to warn.
                try nft(lab, ["delete", "table", "bridge", "guard"])
                try nft(lab, ["add", "table", "inet", "t"])
                try nft(
                    lab, ["add", "chain", "inet", "t", "in", "{ type filter hook input priority 0; policy drop; }"])
                try bridgedFramesPassIPv4(lab, true)
                try nft(lab, ["delete", "table", "ip", "filter"])
                #expect(try network.warnings().isEmpty)
            }
        }

        @Test("offloads are switched off and on in a container, and read back")
        func offloads() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let name = try lab.container("c1")
                _ = try network.attach(AttachRequest(namespace: .name(name), addresses: []))
                let before = try network.offloads(of: "ethwe", in: .name(name))
                #expect(before.contains([.transmitChecksum, .scatterGather, .tcpSegmentation]))
                try network.setOffloads(.transmitChecksum, on: false, of: "ethwe", in: .name(name))
                let off = try network.offloads(of: "ethwe", in: .name(name))
                #expect(!off.contains(.transmitChecksum))
                #expect(!off.contains(.tcpSegmentation), "segmentation needs the checksum")
                try network.setOffloads(.transmitChecksum, on: true, of: "ethwe", in: .name(name))
                #expect(try network.offloads(of: "ethwe", in: .name(name)).contains(.transmitChecksum))
                #expect(throws: HostNetworkError.self) { try network.offloads(of: "absent") }
            }
        }

        @Test("the monitor tells of interfaces and addresses of its host, and of nobody else's")
        func monitor() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                let monitor = try network.monitor()
                #expect(try monitor.receive().isEmpty)
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                try lab.ip(lab.host, "addr", "add", "10.32.0.1/12", "dev", "weave")
                try lab.ip(lab.host, "link", "set", "weave", "down")
                let elsewhere = try lab.container("c1")
                try lab.ip(elsewhere, "link", "add", "elsewhere", "type", "bridge")
                #expect(try monitor.wait(milliseconds: 0))
                let news = try monitor.receive()
                let links = news.compactMap { if case .link(let link) = $0 { link } else { nil } }
                #expect(links.contains { $0.name == "weave" && $0.isUp && $0.address == peerAddress })
                #expect(links.last?.isUp == false)
                #expect(!links.contains { $0.name == "elsewhere" })
                #expect(
                    news.contains {
                        if case .address(let added) = $0 {
                            added.interfaceAddress?.description == "10.32.0.1/12"
                        } else {
                            false
                        }
                    })
                _ = try network.removeEverything()
                #expect(
                    try monitor.receive().contains {
                        if case .linkGone(let link) = $0 { link.name == "weave" } else { false }
                    })
            }
        }

        @Test("lost news are told as such")
        func overflow() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                let monitor = try network.monitor()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                // Each change costs more than a page of the 1 MiB (doubled by the kernel) that the buffer holds.
                for index in 0..<1200 { _ = try network.setMTU(1000 + index % 2) }
                var news: [NetworkNews] = []
                while try monitor.wait(milliseconds: 0) { news += try monitor.receive() }
                #expect(news.contains(.resynchronise))
            }
        }

        @Test("the calling thread never leaves its namespace")
        func threadStays() async throws {
            try await NamespaceLab.run { lab in
                let before = try NamespaceDescriptor.current().identity
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                #expect(throws: HostNetworkError.self) { try network.addPort(interface: "absent") }
                #expect(try NamespaceDescriptor.current().identity == before)
            }
        }

        private func nft(_ lab: NamespaceLab, _ words: [String]) throws {
            let result = try lab.run(lab.host, ["nft"] + words)
            try #require(result.status == 0, "\(result.output)")
        }

        private func bridgedFramesPassIPv4(_ lab: NamespaceLab, _ on: Bool) throws {
            let path = "/proc/sys/net/bridge/bridge-nf-call-iptables"
            let result = try lab.run(lab.host, ["sh", "-c", "echo \(on ? 1 : 0) > \(path)"])
            try #require(result.status == 0, "this test needs br_netfilter: \(result.output)")
        }
    }
}
