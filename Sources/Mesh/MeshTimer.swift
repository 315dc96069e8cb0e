import Wire

/// Everything that a router waits for; each runs at most once.
enum MeshTimer: Hashable, Sendable {
    /// Routes may be recalculated again.
    case routes
    /// Our own record changed: tell others.
    case ownUpdate
    case garbage
    case periodicGossip
    /// What has changed is announced.
    case announcements
    /// Neighbours that know no announcements hear of what they were not drawn for.
    case deferred
    /// Digests are due.
    case digests
    /// A neighbour has not sent what it was asked for.
    case pulls
    /// The next target is due.
    case targets
    /// The dial or handshake of a connection takes too long.
    case handshake(LinkID)
    /// Nothing was heard on a connection.
    case silence(LinkID)
    /// Our next heartbeat is due.
    case heartbeat(LinkID)
    /// What we sent does not leave.
    case sendProgress(LinkID)
}
