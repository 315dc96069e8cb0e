// The one's complement sum of RFC 1071 over raw memory. Sums are taken in memory order, whatever the machine's, and so
// is a folded sum: it is stored as it is. `Checksum.of` brings a number into that order.

extension Bytes {
    /// The sum of `bytes` bytes as 16-bit words in memory order, not folded. The compiler makes vector code of it.
    @inlinable @inline(__always)
    public func sum(_ offset: Int, _ bytes: Int) -> UInt64 {
        check(offset, bytes)
        var sum: UInt64 = 0
        var at = unsafe UnsafeRawPointer(base + offset)
        var left = bytes
        while left >= 4 {
            sum &+= UInt64(unsafe at.loadUnaligned(as: UInt32.self))
            unsafe at += 4
            left &-= 4
        }
        if left & 2 != 0 {
            sum &+= UInt64(unsafe at.loadUnaligned(as: UInt16.self))
            unsafe at += 2
        }
        // An odd last byte is the first half of a word: the low one in memory order of a little-endian machine.
        if left & 1 != 0 { sum &+= UInt64(UInt16(littleEndian: UInt16(unsafe at.load(as: UInt8.self)))) }
        return sum
    }
}

public enum Checksum {
    /// Folds a sum to 16 bits, memory order.
    @inlinable @inline(__always)
    public static func fold(_ sum: UInt64) -> UInt16 {
        var folded = (sum & 0xffff_ffff) &+ (sum >> 32)
        folded = (folded & 0xffff) &+ (folded >> 16)
        folded = (folded & 0xffff) &+ (folded >> 16)
        folded = (folded & 0xffff) &+ (folded >> 16)
        return UInt16(truncatingIfNeeded: folded)
    }

    /// What a 16-bit field with this value adds to a sum.
    @inlinable @inline(__always)
    public static func of(_ value: UInt16) -> UInt64 {
        UInt64(value.bigEndian)
    }

    /// What a checksum field must hold for this sum of everything else.
    @inlinable @inline(__always)
    public static func field(_ sum: UInt64) -> UInt16 {
        ~fold(sum)
    }

    /// The same for UDP, where 0 means "none" and 0xffff stands for it (RFC 768).
    @inlinable @inline(__always)
    public static func fieldOfUDP(_ sum: UInt64) -> UInt16 {
        let value = ~fold(sum)
        return value == 0 ? 0xffff : value
    }
}
