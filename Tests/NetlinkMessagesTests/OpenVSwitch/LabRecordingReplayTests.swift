import Foundation
import NetlinkMessages
import TestSupport
import Testing
import Wire

/// weft's own conversations with the two kernels of the lab, read back.
@Suite struct LabRecordingReplayTests {
    private struct Conversation {
        var datagrams: [[UInt8]] = []
        var families: [String: GenericFamily] = [:]

        init(_ kernel: String) throws {
            let file = Fixture.repository.appending(path: "netlink-fixtures/openvswitch/lab-\(kernel).bin")
            let bytes = try [UInt8](Data(contentsOf: file))
            var offset = 0
            while offset < bytes.count {
                let length = bytes[offset..<(offset + 4)].reversed().reduce(0) { $0 << 8 | Int($1) }
                datagrams.append(Array(bytes[(offset + 4)..<(offset + 4 + length)]))
                offset += 4 + length
            }
            for message in try messages where message.header.type == .genericControl {
                guard !message.header.flags.contains(.request) else { continue }
                let family = try GenericFamily(message)
                families[family.name] = family
            }
        }

        var messages: [NetlinkMessage] {
            get throws { try datagrams.flatMap { datagram in try NetlinkMessage.messages(in: datagram) } }
        }

        func openVSwitch() throws -> OpenVSwitchFamilies {
            OpenVSwitchFamilies(
                datapath: try #require(families["ovs_datapath"]), vport: try #require(families["ovs_vport"]),
                flow: try #require(families["ovs_flow"]), packet: try #require(families["ovs_packet"]))
        }
    }

    @Test("flows with every action, events, upcalls and refusals of both kernels", arguments: ["uml", "qemu"])
    func everything(_ kernel: String) throws {
        let conversation = try Conversation(kernel)
        let families = try conversation.openVSwitch()
        #expect(families.vportGroup != nil)
        var news: [OpenVSwitchNews] = []
        var refusals: [Int32] = []
        for message in try conversation.messages {
            if message.header.type == .error { refusals.append(try NetlinkVerdict(message).errno) }
            guard !message.header.flags.contains(.request) else { continue }
            if let one = try OpenVSwitchNews(message, families) { news.append(one) }
        }
        // An absent family (ENOENT), a flow that is there (EEXIST); the others are acknowledgements.
        #expect(refusals.filter { $0 != 0 } == [2, 17])
        let flows = news.compactMap { if case .flow(let flow) = $0 { flow } else { nil } }
        let whole = flows.filter { $0.actions?.count == 4 }
        // As answered, as listed, and as deleted.
        #expect(whole.count >= 2)
        #expect(Set(whole.map(\.actions)).count == 1)
        #expect(Set(whole.map { $0.match?.canonical }).count == 1)
        #expect(whole.last?.statistics.packets == 1)
        #expect(flows.contains { $0.id == FlowID(high: 1, low: 2) && $0.match == nil })
        #expect(news.contains { if case .flowGone = $0 { true } else { false } })
        #expect(news.contains { if case .vportGone(let vport) = $0 { vport.name == "vxlan-6784" } else { false } })
        #expect(news.contains { if case .datapath(let one) = $0 { one.statistics?.masks == 0 } else { false } })
    }

    @Test("upcalls of both kernels, a miss and an action", arguments: ["uml", "qemu"])
    func upcalls(_ kernel: String) throws {
        let conversation = try Conversation(kernel)
        let families = try conversation.openVSwitch()
        var reasons: [UpcallView.Reason: Int] = [:]
        for datagram in conversation.datagrams {
            let bytes = datagram.span
            var cursor = MessageCursor(0..<bytes.count)
            while let message = try cursor.next(in: bytes) {
                guard let upcall = try UpcallView(bytes, message, family: families.packet) else { continue }
                reasons[upcall.reason, default: 0] += 1
                guard upcall.reason == .action else { continue }
                #expect(upcall.userdata.map { place in place.map { bytes[$0] } } == Array(1...8))
                #expect(upcall.packet.count == 14 + 1450)
                #expect(upcall.key.etherType == 0x88b5)
            }
        }
        #expect(reasons[.miss, default: 0] >= 1)
        #expect(reasons[.action] == 1)
    }
}
