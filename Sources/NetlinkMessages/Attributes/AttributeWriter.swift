public import Wire

/// Builds the body of a request: a fixed part, then attributes. Lengths are written after the content.
public struct AttributeWriter: Sendable {
    public private(set) var bytes: [UInt8]

    /// `NLA_F_NESTED`, linux/netlink.h. rtnetlink does not ask for it; strict families do.
    private static let nestedFlag: UInt16 = 0x8000

    /// Begins behind a fixed part, padded to four bytes.
    public init(behind fixedPart: [UInt8] = []) {
        bytes = fixedPart
        bytes.alignToFour()
    }

    public mutating func put(_ spec: AttributeSpec, uint8 value: UInt8) { put(spec.number, [value]) }

    public mutating func put(_ spec: AttributeSpec, uint16 value: UInt16) { putHost(spec.number, value) }

    public mutating func put(_ spec: AttributeSpec, uint32 value: UInt32) { putHost(spec.number, value) }

    public mutating func put(_ spec: AttributeSpec, int32 value: Int32) { putHost(spec.number, value) }

    /// Text, ended by a zero.
    public mutating func put(_ spec: AttributeSpec, string value: String) { put(spec.number, Array(value.utf8) + [0]) }

    public mutating func put(_ spec: AttributeSpec, bytes value: [UInt8]) { put(spec.number, value) }

    public mutating func put(_ spec: AttributeSpec, _ address: MACAddress) { put(spec.number, address.bytes) }

    public mutating func put(_ spec: AttributeSpec, _ address: IPAddress) { put(spec.number, address.networkBytes) }

    /// Attributes within an attribute. `marked` sets `NLA_F_NESTED`. `fixedPart` goes in front of them (only
    /// `VETH_INFO_PEER` has one).
    public mutating func nest(
        _ spec: AttributeSpec, marked: Bool = true, behind fixedPart: [UInt8] = [],
        _ content: (inout AttributeWriter) -> Void
    ) {
        var inner = AttributeWriter(behind: fixedPart)
        content(&inner)
        put(marked ? spec.number | Self.nestedFlag : spec.number, inner.bytes)
    }

    private mutating func putHost(_ number: UInt16, _ value: some FixedWidthInteger) {
        var payload: [UInt8] = []
        payload.appendHost(value)
        put(number, payload)
    }

    private mutating func put(_ number: UInt16, _ payload: [UInt8]) {
        precondition(payload.count <= 65_531, "an attribute's length, header included, has 16 bits")
        bytes.appendHost(UInt16(4 + payload.count))
        bytes.appendHost(number)
        bytes.append(contentsOf: payload)
        bytes.alignToFour()
    }
}

extension IPAddress {
    /// Four or sixteen bytes, network order.
    var networkBytes: [UInt8] {
        switch self {
        case .v4(let address): return address.bytes
        case .v6(let high, let low):
            var bytes: [UInt8] = []
            bytes.appendNetwork(high)
            bytes.appendNetwork(low)
            return bytes
        }
    }

    /// `AF_INET` or `AF_INET6`, linux/socket.h.
    var family: AddressFamily {
        switch self {
        case .v4: .ipv4
        case .v6: .ipv6
        }
    }
}
