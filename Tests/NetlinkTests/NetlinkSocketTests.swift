import Foundation
import Netlink
import NetlinkMessages
import Testing
import Wire

private func link(_ message: NetlinkMessage) throws(NetlinkMessageError) -> Link { try Link(message) }

@Suite struct NetlinkSocketTests {
    @Test("a fresh namespace has nothing but its loopback")
    func freshNamespace() throws {
        try PrivateNamespace.run {
            let socket = try NetlinkSocket()
            let links = try socket.list(.links(), link)
            #expect(links.map(\.name) == ["lo"])
            #expect(links.first?.flags.contains(.loopback) == true)
            #expect(links.first?.isUp == false)
        }
    }

    @Test("a missing interface is an error with operation and errno in words")
    func missing() throws {
        try PrivateNamespace.run {
            let socket = try NetlinkSocket()
            let error = try #require(throws: NetlinkError.self) { try socket.exchange(.link(named: "absent")) }
            #expect(error.errno == ENODEV)
            #expect(error.description == "cannot look up interface absent: No such device")
        }
    }

    @Test("what the kernel itself says about a refusal is kept")
    func extendedAcknowledgement() throws {
        try PrivateNamespace.run {
            let socket = try NetlinkSocket()
            let bad = NetlinkRequest.createBridge(LinkSettings(name: "not/valid"))
            let error = try #require(throws: NetlinkError.self) { try socket.exchange(bad) }
            #expect(error.errno == EINVAL)
            try socket.exchange(.createBridge(LinkSettings(name: "b")))
            let index = try socket.ask(.link(named: "b"), link).index
            let told = try #require(throws: NetlinkError.self) {
                try socket.exchange(.setLink(index, to: LinkSettings(mtu: 70_000), operation: "set an MTU"))
            }
            guard case .refused(let verdict) = told.reason else {
                Issue.record("\(told)")
                return
            }
            #expect(verdict.text == "mtu greater than device maximum")
        }
    }

    @Test("a socket works on after each kind of refusal")
    func workingOn() throws {
        try PrivateNamespace.run {
            let socket = try NetlinkSocket()
            for round in 0..<50 {
                #expect(throws: NetlinkError.self) { try socket.exchange(.deleteLink(9999)) }
                #expect(throws: NetlinkError.self) { try socket.exchange(.link(named: "absent")) }
                try socket.exchange(.createBridge(LinkSettings(name: "b\(round)")))
                #expect(try socket.list(.links(), link).count == round + 2)
            }
        }
    }

    @Test("a list longer than one datagram is read whole")
    func longList() throws {
        try PrivateNamespace.run {
            let socket = try NetlinkSocket()
            try socket.exchange(.createBridge(LinkSettings(name: "b", isUp: true)))
            let index = try socket.ask(.link(named: "b"), link).index
            let wanted = (1...600).compactMap {
                InterfaceAddress(IPv4Address(rawValue: 0x0a20_0000 + UInt32($0)), prefixLength: 12)
            }
            for address in wanted { try socket.exchange(.addAddress(address, to: index)) }
            let list = try socket.list(.addresses(family: .ipv4, of: index)) {
                (message) throws(NetlinkMessageError) in try AssignedAddress(message)
            }
            #expect(list.compactMap(\.interfaceAddress) == wanted)
        }
    }

    @Test("a list that changes while it is read comes out whole in the end")
    func changingList() throws {
        try PrivateNamespace.run {
            let writer = try NetlinkSocket()
            let reader = try NetlinkSocket()
            for number in 0..<60 { try writer.exchange(.createBridge(LinkSettings(name: "keep\(number)"))) }
            // A new thread is in the namespace of the one that starts it.
            let changes = Thread {
                // try?: the reader's assertions are what counts.
                guard let writer = try? NetlinkSocket() else { return }
                for round in 0..<200 {
                    _ = try? writer.exchange(.createBridge(LinkSettings(name: "new\(round)")))
                }
            }
            changes.start()
            while !changes.isFinished {
                let kept = try reader.list(.links(), link).filter { $0.name.hasPrefix("keep") }
                #expect(kept.count == 60)
            }
        }
    }

    @Test("news about a bridge's port as such are not taken for news about the interface")
    func portNews() throws {
        try PrivateNamespace.run {
            let socket = try NetlinkSocket()
            let monitor = try NetlinkMonitor()
            try socket.exchange(.createBridge(LinkSettings(name: "b")))
            let bridge = try socket.ask(.link(named: "b"), link)
            try socket.exchange(
                .createVeth(LinkSettings(name: "p", master: bridge.index), peer: LinkSettings(name: "q")))
            let port = try socket.ask(.link(named: "p"), link)
            try socket.exchange(.setLink(port.index, to: LinkSettings(master: 0), operation: "release p"))
            let news = try monitor.receive()
            #expect(!news.isEmpty)
            #expect(!news.contains { if case .linkGone = $0 { true } else { false } })
            #expect(try monitor.receive().isEmpty)
            try socket.exchange(.deleteLink(port.index))
            let gone = try monitor.receive().compactMap { if case .linkGone(let link) = $0 { link.name } else { nil } }
            #expect(gone.sorted() == ["p", "q"])
        }
    }
}
