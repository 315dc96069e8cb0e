/// The one's complement sum of RFC 1071, for messages built off the packet path.
public struct InternetChecksum: Sendable {
    private var sum: UInt64 = 0

    public init() {}

    /// Adds bytes as 16-bit words, network order; an odd last byte counts as the high half of a word.
    public mutating func add(_ bytes: some Sequence<UInt8>) {
        var high = true
        for byte in bytes {
            sum += high ? UInt64(byte) << 8 : UInt64(byte)
            high.toggle()
        }
    }

    /// The value for the checksum field.
    public var value: UInt16 {
        var folded = sum
        while folded >> 16 != 0 { folded = (folded & 0xffff) + folded >> 16 }
        return ~UInt16(folded)
    }
}
