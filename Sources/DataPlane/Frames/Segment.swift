package import PacketIO

/// A TCP or UDP packet that may be part of a super-frame: untagged, without IP options and fragments, and with just
/// the bytes that its headers say.
package struct Segment {
    enum Kind: UInt8 {
        case tcp4, tcp6, udp4, udp6
    }

    let frame: Bytes
    let kind: Kind
    /// Offset of the TCP or UDP header.
    let transport: Int
    /// Everything in front of the payload.
    package let headerBytes: Int
    package let payloadBytes: Int
    /// IPv4's, 0 for IPv6.
    package let identification: UInt16
    /// TCP's flags, 0 for UDP.
    package let flags: UInt8

    private static let ipv4: UInt16 = 0x0800
    private static let ipv6: UInt16 = 0x86dd
    private static let fin: UInt8 = 0x01
    private static let push: UInt8 = 0x08
    private static let acknowledgement: UInt8 = 0x10
    private static let congestionEcho: UInt8 = 0x40

    /// Nil for everything else. `frame` has at least 14 bytes.
    @inline(__always)
    package init?(_ frame: Bytes) {
        let ip = FrameLayout.ethernet
        let isTCP: Bool
        let isIPv4: Bool
        switch frame.network16(12) {
        case Segment.ipv4:
            guard frame.count >= ip &+ 28, frame.byte(ip) == 0x45,
                Int(frame.network16(ip &+ 2)) == frame.count &- ip,
                // Neither more fragments nor an offset; the bit that must be zero is zero.
                frame.network16(ip &+ 6) & 0xbfff == 0
            else { return nil }
            let number = frame.byte(ip &+ 9)
            guard number == FrameLayout.tcp || number == FrameLayout.udp else { return nil }
            isTCP = number == FrameLayout.tcp
            isIPv4 = true
            transport = ip &+ 20
            identification = frame.network16(ip &+ 4)
        case Segment.ipv6:
            guard frame.count >= ip &+ 48, frame.byte(ip) >> 4 == 6,
                Int(frame.network16(ip &+ 4)) == frame.count &- ip &- 40
            else { return nil }
            let number = frame.byte(ip &+ 6)
            guard number == FrameLayout.tcp || number == FrameLayout.udp else { return nil }
            isTCP = number == FrameLayout.tcp
            isIPv4 = false
            transport = ip &+ 40
            identification = 0
        default: return nil
        }
        if isTCP {
            guard frame.count >= transport &+ 20 else { return nil }
            let header = Int(frame.byte(transport &+ 12) >> 4) &* 4
            flags = frame.byte(transport &+ 13)
            // SYN, RST, URG and CWR mean something for one segment only; the reserved bits are left alone too.
            guard header >= 20, frame.count >= transport &+ header, frame.byte(transport &+ 12) & 15 == 0,
                flags & ~(Segment.fin | Segment.push | Segment.congestionEcho) == Segment.acknowledgement
            else { return nil }
            headerBytes = transport &+ header
        } else {
            // A checksum of 0 means none: there is nothing to verify.
            guard frame.network16(transport &+ 6) != 0,
                Int(frame.network16(transport &+ 4)) == frame.count &- transport
            else { return nil }
            flags = 0
            headerBytes = transport &+ 8
        }
        kind = isTCP ? (isIPv4 ? .tcp4 : .tcp6) : (isIPv4 ? .udp4 : .udp6)
        payloadBytes = frame.count &- headerBytes
        self.frame = frame
    }

    @inline(__always)
    var isIPv4: Bool { kind == .tcp4 || kind == .udp4 }
    @inline(__always)
    var isTCP: Bool { kind == .tcp4 || kind == .tcp6 }

    /// Whether no segment may follow in the same super-frame.
    @inline(__always)
    var ends: Bool { flags & (Segment.fin | Segment.push) != 0 }

    @inline(__always)
    private var pseudoHeaderSum: UInt64 {
        let ip = FrameLayout.ethernet
        let addresses = isIPv4 ? frame.sum(ip &+ 12, 8) : frame.sum(ip &+ 8, 32)
        return addresses &+ Checksum.of(UInt16(isTCP ? FrameLayout.tcp : FrameLayout.udp))
    }

    /// Whether the checksums of IP and of TCP or UDP are right.
    @inline(__always)
    package var checksumsAreRight: Bool {
        if isIPv4, Checksum.fold(frame.sum(FrameLayout.ethernet, 20)) != 0xffff { return false }
        let bytes = frame.count &- transport
        let sum =
            pseudoHeaderSum &+ Checksum.of(UInt16(truncatingIfNeeded: bytes)) &+ frame.sum(transport, bytes)
        return Checksum.fold(sum) == 0xffff
    }

    /// Whether `next`, of the same kind and with as long headers, continues a super-frame that begins with this
    /// segment and has `payload` bytes in `count` segments, the last with this IPv4 identification.
    @inline(__always)
    package func isFollowed(by next: Segment, payload: Int, count: Int, identification last: UInt16) -> Bool {
        let other = next.frame
        let ip = FrameLayout.ethernet
        // Ethernet header and the first two bytes of IP.
        guard frame.matches(0, other, 0, count: 16) else { return false }
        if isIPv4 {
            // Flags, time to live, protocol; addresses and ports.
            guard frame.host32(ip &+ 6) == other.host32(ip &+ 6), frame.matches(ip &+ 12, other, ip &+ 12, count: 12)
            else { return false }
            // Unconnected UDP senders number nothing when DF is set, and there the number means nothing (RFC 6864).
            let isUnnumbered = !isTCP && identification == 0 && frame.byte(ip &+ 6) & 0x40 != 0
            guard next.identification == (isUnnumbered ? 0 : last &+ 1) else { return false }
        } else {
            // Flow label, next header and hop limit; addresses and ports.
            guard frame.host16(ip &+ 2) == other.host16(ip &+ 2), frame.host16(ip &+ 6) == other.host16(ip &+ 6),
                frame.matches(ip &+ 8, other, ip &+ 8, count: 36)
            else { return false }
        }
        guard isTCP else { return true }
        // Sequence; acknowledgement; header length and echo bit; window, and urgent pointer and options.
        let position = frame.network32(transport &+ 4) &+ UInt32(truncatingIfNeeded: payload)
        return other.network32(transport &+ 4) == position
            && frame.host32(transport &+ 8) == other.host32(transport &+ 8)
            && (flags ^ next.flags) & Segment.congestionEcho == 0
            && frame.host16(transport &+ 14) == other.host16(transport &+ 14)
            && frame.matches(transport &+ 18, other, transport &+ 18, count: headerBytes &- transport &- 18)
    }

    /// Turns a copy of this segment's headers into those of a super-frame: lengths, flags of its last segment, and
    /// the sum of the pseudo-header where the kernel is to complete the checksum.
    package func finishHeaders(_ headers: Bytes, payload: Int, flags last: UInt8) {
        let ip = FrameLayout.ethernet
        let transportBytes = UInt16(truncatingIfNeeded: headerBytes &- transport &+ payload)
        if isIPv4 {
            headers.setNetwork16(ip &+ 2, transportBytes &+ 20)
            headers.setHost16(ip &+ 10, 0)
            headers.setHost16(ip &+ 10, Checksum.field(headers.sum(ip, 20)))
        } else {
            headers.setNetwork16(ip &+ 4, transportBytes)
        }
        let pseudo = Checksum.fold(pseudoHeaderSum &+ Checksum.of(transportBytes))
        if isTCP {
            headers.setByte(transport &+ 13, flags | last)
            headers.setHost16(transport &+ 16, pseudo)
        } else {
            headers.setNetwork16(transport &+ 4, transportBytes)
            headers.setHost16(transport &+ 6, pseudo)
        }
    }

    /// The virtio-net header of a super-frame that begins with this segment.
    package var offload: FrameOffload {
        var offload = FrameOffload()
        offload.flags = VirtioHeader.needsChecksum
        switch kind {
        case .tcp4: offload.kind = VirtioHeader.kindTCP4
        case .tcp6: offload.kind = VirtioHeader.kindTCP6
        case .udp4, .udp6: offload.kind = VirtioHeader.kindUDP
        }
        offload.headerBytes = UInt16(truncatingIfNeeded: headerBytes)
        offload.segmentBytes = UInt16(truncatingIfNeeded: payloadBytes)
        offload.checksumStart = UInt16(truncatingIfNeeded: transport)
        offload.checksumOffset = isTCP ? 16 : 6
        return offload
    }
}
