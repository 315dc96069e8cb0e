import CMnl
import CNetlink
import NetlinkMessages
import Testing
import Wire

/// libnl and libmnl as independent opinions about Open vSwitch messages: what they build from the same values, and which
/// attributes they find in recordings.
@Suite struct LibraryOracleTests {
    private static let families = OpenVSwitchFamilies(
        datapath: GenericFamily(type: NetlinkType(rawValue: 26), name: "ovs_datapath"),
        vport: GenericFamily(type: NetlinkType(rawValue: 27), name: "ovs_vport"),
        flow: GenericFamily(type: NetlinkType(rawValue: 28), name: "ovs_flow"),
        packet: GenericFamily(type: NetlinkType(rawValue: 29), name: "ovs_packet"))

    /// A message built by libnl, as bytes with sequence 7 and port 42.
    private func built(
        _ family: Int32, _ flags: Int32, command: UInt8, version: UInt8, _ fill: (OpaquePointer) -> Void
    ) throws -> [UInt8] {
        let message = try #require(nlmsg_alloc())
        defer { nlmsg_free(message) }
        let user = try #require(genlmsg_put(message, 42, 7, family, 4, flags | 1, command, version))
        user.storeBytes(of: 4, as: UInt32.self)
        fill(message)
        let header = try #require(nlmsg_hdr(message))
        return Array(UnsafeRawBufferPointer(start: header, count: Int(header.pointee.nlmsg_len)))
    }

    private func nest(_ message: OpaquePointer, _ number: Int32, _ body: () -> Void) {
        // Unmarked, as Open vSwitch's own tools send them.
        let start = nla_nest_start(message, number)
        start?.pointee.nla_type = UInt16(number)
        body()
        nla_nest_end_keep_empty(message, start)
    }

    private func put(_ message: OpaquePointer, _ number: Int32, _ payload: [UInt8]) {
        nla_put(message, number, Int32(payload.count), payload)
    }

    @Test("libnl builds the same vport")
    func vport() throws {
        let expected = try built(27, 0x8, command: 1, version: 1) { message in
            nla_put_string(message, 3, "vxlan-6784")
            nla_put_u32(message, 2, 4)
            nest(message, 4) { nla_put_u16(message, 1, 6784) }
            nla_put_u32(message, 5, 77)
        }
        let settings = VportSettings.vxlan(
            "vxlan-6784", port: PortNumber(rawValue: 6784), upcallPorts: [UpcallPort(rawValue: 77)])
        let request = Self.families.createVport(settings, in: DatapathIndex(rawValue: 4))
        #expect(request.bytes(sequence: 7, port: 42) == expected)
    }

    @Test("libnl builds the same flow, with tunnels, nests and empty lists")
    func flow() throws {
        let tunnel = TunnelKey(
            id: 0x00a1_3f0f, source: IPv4Address(rawValue: 0x0a63_0101),
            destination: IPv4Address(rawValue: 0x0a63_0102), timeToLive: 64, flags: .dontFragment)
        let source = try #require(MACAddress(text: "02:00:00:00:0c:01"))
        let destination = try #require(MACAddress(text: "02:00:00:00:0c:02"))
        let match = FlowMatch(
            exactly: FlowKey(
                inPort: VportNumber(rawValue: 2), ethernet: EthernetKey(source: source, destination: destination)))
        let expected = try built(28, 0x604, command: 1, version: 1) { message in
            put(message, 9, Array(1...16))
            nest(message, 1) {
                nla_put_u32(message, 3, 2)
                put(message, 4, source.bytes + destination.bytes)
            }
            nest(message, 7) {
                nla_put_u32(message, 3, .max)
                put(message, 4, Array(repeating: 0xff, count: 12))
            }
            nest(message, 2) {
                nest(message, 3) {
                    nest(message, 16) {
                        put(message, 0, [0, 0, 0, 0, 0, 0xa1, 0x3f, 0x0f])
                        put(message, 1, [10, 99, 1, 1])
                        put(message, 2, [10, 99, 1, 2])
                        nla_put_u8(message, 4, 64)
                        nla_put_flag(message, 5)
                    }
                }
                nla_put_u32(message, 1, 3)
                nest(message, 21) {
                    nla_put_u16(message, 1, 1424)
                    nest(message, 2) {
                        nest(message, 2) {
                            nla_put_u32(message, 1, 77)
                            put(message, 2, [1, 2, 3])
                        }
                    }
                    nest(message, 3) {}
                }
            }
        }
        let request = Self.families.createFlow(
            match,
            actions: [
                .setTunnel(tunnel), .output(VportNumber(rawValue: 3)),
                .checkLength(
                    1424, greater: [.userspace(UpcallPort(rawValue: 77), userdata: [1, 2, 3])], lessOrEqual: []),
            ], id: FlowID(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10), .onlyNew,
            in: DatapathIndex(rawValue: 4))
        #expect(request.bytes(sequence: 7, port: 42) == expected)
    }

    @Test(
        "libmnl finds in every recorded message the attributes that its description has",
        arguments: OpenVSwitchRecording.all)
    func attributes(_ recording: OpenVSwitchRecording) throws {
        var found = 0
        for entry in recording.entries where entry.expected.family != nil && !entry.expected.attrs.isEmpty {
            let fixed = entry.expected.family == "nlctrl" ? 4 : 8
            let numbers = Self.numbers(in: Array(entry.message.bodyBytes.dropFirst(fixed)))
            #expect(numbers.count == entry.expected.attrs.count)
            found += numbers.count
        }
        #expect(found > 100)
    }

    /// The numbers of the attributes that libmnl finds.
    private static func numbers(in attributes: [UInt8]) -> [UInt16] {
        var numbers: [UInt16] = []
        withUnsafeMutablePointer(to: &numbers) { numbers in
            attributes.withUnsafeBytes { buffer in
                let take: mnl_attr_cb_t = { attribute, context in
                    context?.assumingMemoryBound(to: [UInt16].self).pointee.append(mnl_attr_get_type(attribute))
                    return 1
                }
                _ = buffer.baseAddress.map { mnl_attr_parse_payload($0, buffer.count, take, numbers) }
            }
        }
        return numbers
    }
}
