/// `struct virtio_net_hdr` (linux/virtio_net.h), ten bytes in front of each frame of a port, in the machine's order:
/// flags, kind of super-frame, header length (a hint), segment size, start and offset of an unfinished checksum.
public enum VirtioHeader {
    public static let bytes = 10

    /// The checksum from `checksumStart` is unfinished: the field holds the sum of the pseudo-header.
    public static let needsChecksum: UInt8 = 1
    /// The checksum has been verified.
    public static let checksumValid: UInt8 = 2

    public static let kindNone: UInt8 = 0
    public static let kindTCP4: UInt8 = 1
    /// IPv4 fragments of one UDP datagram (UFO); the kernel no longer makes them.
    public static let kindUFO: UInt8 = 3
    public static let kindTCP6: UInt8 = 4
    /// UDP datagrams of equal size (USO), either family.
    public static let kindUDP: UInt8 = 5
    /// Or-ed to the kind: the first segment carries CWR.
    public static let kindECN: UInt8 = 0x80
}

/// A virtio-net header, read once.
public struct FrameOffload: Sendable {
    public var flags: UInt8 = 0
    public var kind: UInt8 = 0
    public var headerBytes: UInt16 = 0
    public var segmentBytes: UInt16 = 0
    public var checksumStart: UInt16 = 0
    public var checksumOffset: UInt16 = 0

    @inlinable
    public init() {}

    /// Reads the header at the start of `bytes`, which holds at least `VirtioHeader.bytes`.
    @inlinable @inline(__always)
    public init(_ bytes: Bytes) {
        flags = bytes.byte(0)
        kind = bytes.byte(1)
        headerBytes = bytes.host16(2)
        segmentBytes = bytes.host16(4)
        checksumStart = bytes.host16(6)
        checksumOffset = bytes.host16(8)
    }

    /// Writes it to the start of `bytes`.
    @inlinable @inline(__always)
    public func write(to bytes: Bytes) {
        bytes.setByte(0, flags)
        bytes.setByte(1, kind)
        bytes.setHost16(2, headerBytes)
        bytes.setHost16(4, segmentBytes)
        bytes.setHost16(6, checksumStart)
        bytes.setHost16(8, checksumOffset)
    }
}
