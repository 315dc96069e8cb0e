import Mesh
import Overlay
import Sleeve
import Wire

/// UDP: what the packet path would do with special frames, in the real layout, sealed by the pretended cryptography.
extension World {
    /// Sends a special frame; the largest packet that leaves this host if it is too large for that and must not be cut.
    mutating func send(_ special: SleeveSpecial, on link: LinkID, from peer: Int) -> Int? {
        guard let remote = peers[peer].overlays[link]?.remote, let connection = peers[peer].overlays[link]?.connection
        else { return nil }
        let bytes = encode(special, connection, on: link, from: peer)
        if special.dontFragment, bytes.count + SleeveLayout.underlayHeader > underlay.mtu { return underlay.mtu }
        peers[peer].load.datagrams += 1
        peers[peer].load.datagramBytes += bytes.count
        guard let target = number(at: remote.address), underlay.carriesUDP(peer, target) else { return nil }
        for delay in underlay.datagramDelays(using: &networkRandom) {
            post(
                .datagram(peer: target, source: peers[peer].endpoint, bytes),
                after: underlay.latency(peer, target) + delay)
        }
        return nil
    }

    private mutating func encode(
        _ special: SleeveSpecial, _ connection: OverlayConnection, on link: LinkID, from peer: Int
    ) -> [UInt8] {
        let own = peers[peer].name
        let body = special.body(from: own, to: connection.remoteName)
        guard let key = connection.sessionKey else {
            return SleeveDatagram(sender: own, body: body).encoded
        }
        let isWhole = special.dontFragment
        let sealed = peers[peer].overlays[link]?.sealed ?? (whole: 0, cut: 0)
        let sequence = SealedSequence(number: isWhole ? sealed.whole : sealed.cut, dontFragment: isWhole)
        if isWhole {
            peers[peer].overlays[link]?.sealed.whole += 1
        } else {
            peers[peer].overlays[link]?.sealed.cut += 1
        }
        let sealedBody = SealedBody(
            sequence: sequence, tag: World.tag(body, sequence, key, toAcceptor: connection.isOutbound),
            ciphertext: body)
        return SleeveDatagram(sender: own, body: sealedBody.encoded).encoded
    }

    private static func tag(
        _ body: [UInt8], _ sequence: SealedSequence, _ key: [UInt8], toAcceptor: Bool
    ) -> [UInt8] {
        var nonce: [UInt8] = [toAcceptor ? 1 : 0]
        nonce.appendNetwork(sequence.rawValue)
        return PretendedCryptography.tag(body[...], nonce: nonce, key: key)
    }

    /// A datagram arrived: the slot is found by the sender's name, as in the packet path.
    mutating func receive(_ bytes: [UInt8], from source: Endpoint, at peer: Int) {
        // What can't be read is dropped, as in the packet path.
        guard peers[peer].isUp, let datagram = try? SleeveDatagram(parsing: bytes.span),
            let link = peers[peer].linkOfNeighbour[datagram.sender],
            let connection = peers[peer].overlays[link]?.connection,
            let body = World.opened(datagram.body, by: connection)
        else { return }
        for record in SleeveBody(parsing: body.span).records
        where record.source == datagram.sender && record.destination == peers[peer].name {
            if let event = SleeveEvent(specialFrame: record.frame.span, from: source) {
                handle(event, ofOverlay: link, at: peer)
            }
        }
    }

    private static func opened(_ body: [UInt8], by connection: OverlayConnection) -> [UInt8]? {
        guard let key = connection.sessionKey else { return body }
        guard let sealed = try? SealedBody(parsing: body.span),  // Too short to be one: dropped.
            sealed.tag == tag(sealed.ciphertext, sealed.sequence, key, toAcceptor: !connection.isOutbound)
        else { return nil }
        return sealed.ciphertext
    }
}
