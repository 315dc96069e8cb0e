/// A window on raw memory that the packet path reads and writes: a base and a length, without ownership.
///
/// Debug builds check each access against the length, and every test runs so. Release builds do not: functions of the
/// packet path check lengths once, at their top, and then compute offsets with wrapping operators. Valid while the
/// `MappedMemory` it was taken from lives. Integers are in network order unless a name says otherwise.
@frozen @safe
public struct Bytes: @unchecked Sendable {
    // Sendable: plain numbers; who may touch the memory behind them is decided by its owner.
    public let base: UnsafeMutableRawPointer
    public let count: Int

    @inlinable @inline(__always)
    public init(_ base: UnsafeMutableRawPointer, count: Int) {
        unsafe self.base = base
        self.count = count
    }

    @inlinable @inline(__always)
    func check(_ offset: Int, _ bytes: Int) {
        assert(offset >= 0 && bytes >= 0 && offset &+ bytes <= count, "outside of the window")
    }

    /// The window from `offset` to the end.
    @inlinable @inline(__always)
    public func from(_ offset: Int) -> Bytes {
        check(offset, 0)
        return unsafe Bytes(base + offset, count: count &- offset)
    }

    /// `bytes` bytes from `offset`.
    @inlinable @inline(__always)
    public func slice(_ offset: Int, _ bytes: Int) -> Bytes {
        check(offset, bytes)
        return unsafe Bytes(base + offset, count: bytes)
    }

    @inlinable @inline(__always)
    public func byte(_ offset: Int) -> UInt8 {
        check(offset, 1)
        return unsafe base.load(fromByteOffset: offset, as: UInt8.self)
    }

    @inlinable @inline(__always)
    public func network16(_ offset: Int) -> UInt16 {
        host16(offset).bigEndian
    }

    @inlinable @inline(__always)
    public func network32(_ offset: Int) -> UInt32 {
        host32(offset).bigEndian
    }

    /// Six bytes as a number: a peer's name or a hardware address.
    @inlinable @inline(__always)
    public func network48(_ offset: Int) -> UInt64 {
        UInt64(network16(offset)) << 32 | UInt64(network32(offset &+ 2))
    }

    @inlinable @inline(__always)
    public func network64(_ offset: Int) -> UInt64 {
        host64(offset).bigEndian
    }

    /// As it lies in memory; what virtio-net headers and checksums want.
    @inlinable @inline(__always)
    public func host16(_ offset: Int) -> UInt16 {
        check(offset, 2)
        return unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
    }

    @inlinable @inline(__always)
    public func host32(_ offset: Int) -> UInt32 {
        check(offset, 4)
        return unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    }

    @inlinable @inline(__always)
    public func host64(_ offset: Int) -> UInt64 {
        check(offset, 8)
        return unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    @inlinable @inline(__always)
    public func setByte(_ offset: Int, _ value: UInt8) {
        check(offset, 1)
        unsafe base.storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
    }

    @inlinable @inline(__always)
    public func setHost16(_ offset: Int, _ value: UInt16) {
        check(offset, 2)
        unsafe base.storeBytes(of: value, toByteOffset: offset, as: UInt16.self)
    }

    @inlinable @inline(__always)
    public func setNetwork16(_ offset: Int, _ value: UInt16) {
        setHost16(offset, value.bigEndian)
    }

    @inlinable @inline(__always)
    public func setNetwork32(_ offset: Int, _ value: UInt32) {
        check(offset, 4)
        unsafe base.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
    }

    @inlinable @inline(__always)
    public func setNetwork48(_ offset: Int, _ value: UInt64) {
        setNetwork16(offset, UInt16(truncatingIfNeeded: value >> 32))
        setNetwork32(offset &+ 2, UInt32(truncatingIfNeeded: value))
    }

    @inlinable @inline(__always)
    public func setNetwork64(_ offset: Int, _ value: UInt64) {
        check(offset, 8)
        unsafe base.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt64.self)
    }

    /// Copies bytes of another window, which must not overlap this range.
    @inlinable @inline(__always)
    public func copy(_ offset: Int, from source: Bytes, _ sourceOffset: Int, count bytes: Int) {
        check(offset, bytes)
        source.check(sourceOffset, bytes)
        unsafe (base + offset).copyMemory(from: source.base + sourceOffset, byteCount: bytes)
    }

    @inlinable @inline(__always)
    public func zero(_ offset: Int, count bytes: Int) {
        check(offset, bytes)
        _ = unsafe (base + offset).initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    }

    /// Whether two ranges hold the same bytes.
    @inlinable @inline(__always)
    public func matches(_ offset: Int, _ other: Bytes, _ otherOffset: Int, count bytes: Int) -> Bool {
        var index = 0
        while index &+ 8 <= bytes {
            if host64(offset &+ index) != other.host64(otherOffset &+ index) { return false }
            index &+= 8
        }
        while index < bytes {
            if byte(offset &+ index) != other.byte(otherOffset &+ index) { return false }
            index &+= 1
        }
        return true
    }
}

extension Bytes {
    /// A copy as an array; not for the packet path.
    public func array(_ offset: Int = 0, count bytes: Int? = nil) -> [UInt8] {
        (0..<(bytes ?? count - offset)).map { byte(offset + $0) }
    }

    /// Writes an array; not for the packet path.
    public func write(_ bytes: [UInt8], at offset: Int = 0) {
        for (index, value) in bytes.enumerated() { setByte(offset + index, value) }
    }
}

extension Bytes {
    /// Whether every byte is zero.
    public var isZero: Bool {
        var offset = 0
        while offset < count {
            if byte(offset) != 0 { return false }
            offset &+= 1
        }
        return true
    }
}
