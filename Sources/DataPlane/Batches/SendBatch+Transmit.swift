import PacketIO
import Sleeve

/// What became of a frame that was to be sent.
enum Transmission {
    case done
    /// The sender of `frame` is to be told: its packet is larger than this. Valid until the next call on the batch.
    case fragmentationNeeded(mtu: Int, frame: Bytes)
}

extension SendBatch {
    /// Sends one frame (no super-frame, checksums complete) along the path that its kind asks for
    /// (`docs/protocol-sleeve.md`, "Sizes"):
    ///
    /// | frame | fits | too big |
    /// |---|---|---|
    /// | IPv4 with DF | with DF | refused; the sender of a unicast is told |
    /// | IPv4 without DF, fragments arrive | without DF | without DF |
    /// | IPv4 without DF, fragments don't arrive | with DF | cut into IPv4 fragments, each with DF |
    /// | IPv6, fragments don't arrive | without DF | refused; the sender of a unicast is told (weft's addition) |
    /// | anything else | without DF | without DF |
    mutating func transmit(
        _ frame: Bytes, _ layout: FrameLayout, source: UInt64, destination: UInt64, _ hop: Hop,
        isFlood: Bool
    ) -> Transmission {
        let fits = frame.count <= hop.mtu &+ SleeveLayout.ethernetHeader
        var dontFragment = false
        if layout.isPlainIPv4 {
            if layout.dontFragment {
                if !fits { return refuse(frame, hop, isFlood: isFlood) }
                dontFragment = true
            } else if !hop.carriesFragments {
                if !fits {
                    sendFragments(frame, layout, source: source, destination: destination, hop)
                    return .done
                }
                dontFragment = true
            }
        } else if !fits, !hop.carriesFragments, layout.family == 6, hop.mtu >= 1_280, !isFlood {
            return refuse(frame, hop, isFlood: false)
        }
        dontFragment = dontFragment && hop.holds(frame.count)
        if !append(frame, source: source, destination: destination, hop, dontFragment: dontFragment) {
            dropped(.tooBig, slot: hop.slot)
        }
        return .done
    }

    private func refuse(_ frame: Bytes, _ hop: Hop, isFlood: Bool) -> Transmission {
        dropped(.tooBig, slot: hop.slot)
        return isFlood ? .done : .fragmentationNeeded(mtu: hop.mtu, frame: frame)
    }

    /// Cuts an IPv4 packet into fragments that fit (RFC 791, 3.2; all options are kept in each, as the reference
    /// does). Frames shorter than Ethernet's 60 bytes are padded with zeros.
    private mutating func sendFragments(
        _ frame: Bytes, _ layout: FrameLayout, source: UInt64, destination: UInt64, _ hop: Hop
    ) {
        let headerBytes = layout.transport &- layout.network
        let pieceBytes = (hop.mtu &- headerBytes) & ~7
        guard pieceBytes >= 8 else { return dropped(.tooBig, slot: hop.slot) }
        let original = frame.network16(layout.network &+ 6)
        let payloadBytes = layout.end &- layout.transport
        let dontFragment = hop.holds(max(headerBytes &+ layout.network &+ pieceBytes, 60))
        var done = 0
        while done < payloadBytes {
            let bytes = min(pieceBytes, payloadBytes &- done)
            let length = layout.transport &+ bytes
            let padded = max(length, 60)
            guard
                let at = reserve(
                    padded, source: source, destination: destination, hop, dontFragment: dontFragment)
            else { return dropped(.tooBig, slot: hop.slot) }
            let piece = arena.slice(at, padded)
            piece.copy(0, from: frame, 0, count: layout.transport)
            piece.copy(layout.transport, from: frame, layout.transport &+ done, count: bytes)
            if padded > length { piece.zero(length, count: padded &- length) }
            let ip = piece.from(layout.network)
            ip.setNetwork16(2, UInt16(truncatingIfNeeded: headerBytes &+ bytes))
            let offset = Int(original & 0x1fff) &+ done / 8
            let isLast = done &+ bytes == payloadBytes
            let flags = isLast ? original & 0xe000 : (original & 0xe000) | 0x2000
            ip.setNetwork16(6, flags | UInt16(truncatingIfNeeded: offset & 0x1fff))
            ip.setHost16(10, 0)
            ip.setHost16(10, Checksum.field(ip.sum(0, headerBytes)))
            done &+= bytes
        }
    }
}
