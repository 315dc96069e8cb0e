import Wire

/// A dial under way.
struct DiallingLink: Sendable {
    let target: Target
    let since: MonotonicInstant
}

/// TCP is there, the features are not.
struct HandshakingLink: Sendable {
    /// nil: accepted.
    let target: Target?
    let local: Endpoint
    let remote: Endpoint
    let since: MonotonicInstant
    var wire: MeshLink

    var isOutbound: Bool { target != nil }
}

/// An added connection: in our own record, and in gossip.
struct JoinedLink: Sendable {
    /// What never changes, in one reference: links are copied often.
    final class Facts: Sendable {
        let isOutbound: Bool
        let local: Endpoint
        let remote: Endpoint
        let since: MonotonicInstant
        let peer: RemoteFeatures
        let agreement: LinkAgreement
        /// Whether both sides announce records: asked for with each piece of news and each neighbour.
        let announces: Bool

        init(_ link: HandshakingLink, peer: RemoteFeatures, agreement: LinkAgreement) {
            isOutbound = link.isOutbound
            local = link.local
            remote = link.remote
            since = link.since
            self.peer = peer
            self.agreement = agreement
            announces = agreement.extensions.contains(.announcements)
        }
    }

    let facts: Facts
    var wire: MeshLink
    /// Since when the overlay works; nil before.
    var establishedAt: MonotonicInstant?
    var lastHeard: MonotonicInstant
    var queue = GossipQueue()
    /// News that a neighbour which knows no announcements was not drawn for.
    var deferred: Set<PeerName> = []
    /// Records that the neighbour has asked for.
    var requested: Set<PeerName> = []
    /// The state of our table that the neighbour has been told completely, or by what changed since, and when completely.
    var told: (generation: UInt64, at: MonotonicInstant)?
    /// Why the neighbour is about to end the connection, in its words.
    var farewell: String?
    /// Bytes given to the edge since it last said that all have left.
    var waitingBytes = 0

    init(_ link: HandshakingLink, peer: RemoteFeatures, agreement: LinkAgreement, at now: MonotonicInstant) {
        facts = Facts(link, peer: peer, agreement: agreement)
        wire = link.wire
        lastHeard = now
    }

    var isOutbound: Bool { facts.isOutbound }
    var local: Endpoint { facts.local }
    var remote: Endpoint { facts.remote }
    var since: MonotonicInstant { facts.since }
    var peer: RemoteFeatures { facts.peer }
    var agreement: LinkAgreement { facts.agreement }
    var isEstablished: Bool { establishedAt != nil }

    /// What our topology record says of it.
    var record: ConnectionRecord {
        ConnectionRecord(
            remote: peer.name, address: remote.description, isOutbound: isOutbound, isEstablished: isEstablished)
    }

    func duplicateSide(at now: MonotonicInstant) -> DuplicateRule.Side {
        let isSettled = establishedAt.map { now - $0 >= MeshTimes.settled } ?? false
        return DuplicateRule.Side(
            remoteUID: peer.uid, connectionUID: agreement.connectionUID, remoteAddress: remote.address,
            isSettled: isSettled && agreement.extensions.contains(.farewells))
    }
}

/// How much may wait for one connection at the edge.
enum SendLimits {
    /// Gossip stays in its slots, where it can still be joined and renewed, while more than this waits.
    static let gossipWindow = 64 << 10
    /// Unicasts and overlay control are dropped while more than this waits.
    static let messages = 4 << 20
    /// Records that were asked for, in one message: a record of a full mesh of 200 has 7 kB.
    static let recordsPerMessage = 64
}
