public import Wire

/// A peer that the mesh knows, directly connected or not: an entry of `GET /v1/peers`. We come first.
public struct PeerStatus: Codable, Hashable, Sendable {
    public var peer: PeerIdentity
    public var isSelf: Bool
    /// Distinguishes restarts of one name; exceeds 2^53.
    public var uid: UInt64
    public var shortID: Int
    /// Counts the peer's announcements.
    public var version: UInt64
    /// The neighbour through which frames for this peer go; nil for ourselves and for peers out of reach.
    public var nextHop: PeerName?
    /// The connections that the peer announces.
    public var connections: [PeerConnection]

    public init(
        peer: PeerIdentity, isSelf: Bool, uid: UInt64, shortID: Int, version: UInt64, nextHop: PeerName?,
        connections: [PeerConnection]
    ) {
        self.peer = peer
        self.isSelf = isSelf
        self.uid = uid
        self.shortID = shortID
        self.version = version
        self.nextHop = nextHop
        self.connections = connections
    }
}

/// A connection as the peer at one end announces it.
public struct PeerConnection: Codable, Hashable, Sendable {
    /// The other end.
    public var peer: PeerIdentity
    /// The other end's TCP address as the announcing peer sees it; what the gossip says, not checked.
    public var address: String
    public var outbound: Bool
    public var established: Bool

    public init(peer: PeerIdentity, address: String, outbound: Bool, established: Bool) {
        self.peer = peer
        self.address = address
        self.outbound = outbound
        self.established = established
    }
}
