public import Wire

/// What happens to a `MeshRouter`: everything that it ever learns comes in as one of these.
public enum MeshEvent: Sendable {
    /// The daemon serves: start the periodic work and dial the remembered targets.
    case start
    /// Someone connected to our port.
    case accepted(LinkID, local: Endpoint, remote: Endpoint)
    /// A dial that `MeshEffect.dial` asked for has succeeded.
    case dialled(LinkID, local: Endpoint, remote: Endpoint)
    /// A dial that `MeshEffect.dial` asked for has failed; `reason` is for people.
    case dialFailed(LinkID, reason: String)
    /// Bytes arrived, in order.
    case received(LinkID, [UInt8])
    /// The other side closed or reset, or the socket failed. Not sent after `MeshEffect.close`.
    case closed(LinkID, reason: String)
    /// All bytes given to `MeshEffect.send` so far have left for the kernel.
    case drained(LinkID)
    /// An instant that `MeshEffect.wake` asked for has come.
    case timer
    /// The user adds targets (`weft connect`, arguments of `weft launch`).
    case connect([Target], replace: Bool)
    /// Neighbours that an earlier run of this daemon had: to be dialled at once, so that a restart costs no waiting for
    /// the others' next try.
    case recall([PeerAddress])
    /// The user removes targets by their exact text; live connections stay.
    case forget([String])
    /// News from the overlay of a connection.
    case overlay(LinkID, OverlayNews)
}

/// What the overlay tells the mesh about one connection.
public enum OverlayNews: Sendable, Hashable {
    /// Frames pass in both directions: the connection may carry data.
    case established
    /// The overlay has given up; `reason` is for people. The mesh closes the connection.
    case failed(reason: String)
    /// A control message for the other side's overlay of the same name.
    case control(overlay: String = "sleeve", tag: UInt8, body: [UInt8])
}
