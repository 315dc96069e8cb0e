public import Wire

/// One message of the control plane: a tag byte and its body. `docs/protocol-mesh.md`, "Messages".
public enum MeshMessage: Hashable, Sendable {
    /// Tag 0: a sign of life; a body is ignored.
    case heartbeat
    /// Tags 1, 2, 3: sleeve's control on a connection without overlay negotiation.
    case plainOverlayControl(tag: UInt8, body: [UInt8])
    /// Tag 4: from neighbour to neighbour.
    case gossip(channel: String, source: PeerName, payload: [UInt8])
    /// Tag 5: to one peer, relayed unchanged by those between.
    case unicast(channel: String, source: PeerName, destination: PeerName, payload: [UInt8])
    /// Tag 6: to everyone along the tree of `source`.
    case broadcast(channel: String, source: PeerName, payload: [UInt8])
    /// Tag 7: control of the overlay at `index` in the list of common overlays.
    case overlayControl(index: UInt8, tag: UInt8, body: [UInt8])
    /// Tag 0x77: between weft peers only.
    case weft(WeftMessage)
    /// A tag that this version does not know, or an empty message: ignored, but a sign of life.
    case unknown
}
