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

    /// Continues behind other messages (`NetlinkBatch`); their end is a multiple of four.
    init(reserving capacity: Int) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    public mutating func put(_ spec: AttributeSpec, uint8 value: UInt8) { putHost(spec.number, value) }

    public mutating func put(_ spec: AttributeSpec, uint16 value: UInt16) { putHost(spec.number, value) }

    public mutating func put(_ spec: AttributeSpec, uint32 value: UInt32) { putHost(spec.number, value) }

    public mutating func put(_ spec: AttributeSpec, int32 value: Int32) { putHost(spec.number, value) }

    public mutating func put(_ spec: AttributeSpec, uint64 value: UInt64) { putHost(spec.number, value) }

    /// An integer in network order; its length must be the attribute's.
    public mutating func put(_ spec: AttributeSpec, network value: some FixedWidthInteger & UnsignedInteger) {
        begin(spec.number, value.bitWidth / 8)
        bytes.appendNetwork(value)
        bytes.alignToFour()
    }

    /// An attribute that says all by being there.
    public mutating func put(flag spec: AttributeSpec) { begin(spec.number, 0) }

    /// Text, ended by a zero.
    public mutating func put(_ spec: AttributeSpec, string value: String) {
        begin(spec.number, value.utf8.count + 1)
        bytes.append(contentsOf: value.utf8)
        bytes.append(0)
        bytes.alignToFour()
    }

    public mutating func put(_ spec: AttributeSpec, bytes value: [UInt8]) { put(spec.number, value) }

    /// Bytes of an attribute that has no spec here: one that was read and is written back.
    public mutating func put(number: UInt16, bytes value: [UInt8]) { put(number, value) }

    /// A part of borrowed bytes, copied at once.
    public mutating func put(_ spec: AttributeSpec, _ range: Range<Int>, of source: Span<UInt8>) {
        begin(spec.number, range.count)
        bytes.append(addingCapacity: range.count) { output in
            for index in range { output.append(source[index]) }
        }
        bytes.alignToFour()
    }

    public mutating func put(_ spec: AttributeSpec, _ address: MACAddress) { put(spec.number, address.bytes) }

    public mutating func put(_ spec: AttributeSpec, _ address: IPAddress) { put(spec.number, address.networkBytes) }

    /// Attributes within an attribute. `marked` sets `NLA_F_NESTED`. `fixedPart` goes in front of them (only
    /// `VETH_INFO_PEER` has one).
    public mutating func nest(
        _ spec: AttributeSpec, marked: Bool = true, behind fixedPart: [UInt8] = [],
        _ content: (inout AttributeWriter) -> Void
    ) {
        let start = bytes.count
        begin(marked ? spec.number | Self.nestedFlag : spec.number, 0)
        bytes.append(contentsOf: fixedPart)
        bytes.alignToFour()
        content(&self)
        let length = bytes.count - start
        precondition(length <= 65_535, "an attribute's length, header included, has 16 bits")
        bytes.replaceHost(UInt16(length), at: start)
    }

    /// Bytes without an attribute's header: message headers, and structures within an attribute.
    mutating func append(_ content: (inout [UInt8]) -> Void) {
        content(&bytes)
    }

    /// Forgets everything and keeps the memory.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

    private mutating func putHost(_ number: UInt16, _ value: some FixedWidthInteger) {
        begin(number, value.bitWidth / 8)
        bytes.appendHost(value)
        bytes.alignToFour()
    }

    private mutating func put(_ number: UInt16, _ payload: [UInt8]) {
        begin(number, payload.count)
        bytes.append(contentsOf: payload)
        bytes.alignToFour()
    }

    /// The header of an attribute with a payload of `length` bytes.
    mutating func begin(_ number: UInt16, _ length: Int) {
        precondition(length <= Self.longestPayload, "an attribute's length, header included, has 16 bits")
        bytes.appendHost(UInt16(4 + length))
        bytes.appendHost(number)
    }

    /// What the 16 bits of a length leave behind the header.
    static let longestPayload = 65_531
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
