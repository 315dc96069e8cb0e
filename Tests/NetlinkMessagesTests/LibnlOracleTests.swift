import CNetlink
import NetlinkMessages
import Testing
import Wire

/// libnl as an independent opinion: the messages that it builds from the same values, and what it reads in ours.
@Suite struct LibnlOracleTests {
    /// A message built by libnl, as bytes with sequence 7 and port 42.
    private func built(
        _ type: Int32, _ flags: Int32, fixed: [UInt8], _ fill: (OpaquePointer) -> Void
    ) throws -> [UInt8] {
        let message = try #require(nlmsg_alloc())
        defer { nlmsg_free(message) }
        let header = try #require(nlmsg_put(message, 42, 7, type, 0, flags | 1))
        var fixed = fixed
        nlmsg_append(message, &fixed, fixed.count, 4)
        fill(message)
        let count = Int(header.pointee.nlmsg_len)
        return Array(UnsafeRawBufferPointer(start: UnsafeRawPointer(header), count: count))
    }

    private func bytes(_ request: NetlinkRequest) -> [UInt8] { request.bytes(sequence: 7, port: 42) }

    private func put(_ message: OpaquePointer, _ number: Int32, _ payload: [UInt8]) {
        nla_put(message, number, Int32(payload.count), payload)
    }

    private func nest(_ message: OpaquePointer, _ number: Int32, _ body: () -> Void) {
        let start = nla_nest_start(message, number | 0x8000)
        body()
        nla_nest_end(message, start)
    }

    @Test("a bridge with address")
    func bridge() throws {
        let mac = try #require(MACAddress(text: "02:00:00:00:0b:01"))
        let expected = try built(16, 0x604, fixed: Array(repeating: 0, count: 16)) { message in
            nla_put_string(message, 3, "weave")
            put(message, 1, mac.bytes)
            nest(message, 18) { nla_put_string(message, 1, "bridge") }
        }
        #expect(bytes(.createBridge(LinkSettings(name: "weave", address: mac))) == expected)
    }

    @Test("a veth pair with its peer in another namespace")
    func veth() throws {
        let expected = try built(16, 0x604, fixed: Array(repeating: 0, count: 16)) { message in
            nla_put_string(message, 3, "outer")
            nla_put_u32(message, 4, 1438)
            nla_put_u32(message, 10, 5)
            nest(message, 18) {
                nla_put_string(message, 1, "veth")
                nest(message, 2) {
                    nest(message, 1) {
                        var fixed = [UInt8](repeating: 0, count: 16)
                        nlmsg_append(message, &fixed, fixed.count, 4)
                        nla_put_string(message, 3, "ethwe")
                        nla_put_u32(message, 4, 1438)
                        nla_put_u32(message, 28, 9)
                    }
                }
            }
        }
        let request = NetlinkRequest.createVeth(
            LinkSettings(name: "outer", mtu: 1438, master: 5),
            peer: LinkSettings(name: "ethwe", mtu: 1438, namespaceDescriptor: 9))
        #expect(bytes(request) == expected)
    }

    @Test("an address, for prefixes with and without a broadcast address", arguments: [8, 12, 30, 31, 32])
    func address(_ prefixLength: Int) throws {
        let address = try #require(
            InterfaceAddress(IPv4Address(rawValue: 0x0a20_0001), prefixLength: prefixLength))
        let fixed: [UInt8] = [2, UInt8(prefixLength), 0, 0, 3, 0, 0, 0]
        let expected = try built(20, 0x604, fixed: fixed) { message in
            put(message, 2, [10, 32, 0, 1])
            put(message, 1, [10, 32, 0, 1])
            if prefixLength < 31 { put(message, 4, address.broadcast.bytes) }
        }
        #expect(bytes(.addAddress(address, to: 3)) == expected)
    }

    @Test("the multicast route")
    func route() throws {
        let network = try #require(InterfaceAddress(text: "224.0.0.0/4"))
        let expected = try built(24, 0x604, fixed: [2, 4, 0, 0, 254, 3, 253, 1, 0, 0, 0, 0]) { message in
            put(message, 1, [224, 0, 0, 0])
            nla_put_u32(message, 4, 3)
        }
        #expect(bytes(.addLinkRoute(to: network, interface: 3)) == expected)
    }

    @Test("libnl finds the attributes of every recorded message well-formed", arguments: Recording.all)
    func validate(_ recording: Recording) throws {
        for message in try recording.answers + NetlinkMessage.messages(in: recording.request) {
            guard let fixed = Self.fixedLengths[message.header.type.rawValue] else { continue }
            var bytes = message.bodyBytes
            let count = bytes.count
            bytes.withUnsafeMutableBytes { buffer in
                guard let base = buffer.baseAddress, count > fixed else { return }
                let head = (base + fixed).assumingMemoryBound(to: nlattr.self)
                var found = [UnsafeMutablePointer<nlattr>?](repeating: nil, count: 65)
                #expect(nla_parse(&found, 64, head, Int32(count - fixed), nil) == 0)
                #expect(found.contains { $0 != nil })
            }
        }
    }

    /// By message type: `struct ifinfomsg`, `ifaddrmsg`, `rtmsg`, `rtgenmsg` (padded), `nfgenmsg`.
    private static let fixedLengths: [UInt16: Int] = [
        16: 16, 17: 16, 18: 16, 19: 16, 20: 8, 21: 8, 22: 8, 24: 12, 25: 12, 26: 12, 88: 4, 90: 4, 2563: 4, 2564: 4,
    ]

    @Test("random values written are read back by us and by libnl")
    func roundTrip() throws {
        let spec8 = AttributeSpec(1, "EIGHT", .uint8)
        let spec16 = AttributeSpec(2, "SIXTEEN", .uint16)
        let spec32 = AttributeSpec(3, "THIRTY_TWO", .uint32, required: true)
        let text = AttributeSpec(4, "TEXT", .string(limit: 40))
        let inner = AttributeSpec(5, "INNER", .nested)
        let policy = AttributePolicy("outer", [spec8, spec16, spec32, text, inner])
        for value in [0, 1, 0x7f, 0x1234_5678, UInt32.max] {
            var writer = AttributeWriter()
            writer.put(spec8, uint8: UInt8(truncatingIfNeeded: value))
            writer.put(spec16, uint16: UInt16(truncatingIfNeeded: value))
            writer.put(spec32, uint32: value)
            writer.put(text, string: String(value))
            writer.nest(inner) { $0.put(spec32, uint32: ~value) }
            let read = try Attributes(in: writer.bytes, range: 0..<writer.bytes.count, policy: policy)
            #expect(read.uint8(spec8) == UInt8(truncatingIfNeeded: value))
            #expect(read.uint16(spec16) == UInt16(truncatingIfNeeded: value))
            #expect(read.uint32(spec32) == value)
            #expect(read.string(text) == String(value))
            #expect(try read.nested(inner, AttributePolicy("INNER", [spec32]))?.uint32(spec32) == ~value)
            var bytes = writer.bytes
            bytes.withUnsafeMutableBytes { buffer in
                guard let head = buffer.baseAddress?.assumingMemoryBound(to: nlattr.self) else { return }
                #expect(nla_get_u32(nla_find(head, Int32(buffer.count), 3)) == value)
                #expect(nla_get_u16(nla_find(head, Int32(buffer.count), 2)) == UInt16(truncatingIfNeeded: value))
                #expect(String(cString: nla_get_string(nla_find(head, Int32(buffer.count), 4))) == String(value))
            }
        }
    }
}
