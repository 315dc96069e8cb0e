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

    /// Kind and connection in one number, for tables. Connections count from 0 with their kind in the highest bit, so that
    /// the bits below it are free.
    private var number: UInt64 {
        switch self {
        case .routes: 1 << 58
        case .ownUpdate: 2 << 58
        case .garbage: 3 << 58
        case .periodicGossip: 4 << 58
        case .announcements: 5 << 58
        case .deferred: 6 << 58
        case .digests: 7 << 58
        case .pulls: 8 << 58
        case .targets: 9 << 58
        case .handshake(let id): id.rawValue ^ 10 << 58
        case .silence(let id): id.rawValue ^ 11 << 58
        case .heartbeat(let id): id.rawValue ^ 12 << 58
        case .sendProgress(let id): id.rawValue ^ 13 << 58
        }
    }

    /// Tables ask for this before `hash(into:)`.
    func _rawHashValue(seed: Int) -> Int {
        NumberHash.value(of: number, seed: seed)
    }
}
