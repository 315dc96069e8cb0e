package import PacketIO

/// Where the headers of an Ethernet frame lie. Made once per frame; every offset has been checked against its length.
package struct FrameLayout {
    /// Offset of the IP header, 0 if there is none that we know.
    package var network = 0
    /// Offset behind the IP header (and, in IPv6, only directly behind the fixed one), 0 if unknown.
    package var transport = 0
    /// 4, 6 or 0.
    package var family: UInt8 = 0
    package var protocolNumber: UInt8 = 0
    /// IPv4 directly behind an untagged Ethernet header.
    package var isPlainIPv4 = false
    /// The DF bit of IPv4.
    package var dontFragment = false
    /// A fragment of IPv4, the first included.
    package var isFragment = false
    /// The end of the IP packet by its own length field; bytes behind it are padding.
    package var end = 0

    static let ethernet = 14
    static let tcp: UInt8 = 6
    static let udp: UInt8 = 17
    static let sctp: UInt8 = 132

    private static let ipv4: UInt16 = 0x0800
    private static let ipv6: UInt16 = 0x86dd
    private static let tag: UInt16 = 0x8100
    private static let serviceTag: UInt16 = 0x88a8

    /// `frame` has at least 14 bytes; its count is the frame's length.
    @inline(__always)
    package init(_ frame: Bytes) {
        var kind = frame.network16(12)
        var at = FrameLayout.ethernet
        // At most two tags.
        while kind == FrameLayout.tag || kind == FrameLayout.serviceTag, at < 22, frame.count &- at >= 4 {
            kind = frame.network16(at &+ 2)
            at &+= 4
        }
        let left = frame.count &- at
        if kind == FrameLayout.ipv4, left >= 20 {
            let headerBytes = Int(frame.byte(at) & 15) &* 4
            let total = Int(frame.network16(at &+ 2))
            guard frame.byte(at) >> 4 == 4, headerBytes >= 20, headerBytes <= total, total <= left else { return }
            network = at
            transport = at &+ headerBytes
            family = 4
            protocolNumber = frame.byte(at &+ 9)
            isPlainIPv4 = at == FrameLayout.ethernet
            let fragment = frame.network16(at &+ 6)
            dontFragment = fragment & 0x4000 != 0
            isFragment = fragment & 0x3fff != 0
            end = at &+ total
        } else if kind == FrameLayout.ipv6, left >= 40 {
            let payload = Int(frame.network16(at &+ 4))
            guard frame.byte(at) >> 4 == 6, payload <= left &- 40 else { return }
            network = at
            transport = at &+ 40
            family = 6
            protocolNumber = frame.byte(at &+ 6)
            end = at &+ 40 &+ payload
        }
    }

    /// The sum that the checksum of TCP or UDP starts from, without the length (RFC 793, RFC 8200).
    @inline(__always)
    func pseudoHeaderSum(_ frame: Bytes) -> UInt64 {
        let addresses = family == 4 ? frame.sum(network &+ 12, 8) : frame.sum(network &+ 8, 32)
        return addresses &+ Checksum.of(UInt16(protocolNumber))
    }
}
