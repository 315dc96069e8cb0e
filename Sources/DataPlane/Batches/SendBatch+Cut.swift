package import PacketIO
import Sleeve

/// Cutting super-frames into the frames that they stand for.
extension SendBatch {
    /// Sends a super-frame as its segments, each with complete headers and checksums.
    ///
    /// TCP is cut at the sender's segment size, or smaller where the path carries less: a stream has no boundaries to
    /// keep. UDP datagrams keep theirs: those that don't fit go the way of single frames.
    mutating func cut(
        _ frame: Bytes, _ layout: FrameLayout, _ offload: FrameOffload, source: UInt64, destination: UInt64,
        _ hop: Hop, isFlood: Bool
    ) -> Transmission {
        let isTCP = layout.protocolNumber == FrameLayout.tcp
        let room = hop.mtu &+ SleeveLayout.ethernetHeader
        let headerBytes = layout.transport &+ (isTCP ? Int(frame.byte(layout.transport &+ 12) >> 4) &* 4 : 8)
        let cutter = SegmentCutter(frame, layout, headerBytes: headerBytes)
        var size = Int(offload.segmentBytes)
        if headerBytes &+ size > room {
            guard isTCP, room &- headerBytes >= 8 else {
                return cutSingly(cutter, size, source: source, destination: destination, hop, isFlood: isFlood)
            }
            size = room &- headerBytes
        }
        // One path for all segments, by the largest: they must not pass each other.
        let dontFragment =
            layout.isPlainIPv4 && (layout.dontFragment || !hop.carriesFragments) && hop.holds(headerBytes &+ size)
        var offset = 0
        var index = 0
        while offset < cutter.payloadBytes {
            let bytes = min(size, cutter.payloadBytes &- offset)
            guard
                let at = reserve(
                    headerBytes &+ bytes, source: source, destination: destination, hop, dontFragment: dontFragment)
            else {
                dropped(.tooBig, slot: hop.slot)
                return .done
            }
            cutter.write(to: arena.slice(at, headerBytes &+ bytes), offset, bytes, index: index)
            offset &+= bytes
            index &+= 1
        }
        return .done
    }

    /// Segments that are too big for the path: each is made whole and goes the way of a single frame.
    private mutating func cutSingly(
        _ cutter: SegmentCutter, _ size: Int, source: UInt64, destination: UInt64, _ hop: Hop,
        isFlood: Bool
    ) -> Transmission {
        var offset = 0
        var index = 0
        while offset < cutter.payloadBytes {
            let bytes = min(size, cutter.payloadBytes &- offset)
            let segment = scratch.slice(0, cutter.headerBytes &+ bytes)
            cutter.write(to: segment, offset, bytes, index: index)
            let result = transmit(
                segment, FrameLayout(segment), source: source, destination: destination, hop, isFlood: isFlood)
            // One answer for all of them: they are of one size.
            if case .fragmentationNeeded = result { return result }
            offset &+= bytes
            index &+= 1
        }
        return .done
    }
}

/// The headers of a super-frame, with the sums of what does not change from segment to segment.
package struct SegmentCutter {
    let frame: Bytes
    let layout: FrameLayout
    /// Everything in front of the payload.
    package let headerBytes: Int
    package let payloadBytes: Int
    private let isTCP: Bool
    private let networkSum: UInt64
    private let transportSum: UInt64
    private let identification: UInt16
    private let sequence: UInt32
    private let flags: UInt16

    /// Bits of TCP's 13th and 14th byte.
    private static let fin: UInt16 = 0x01
    private static let push: UInt16 = 0x08
    private static let congestionReduced: UInt16 = 0x80

    /// Whether a super-frame can be cut: TCP or UDP, with all headers and some payload in it.
    @inline(__always)
    package static func accepts(_ frame: Bytes, _ layout: FrameLayout, _ offload: FrameOffload) -> Bool {
        guard layout.family != 0, !layout.isFragment, offload.segmentBytes > 0 else { return false }
        let room = layout.end &- layout.transport
        switch (offload.kind & ~VirtioHeader.kindECN, layout.protocolNumber) {
        case (VirtioHeader.kindTCP4, FrameLayout.tcp), (VirtioHeader.kindTCP6, FrameLayout.tcp):
            guard room > 20 else { return false }
            let header = Int(frame.byte(layout.transport &+ 12) >> 4) &* 4
            return header >= 20 && header < room
        case (VirtioHeader.kindUDP, FrameLayout.udp): return room > 8
        default: return false
        }
    }

    @inline(__always)
    package init(_ frame: Bytes, _ layout: FrameLayout, headerBytes: Int) {
        self.frame = frame
        self.layout = layout
        self.headerBytes = headerBytes
        // The IP length of a super-frame is its own; what follows it would be padding.
        payloadBytes = layout.end &- headerBytes
        let ip = layout.network
        let transport = layout.transport
        isTCP = layout.protocolNumber == FrameLayout.tcp
        if layout.family == 4 {
            identification = frame.network16(ip &+ 4)
            // All but length, identification and checksum.
            networkSum =
                UInt64(frame.host16(ip)) &+ frame.sum(ip &+ 6, 4) &+ frame.sum(ip &+ 12, transport &- ip &- 12)
        } else {
            identification = 0
            networkSum = 0
        }
        if isTCP {
            sequence = frame.network32(transport &+ 4)
            flags = frame.network16(transport &+ 12)
            // All but sequence, flags and checksum.
            transportSum =
                layout.pseudoHeaderSum(frame) &+ frame.sum(transport, 4) &+ frame.sum(transport &+ 8, 4)
                &+ UInt64(frame.host16(transport &+ 14)) &+ frame.sum(transport &+ 18, headerBytes &- transport &- 18)
        } else {
            sequence = 0
            flags = 0
            transportSum = layout.pseudoHeaderSum(frame) &+ frame.sum(transport, 4)
        }
    }

    /// Writes segment `index`, whose payload is `bytes` bytes from `offset`, to `segment`, which has just its length.
    @inline(__always)
    package func write(to segment: Bytes, _ offset: Int, _ bytes: Int, index: Int) {
        segment.copy(0, from: frame, 0, count: headerBytes)
        segment.copy(headerBytes, from: frame, headerBytes &+ offset, count: bytes)
        let ip = layout.network
        let transport = layout.transport
        let transportBytes = UInt16(truncatingIfNeeded: headerBytes &- transport &+ bytes)
        if layout.family == 4 {
            let total = UInt16(truncatingIfNeeded: headerBytes &- ip &+ bytes)
            let number = identification &+ UInt16(truncatingIfNeeded: index)
            segment.setNetwork16(ip &+ 2, total)
            segment.setNetwork16(ip &+ 4, number)
            segment.setHost16(
                ip &+ 10, Checksum.field(networkSum &+ Checksum.of(total) &+ Checksum.of(number)))
        } else {
            segment.setNetwork16(ip &+ 4, transportBytes)
        }
        var sum = transportSum &+ Checksum.of(transportBytes) &+ segment.sum(headerBytes, bytes)
        if isTCP {
            let position = sequence &+ UInt32(truncatingIfNeeded: offset)
            var bits = flags
            if offset &+ bytes < payloadBytes { bits &= ~(SegmentCutter.fin | SegmentCutter.push) }
            if index > 0 { bits &= ~SegmentCutter.congestionReduced }
            segment.setNetwork32(transport &+ 4, position)
            segment.setNetwork16(transport &+ 12, bits)
            sum &+= UInt64(position.bigEndian) &+ Checksum.of(bits)
            segment.setHost16(transport &+ 16, Checksum.field(sum))
        } else {
            segment.setNetwork16(transport &+ 4, transportBytes)
            sum &+= Checksum.of(transportBytes)
            segment.setHost16(transport &+ 6, Checksum.fieldOfUDP(sum))
        }
    }
}
