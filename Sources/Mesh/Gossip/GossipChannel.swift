public import Wire

/// One subject of gossip: topology, address allocation, names. Pure state; the router calls it, and does the sending.
public protocol GossipChannel: Sendable {
    /// The name on the wire, `topology`.
    var name: String { get }

    /// The complete state as news, for new connections and the periodic gossip; nil with nothing to say.
    func completeState() -> GossipNews?

    /// The payloads, one message each, that tell these news now.
    mutating func payloads(for news: GossipNews, at now: MonotonicInstant) -> [[UInt8]]

    /// Gossip of a neighbour (tag 4) or a broadcast (tag 6) arrived. Returns what to pass on; nil: nothing.
    mutating func receive(_ payload: [UInt8], as kind: GossipKind, from source: PeerName, at now: MonotonicInstant)
        throws(GossipFault) -> GossipNews?

    /// A message for us alone (tag 5) arrived.
    mutating func receiveUnicast(_ payload: [UInt8], from source: PeerName, at now: MonotonicInstant)
        throws(GossipFault)

    /// Peers that left the topology.
    mutating func peersRemoved(_ names: [PeerName], at now: MonotonicInstant)

    /// What the channel wants sent of its own accord, in order; asked for after each of the calls above.
    mutating func takeRequests() -> [GossipRequest]
}

/// How a piece of gossip came.
public enum GossipKind: Hashable, Sendable {
    /// Tag 4: from a neighbour, in its own name.
    case neighbour
    /// Tag 6: along the tree of its source.
    case broadcast
}

/// Something that a channel wants sent.
public enum GossipRequest: Hashable, Sendable {
    /// To a random subset of neighbours.
    case neighbours(GossipNews)
    /// To everyone.
    case broadcast(GossipNews)
    /// To one peer; lost without a word if there is no way.
    case unicast(PeerName, [UInt8])
}

/// What was wrong with a payload; the connection that brought it is closed.
public struct GossipFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence part for people: `topology: field "UID" is a string`.
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
