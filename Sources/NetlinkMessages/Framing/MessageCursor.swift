/// Walks over the messages of a received datagram without copying: the packet path's `NetlinkMessage.messages`.
public struct MessageCursor: Sendable {
    /// A message: its type, sequence number, and where its body lies.
    public struct Found: Sendable {
        public let type: NetlinkType
        public let sequence: UInt32
        public let body: Range<Int>
    }

    private var offset: Int
    private let end: Int

    /// - Parameter range: lies within the bytes that `next` is called with.
    public init(_ range: Range<Int>) {
        offset = range.lowerBound
        end = range.upperBound
    }

    /// The next message; nil at the end. Every step is at least 16 bytes.
    public mutating func next(in bytes: Span<UInt8>) throws(NetlinkMessageError) -> Found? {
        let left = end - offset
        guard left > 0 else { return nil }
        guard left >= NetlinkHeader.length else { throw .headerTruncated(left: left) }
        let declared = bytes.hostUInt32(at: offset)
        guard let length = Int(exactly: declared), length >= NetlinkHeader.length, length <= left else {
            throw .messageLength(declared: declared, left: left)
        }
        let found = Found(
            type: NetlinkType(rawValue: bytes.hostUInt16(at: offset + 4)),
            sequence: bytes.hostUInt32(at: offset + 8),
            body: (offset + NetlinkHeader.length)..<(offset + length))
        offset += (length + 3) & ~3
        return found
    }
}
