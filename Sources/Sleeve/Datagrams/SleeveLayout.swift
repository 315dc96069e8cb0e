/// Sizes of sleeve's datagrams (`docs/protocol-sleeve.md`, "Datagrams" and "Sizes"). Fixed by the wire unless a
/// comment says "chosen".
public enum SleeveLayout {
    /// IPv4 and UDP headers of the underlay.
    public static var underlayHeader: Int { 28 }
    /// The sender's name in front of each datagram.
    public static var prefix: Int { 6 }
    /// Sequence (8) and Poly1305 tag (16), between the prefix and a sealed body.
    public static var sealedHeader: Int { 8 + 16 }
    /// The tag's share of `sealedHeader`.
    public static var tag: Int { 16 }
    /// Source name (6), destination name (6), length (2), in front of each frame.
    public static var recordHeader: Int { 14 }
    /// The inner Ethernet header: the MTU does not count it.
    public static var ethernetHeader: Int { 14 }

    /// What stands in front of the first record: 6 bytes, or 30 when sealed.
    public static func datagramHeader(isSealed: Bool) -> Int {
        isSealed ? prefix + sealedHeader : prefix
    }

    /// Underlay bytes that an overlay packet alone in its datagram costs: 62, or 86 when sealed.
    public static func overhead(isSealed: Bool) -> Int {
        underlayHeader + datagramHeader(isSealed: isSealed) + recordHeader + ethernetHeader
    }

    /// The largest UDP payload over IPv4.
    public static var maximumPayload: Int { 65_507 }
    /// The largest IPv4 packet.
    public static var maximumPathMTU: Int { 65_535 }
    /// Every path is taken to carry this overlay MTU: below it, datagrams leave without DF.
    public static var floorMTU: Int { 552 }

    /// Length of a heartbeat's frame: the zero header and the connection's UID.
    public static var heartbeatFrame: Int { 22 }
    /// Length of a call's frame: a heartbeat, and a byte of 1. With a byte of 0 it is an MTU test.
    public static var callFrame: Int { 23 }
    /// Length of a fragmentation test's frame, which no path carries in one piece.
    public static var fragmentationTestFrame: Int { 60_001 }

    /// Whether a special frame of `size` + 14 bytes means "MTU test" rather than one of the two other kinds.
    public static func isTestable(size: Int) -> Bool {
        let length = size + ethernetHeader
        return size >= 0 && length != heartbeatFrame && length != fragmentationTestFrame && length <= 65_535
    }
}
