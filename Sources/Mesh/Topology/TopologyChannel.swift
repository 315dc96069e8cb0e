import Wire

/// The channel that spreads the peers' records, around the table that holds them.
struct TopologyChannel: GossipChannel {
    static let wireName = "topology"

    var table: PeerTable
    /// What updates did since the router last looked.
    private var outcome: MergeOutcome?
    /// The whole table as bytes: made once for a generation, shared by all connections.
    private var complete: (generation: UInt64, bytes: [UInt8])?
    /// Our own record as bytes, for as long as it does not change: all neighbours get it.
    private var own: (record: RecordVersion, bytes: [UInt8])?
    private var knownDigest: (generation: UInt64, digest: UInt64)?

    init(table: PeerTable) {
        self.table = table
    }

    var name: String { TopologyChannel.wireName }

    func completeState() -> GossipNews? { .everything }

    mutating func payloads(for news: GossipNews, at now: MonotonicInstant) -> [[UInt8]] {
        switch news {
        case .everything:
            if let complete, complete.generation == table.generation { return [complete.bytes] }
            let bytes = TopologyCodec.encode(table.records.values.sorted { $0.name < $1.name })
            complete = (table.generation, bytes)
            return [bytes]
        case .items(let items):
            let names: [PeerName] = items.compactMap { if case .peer(let name) = $0 { name } else { nil } }
            if names == [table.ownName] { return [ownPayload()] }
            let records = names.sorted().compactMap { table[$0] }
            return records.isEmpty ? [] : [TopologyCodec.encode(records)]
        case .payloads(let payloads):
            return payloads
        }
    }

    private mutating func ownPayload() -> [UInt8] {
        let version = RecordVersion(table.own)
        if let own, own.record == version { return own.bytes }
        let bytes = TopologyCodec.encode([table.own])
        own = (version, bytes)
        return bytes
    }

    mutating func receive(_ payload: [UInt8], as kind: GossipKind, from source: PeerName, at now: MonotonicInstant)
        throws(GossipFault) -> GossipNews?
    {
        let update = try TopologyCodec.decode(payload) { record in
            table[record.name].map { record.supersedes($0) } ?? true
        }
        let merged = table.merge(update)
        outcome = merged
        let names = kind == .broadcast ? merged.named : merged.accepted
        return names.isEmpty ? nil : .peers(names)
    }

    mutating func receiveUnicast(_ payload: [UInt8], from source: PeerName, at now: MonotonicInstant)
        throws(GossipFault)
    {
        throw GossipFault("topology came as a unicast")
    }

    mutating func peersRemoved(_ names: [PeerName], at now: MonotonicInstant) {}

    mutating func takeRequests() -> [GossipRequest] { [] }

    /// The digest of the table; computed once for a generation.
    mutating func digest() -> UInt64 {
        if let knownDigest, knownDigest.generation == table.generation { return knownDigest.digest }
        let digest = table.digest()
        knownDigest = (table.generation, digest)
        return digest
    }

    /// Someone holds this record of our name.
    mutating func meetOwnName(_ record: RecordVersion) -> Bool {
        guard table.meetOwnName(record) else { return false }
        var jump = MergeOutcome()
        jump.jumpedOverRival = true
        outcome = jump
        return true
    }

    /// What the last update did, once.
    mutating func takeOutcome() -> MergeOutcome? {
        defer { outcome = nil }
        return outcome
    }
}
