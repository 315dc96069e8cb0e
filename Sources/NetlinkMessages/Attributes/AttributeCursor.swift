/// Walks over attributes in borrowed bytes and hands out where their payloads lie: nothing is copied or allocated.
///
/// For messages that come by the thousand (upcalls, lists of flows). `Attributes` is the reader for all others.
struct AttributeCursor {
    /// The two flag bits of the number: `NLA_F_NESTED` and `NLA_F_NET_BYTEORDER`, linux/netlink.h.
    private static let numberMask: UInt16 = 0x3fff
    private static let headerLength = 4

    private var offset: Int
    private let end: Int
    /// What contains the attributes, for error messages.
    private let container: String

    /// - Parameter range: lies within the bytes that `next` is called with.
    init(_ range: Range<Int>, container: String) {
        offset = range.lowerBound
        end = range.upperBound
        self.container = container
    }

    /// The next attribute; nil at the end. Every step is at least four bytes.
    mutating func next(in bytes: Span<UInt8>) throws(NetlinkMessageError) -> Found? {
        let left = end - offset
        guard left > 0 else { return nil }
        guard left >= Self.headerLength else {
            throw .attributeFraming(container: container, declared: Self.headerLength, left: left)
        }
        let length = Int(bytes.hostUInt16(at: offset))
        guard length >= Self.headerLength, length <= left else {
            throw .attributeFraming(container: container, declared: length, left: left)
        }
        let number = bytes.hostUInt16(at: offset + 2) & Self.numberMask
        let payload = (offset + Self.headerLength)..<(offset + length)
        offset += (length + 3) & ~3
        return Found(number: number, payload: payload)
    }

    /// An attribute, by its number and where its payload lies.
    struct Found {
        let number: UInt16
        let payload: Range<Int>

        /// The payload as attributes again.
        func nested(_ spec: AttributeSpec) -> AttributeCursor { AttributeCursor(payload, container: spec.name) }

        /// The payload's place, if its length is what `spec` says.
        func place(_ spec: AttributeSpec) throws(NetlinkMessageError) -> Range<Int> {
            guard spec.kind.accepts(payload.count) else {
                throw .attributeLength(attribute: spec.name, length: payload.count)
            }
            return payload
        }

        func uint8(_ spec: AttributeSpec, in bytes: Span<UInt8>) throws(NetlinkMessageError) -> UInt8 {
            UInt8(truncatingIfNeeded: try host(spec, 1, in: bytes))
        }

        func uint16(_ spec: AttributeSpec, in bytes: Span<UInt8>) throws(NetlinkMessageError) -> UInt16 {
            UInt16(truncatingIfNeeded: try host(spec, 2, in: bytes))
        }

        func uint32(_ spec: AttributeSpec, in bytes: Span<UInt8>) throws(NetlinkMessageError) -> UInt32 {
            UInt32(truncatingIfNeeded: try host(spec, 4, in: bytes))
        }

        func uint64(_ spec: AttributeSpec, in bytes: Span<UInt8>) throws(NetlinkMessageError) -> UInt64 {
            try host(spec, 8, in: bytes)
        }

        /// An integer in network order, of the payload's length.
        func network(_ spec: AttributeSpec, in bytes: Span<UInt8>) throws(NetlinkMessageError) -> UInt64 {
            let place = try place(spec)
            guard place.count <= 8 else { throw .attributeLength(attribute: spec.name, length: place.count) }
            return bytes.networkInteger(place.count, at: place.lowerBound)
        }

        private func host(
            _ spec: AttributeSpec, _ size: Int, in bytes: Span<UInt8>
        ) throws(NetlinkMessageError) -> UInt64 {
            guard payload.count == size else {
                throw .attributeLength(attribute: spec.name, length: payload.count)
            }
            return bytes.hostInteger(size, at: payload.lowerBound)
        }
    }
}
