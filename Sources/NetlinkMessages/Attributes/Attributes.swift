public import Wire

/// The attributes of a message or of a nesting attribute, checked against a policy.
///
/// Layout of one (`struct nlattr`, linux/netlink.h): length with header, 2 bytes; number, 2 bytes, of which the high bit
/// says "nested" and the next "network order"; payload; zeros up to a multiple of four. Host order.
/// Example, an MTU of 1438, little-endian: `0800 0400 9e050000`.
public struct Attributes: Sendable {
    private let bytes: [UInt8]
    /// Payloads by attribute number. When one occurs twice the last one counts, as in the kernel.
    private var payloads: [UInt16: Range<Int>] = [:]

    /// The two flag bits of the number: `NLA_F_NESTED` and `NLA_F_NET_BYTEORDER`, linux/netlink.h.
    private static let numberMask: UInt16 = 0x3fff
    private static let headerLength = 4

    /// Reads all attributes in `range` of `bytes`.
    public init(
        in bytes: [UInt8], range: Range<Int>, policy: AttributePolicy
    ) throws(NetlinkMessageError) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "the range lies within the bytes")
        self.bytes = bytes
        try Self.walk(bytes, range, container: policy.name) { number, payload throws(NetlinkMessageError) in
            guard let spec = policy.spec(number) else { return }
            guard spec.kind.accepts(payload.count) else {
                throw .attributeLength(attribute: spec.name, length: payload.count)
            }
            payloads[number] = payload
        }
        for spec in policy.specs where spec.isRequired && payloads[spec.number] == nil {
            throw .attributeMissing(attribute: spec.name)
        }
    }

    /// Calls `body` with number and payload of each attribute. Every step is at least four bytes.
    static func walk(
        _ bytes: [UInt8], _ range: Range<Int>, container: String,
        _ body: (UInt16, Range<Int>) throws(NetlinkMessageError) -> Void
    ) throws(NetlinkMessageError) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let left = range.upperBound - offset
            guard left >= headerLength else {
                throw .attributeFraming(container: container, declared: headerLength, left: left)
            }
            let length = Int(bytes.hostUInt16(at: offset))
            guard length >= headerLength, length <= left else {
                throw .attributeFraming(container: container, declared: length, left: left)
            }
            let number = bytes.hostUInt16(at: offset + 2) & numberMask
            try body(number, (offset + headerLength)..<(offset + length))
            offset += (length + 3) & ~3
        }
    }

    public func contains(_ spec: AttributeSpec) -> Bool { payloads[spec.number] != nil }

    public func uint8(_ spec: AttributeSpec) -> UInt8? {
        integer(spec, size: 1).map { UInt8(truncatingIfNeeded: $0) }
    }

    public func uint16(_ spec: AttributeSpec) -> UInt16? {
        integer(spec, size: 2).map { UInt16(truncatingIfNeeded: $0) }
    }

    public func uint32(_ spec: AttributeSpec) -> UInt32? {
        integer(spec, size: 4).map { UInt32(truncatingIfNeeded: $0) }
    }

    public func int32(_ spec: AttributeSpec) -> Int32? {
        uint32(spec).map { Int32(bitPattern: $0) }
    }

    /// Four bytes that nf_tables writes in network order.
    public func networkUInt32(_ spec: AttributeSpec) -> UInt32? {
        guard let payload = payloads[spec.number], payload.count == 4 else { return nil }
        return bytes[payload].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Text up to its first zero; bytes that are not UTF-8 are replaced.
    public func string(_ spec: AttributeSpec) -> String? {
        payloads[spec.number].map { payload in
            String(decoding: bytes[payload].prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// The payload, copied.
    public func payload(_ spec: AttributeSpec) -> [UInt8]? {
        payloads[spec.number].map { Array(bytes[$0]) }
    }

    /// Six bytes, network order; nil if there are not six.
    public func macAddress(_ spec: AttributeSpec) -> MACAddress? {
        guard let payload = payloads[spec.number], payload.count == 6 else { return nil }
        return MACAddress(rawValue: bytes[payload].reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// Four or sixteen bytes, network order.
    public func ipAddress(_ spec: AttributeSpec) -> IPAddress? {
        guard let payload = payloads[spec.number] else { return nil }
        switch payload.count {
        case 4: return .v4(IPv4Address(rawValue: bytes[payload].reduce(0) { $0 << 8 | UInt32($1) }))
        case 16:
            let half = { (range: ArraySlice<UInt8>) in range.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
            return .v6(high: half(bytes[payload].prefix(8)), low: half(bytes[payload].suffix(8)))
        default: return nil
        }
    }

    /// The attributes within an attribute; nil if it is not there.
    public func nested(
        _ spec: AttributeSpec, _ policy: AttributePolicy
    ) throws(NetlinkMessageError) -> Attributes? {
        guard let payload = payloads[spec.number] else { return nil }
        return try Attributes(in: bytes, range: payload, policy: policy)
    }

    private func integer(_ spec: AttributeSpec, size: Int) -> UInt64? {
        guard let payload = payloads[spec.number], payload.count == size else { return nil }
        return bytes.hostInteger(size, at: payload.lowerBound)
    }
}
