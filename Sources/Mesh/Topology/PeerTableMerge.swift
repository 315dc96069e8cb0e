public import Wire

/// What an update did to the table.
public struct MergeOutcome: Equatable, Sendable {
    /// Peers whose records were taken, ascending: what is passed on to neighbours.
    public var accepted: [PeerName] = []
    /// Peers that the update is about or mentions first, ascending (for broadcasts, which are passed on whole).
    public var named: [PeerName] = []
    /// Our own version jumped over that of another incarnation of our name.
    public var jumpedOverRival = false
    /// What it calls itself, if its whole record came.
    public var rivalNickname: String?
    /// A short id has another owner: flows made with it are stale.
    public var shortIDOwnersChanged = false
    /// Records that were ignored because of their name, version or size.
    public var refused = 0

    public init() {}
}

extension PeerTable {
    /// Applies an update, record by record in its order. `docs/protocol-mesh.md`, "Receiving topology".
    ///
    /// | record of | rule |
    /// |---|---|
    /// | ourselves, our uid | ignored |
    /// | ourselves, another uid | our version jumps over it, unless ours is higher |
    /// | a peer that we don't know | taken |
    /// | a known peer | taken if (version, uid) is higher, or equal and only it has a short id |
    public mutating func merge(_ update: [PeerRecord]) -> MergeOutcome {
        var outcome = MergeOutcome()
        var accepted: Set<PeerName> = []
        var named: Set<PeerName> = []
        for record in update.prefix(TopologyLimits.recordsPerUpdate) {
            guard TopologyLimits.isAcceptable(RecordVersion(record), known: self[record.name]?.version) else {
                outcome.refused += 1
                continue
            }
            named.insert(record.name)
            if record.name == ownName {
                if record.uid != own.uid, record.uid != 0 { outcome.rivalNickname = record.nickname }
                outcome.jumpedOverRival = meetOwnName(RecordVersion(record)) || outcome.jumpedOverRival
            } else if take(bounded(record), &outcome) {
                accepted.insert(record.name)
            }
        }
        outcome.refused += max(0, update.count - TopologyLimits.recordsPerUpdate)
        outcome.accepted = accepted.sorted()
        outcome.named = named.sorted()
        return outcome
    }

    /// True if our version jumped over that of another incarnation of our name.
    mutating func meetOwnName(_ record: RecordVersion) -> Bool {
        guard record.uid != own.uid, record.uid != 0, record.version >= own.version else { return false }
        jumpOver(version: record.version)
        return true
    }

    private mutating func take(_ record: PeerRecord, _ outcome: inout MergeOutcome) -> Bool {
        if let known = self[record.name] {
            guard record.supersedes(known) else { return false }
        } else if records.count >= TopologyLimits.peers {
            outcome.refused += 1
            return false
        }
        outcome.shortIDOwnersChanged = replace(record) || outcome.shortIDOwnersChanged
        for connection in record.connections
        where !knows(connection.remote) && records.count < TopologyLimits.peers {
            _ = replace(PeerRecord(placeholder: connection.remote))
        }
        return true
    }

    /// The record with what is too long cut, and without connections to names that no peer may have.
    private func bounded(_ record: PeerRecord) -> PeerRecord {
        var record = record
        if record.nickname.utf8.count > TopologyLimits.nicknameBytes {
            record.nickname = String(
                decoding: record.nickname.utf8.prefix(TopologyLimits.nicknameBytes), as: UTF8.self)
        }
        let usable = record.connections.filter { $0.remote.isUsable && $0.remote != record.name }
        let bounded = usable.prefix(TopologyLimits.connectionsPerPeer).map { connection in
            connection.address.utf8.count <= TopologyLimits.addressBytes
                ? connection
                : ConnectionRecord(
                    remote: connection.remote, address: "", isOutbound: connection.isOutbound,
                    isEstablished: connection.isEstablished)
        }
        if bounded != record.connections { record.setConnections(bounded) }
        return record
    }
}
