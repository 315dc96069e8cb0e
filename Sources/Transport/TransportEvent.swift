public import Mesh
public import Wire

/// What the sockets of the mesh report. Delivered on the event loop that owns the transport.
public enum TransportEvent: Sendable {
    case accepted(LinkID, local: Endpoint, remote: Endpoint)
    case dialled(LinkID, local: Endpoint, remote: Endpoint)
    case dialFailed(LinkID, reason: String)
    case received(LinkID, [UInt8])
    /// Not sent after `MeshTransport.close`.
    case closed(LinkID, reason: String)
    /// Everything that was given to `send` so far has left for the kernel.
    case drained(LinkID)
}
