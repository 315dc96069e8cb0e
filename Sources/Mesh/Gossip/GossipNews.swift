public import Wire

/// Something to pass on, held as a reference as long as it waits, so that what is sent is what is true when it is sent.
public enum GossipNews: Sendable, Hashable {
    /// The channel's whole state at the moment of sending.
    case everything
    /// These items of the channel, as they are at the moment of sending.
    case items(Set<GossipItem>)
    /// Bytes of a channel that we carry without understanding it, in the order of their arrival.
    case payloads([[UInt8]])

    /// News about these peers.
    static func peers(_ names: some Sequence<PeerName>) -> GossipNews {
        .items(Set(names.map(GossipItem.peer)))
    }

    /// Bytes of foreign payload.
    var payloadBytes: Int {
        if case .payloads(let payloads) = self { payloads.reduce(0) { $0 + $1.count } } else { 0 }
    }

    /// How many bytes of foreign payload wait in one slot at most; the oldest go first.
    static let waitingPayloadBytes = 1 << 20
    /// How many foreign payloads wait in one slot at most.
    static let waitingPayloads = 64

    /// Joins later news to these. Returns how many foreign payloads had to be dropped.
    mutating func join(_ later: GossipNews) -> Int {
        switch (self, later) {
        case (.everything, _), (_, .everything):
            self = .everything
            return 0
        case (.items(let old), .items(let new)):
            self = .items(old.union(new))
            return 0
        case (.payloads(let old), .payloads(let new)):
            var all = old + new
            var bytes = all.reduce(0) { $0 + $1.count }
            var dropped = 0
            while all.count > GossipNews.waitingPayloads || (bytes > GossipNews.waitingPayloadBytes && all.count > 1) {
                bytes -= all.removeFirst().count
                dropped += 1
            }
            self = .payloads(all)
            return dropped
        case (.items, .payloads), (.payloads, .items):
            // One channel has one kind; the newer one is what its owner means now.
            self = later
            return 0
        }
    }
}

/// What one piece of news is about.
public enum GossipItem: Hashable, Sendable {
    /// A peer's record (topology).
    case peer(PeerName)
    /// A key that only its channel understands.
    case key([UInt8])

    /// Tables ask for this before `hash(into:)`.
    public func _rawHashValue(seed: Int) -> Int {
        switch self {
        case .peer(let name): name._rawHashValue(seed: seed)
        case .key(let key): key._rawHashValue(seed: seed)
        }
    }
}
