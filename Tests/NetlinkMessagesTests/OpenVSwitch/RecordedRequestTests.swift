import NetlinkMessages
import Testing
import Wire

/// The reference router's requests, made by our builders: byte for byte where it sends what weft would, otherwise the same
/// attributes in another order, which the kernel does not look at.
@Suite struct RecordedRequestTests {
    private static let recordings = ["clear", "relay", "encrypted"]

    /// Our request for a recorded one; nil for those that weft never sends.
    private func ours(_ entry: OpenVSwitchRecording.Entry, _ families: OpenVSwitchFamilies) throws -> NetlinkRequest? {
        let attributes = entry.expected.attrs
        let index = DatapathIndex(rawValue: entry.expected.dpIndex ?? 0)
        let number = VportNumber(rawValue: UInt32(attributes.number("PORT_NO") ?? 0))
        let name = attributes.text("NAME") ?? ""
        let isList = entry.expected.flags == "0x301"
        switch entry.expected.command {
        case "DP_NEW(1)":
            let features = DatapathFeatures(rawValue: UInt32(attributes.number("USER_FEATURES") ?? 0))
            return families.createDatapath(named: name, features: features)
        case "DP_GET(3)": return families.datapath(named: name)
        case "VPORT_NEW(1)":
            let port = attributes.nest("OPTIONS")?.number("DST_PORT").map { PortNumber(rawValue: UInt16($0)) }
            return families.createVport(port.map { .vxlan(name, port: $0) } ?? .netdev(name), in: index)
        case "VPORT_GET(3)":
            return isList ? families.vports(in: index) : families.vport(number, in: index)
        case "VPORT_SET(4)":
            let port = UpcallPort(rawValue: UInt32(attributes.number("UPCALL_PID") ?? 0))
            return families.setUpcallPorts([port], of: number, in: index)
        case "VPORT_DEL(2)": return families.deleteVport(number, in: index)
        case "FLOW_GET(3)": return families.flows(in: index)
        default: return nil
        }
    }

    /// The reference does not pad its last attribute, which a message's length may leave out.
    private func padded(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        while !bytes.count.isMultiple(of: 4) { bytes.append(0) }
        bytes[0] = UInt8(truncatingIfNeeded: bytes.count)
        return bytes
    }

    @Test("requests about datapaths, vports and lists are the same bytes", arguments: recordings)
    func bytes(_ name: String) throws {
        let recording = try OpenVSwitchRecording(name)
        var commands: Set<String> = []
        for entry in recording.entries where entry.expected.direction == "to-kernel" {
            guard let request = try ours(entry, recording.families) else { continue }
            commands.insert(entry.expected.command ?? "")
            #expect(request.bytes(sequence: entry.expected.seq, port: entry.expected.pid) == padded(entry.bytes))
        }
        #expect(
            commands.isSuperset(of: [
                "DP_NEW(1)", "DP_GET(3)", "VPORT_NEW(1)", "VPORT_GET(3)", "VPORT_SET(4)", "FLOW_GET(3)",
            ]))
    }

    @Test("a family is asked for with the recorded attributes", arguments: recordings)
    func families(_ name: String) throws {
        let recording = try OpenVSwitchRecording(name)
        let entries = recording.entries("nlctrl", fromKernel: false)
        #expect(entries.count >= 4)
        for entry in entries {
            let family = entry.expected.attrs.text("FAMILY_NAME") ?? ""
            let request = NetlinkRequest.genericFamily(named: family)
            // The reference asks for an echo besides, and leaves the version 0.
            #expect(request.body.dropFirst(4) == padded(entry.bytes).dropFirst(20))
        }
    }

    @Test("executions are the same bytes, but for a TOS of 0 that we leave out", arguments: recordings)
    func executions(_ name: String) throws {
        let recording = try OpenVSwitchRecording(name)
        var same = 0
        for entry in recording.entries("ovs_packet", fromKernel: false) {
            let actions = entry.expected.attrs.nest("ACTIONS")?.flowActions ?? []
            guard case .packet(let length, _) = entry.expected.attrs["PACKET"] else {
                Issue.record("an execution without a packet")
                continue
            }
            // Behind three headers and the attribute's own.
            let frame = 28..<(28 + length)
            var batch = NetlinkBatch()
            let fits = recording.families.appendExecute(
                frame, of: entry.bytes.span, actions: actions,
                in: DatapathIndex(rawValue: entry.expected.dpIndex ?? 0), answer: .echo, to: &batch)
            #expect(fits)
            batch.number(from: entry.expected.seq, port: 0)
            let tunnels = actions.count { if case .setTunnel = $0 { true } else { false } }
            #expect(batch.bytes.count == entry.bytes.count - 8 * tunnels)
            if tunnels == 0 {
                #expect(batch.bytes == entry.bytes)
                same += 1
            }
        }
        #expect(same > 0)
    }

    @Test("flows are the same bytes where the attributes have our order, and as long elsewhere", arguments: recordings)
    func flows(_ name: String) throws {
        let recording = try OpenVSwitchRecording(name)
        var (made, same) = (0, 0)
        for entry in recording.entries("ovs_flow", fromKernel: false) where entry.expected.command == "FLOW_NEW(1)" {
            let flow = try Flow(entry.message)
            let match = try #require(flow.match)
            let actions = try #require(flow.actions)
            let request = recording.families.createFlow(match, actions: actions, in: flow.datapath, answer: .echo)
            let bytes = request.bytes(sequence: entry.expected.seq, port: 0)
            let tunnels = actions.count { if case .setTunnel = $0 { true } else { false } }
            #expect(bytes.count == entry.bytes.count - 8 * tunnels)
            let again = try Flow(try #require(try NetlinkMessage.messages(in: bytes).first))
            #expect(again.match == match)
            #expect(again.actions == actions)
            made += 1
            if bytes == entry.bytes { same += 1 }
        }
        #expect(made > 3)
        // The reference's order changes from request to request; some have ours.
        if name == "relay" { #expect(same > 0) }
    }
}
