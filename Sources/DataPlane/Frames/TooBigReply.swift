package import PacketIO

/// "Fragmentation needed" towards the sender of a packet that its path does not carry: ICMP 3/4 (RFC 792, RFC 1191)
/// or ICMPv6 "packet too big" (RFC 4443, 3.2), as if the packet's destination had sent it.
package enum TooBigReply {
    /// The largest reply: Ethernet and the smallest MTU of IPv6.
    package static let maximumBytes = 14 + 1_280

    /// Writes the reply to `frame` into `reply`, which has room for `maximumBytes`. Returns its length, 0 for none.
    package static func write(to reply: Bytes, about frame: Bytes, _ layout: FrameLayout, mtu: Int) -> Int {
        // Never to a group, which nobody sends from.
        guard frame.byte(6) & 1 == 0 else { return 0 }
        reply.copy(0, from: frame, 6, count: 6)
        reply.copy(6, from: frame, 0, count: 6)
        reply.copy(12, from: frame, 12, count: 2)
        if layout.isPlainIPv4 { return writeIPv4(reply, frame, layout, mtu) }
        if layout.family == 6, layout.network == FrameLayout.ethernet { return writeIPv6(reply, frame, layout, mtu) }
        return 0
    }

    private static func writeIPv4(_ reply: Bytes, _ frame: Bytes, _ layout: FrameLayout, _ mtu: Int) -> Int {
        let quoted = min(layout.transport &- layout.network &+ 8, layout.end &- layout.network)
        let total = 20 &+ 8 &+ quoted
        let ip = reply.from(14)
        ip.zero(0, count: 28)
        ip.setByte(0, 0x45)
        ip.setByte(1, frame.byte(layout.network &+ 1))
        ip.setNetwork16(2, UInt16(truncatingIfNeeded: total))
        ip.setByte(8, 64)
        ip.setByte(9, 1)
        ip.copy(12, from: frame, layout.network &+ 16, count: 4)
        ip.copy(16, from: frame, layout.network &+ 12, count: 4)
        ip.setHost16(10, Checksum.field(ip.sum(0, 20)))
        ip.setByte(20, 3)
        ip.setByte(21, 4)
        ip.setNetwork16(26, UInt16(clamping: mtu))
        ip.copy(28, from: frame, layout.network, count: quoted)
        ip.setHost16(22, Checksum.field(ip.sum(20, 8 &+ quoted)))
        return 14 &+ total
    }

    private static func writeIPv6(_ reply: Bytes, _ frame: Bytes, _ layout: FrameLayout, _ mtu: Int) -> Int {
        let quoted = min(layout.end &- layout.network, 1_280 &- 48)
        let ip = reply.from(14)
        ip.zero(0, count: 48)
        ip.setByte(0, 0x60)
        ip.setNetwork16(4, UInt16(truncatingIfNeeded: 8 &+ quoted))
        ip.setByte(6, 58)
        ip.setByte(7, 64)
        ip.copy(8, from: frame, layout.network &+ 24, count: 16)
        ip.copy(24, from: frame, layout.network &+ 8, count: 16)
        ip.setByte(40, 2)
        ip.setNetwork32(44, UInt32(clamping: mtu))
        ip.copy(48, from: frame, layout.network, count: quoted)
        let pseudo = ip.sum(8, 32) &+ Checksum.of(58) &+ Checksum.of(UInt16(truncatingIfNeeded: 8 &+ quoted))
        ip.setHost16(42, Checksum.field(pseudo &+ ip.sum(40, 8 &+ quoted)))
        return 14 &+ 48 &+ quoted
    }
}
