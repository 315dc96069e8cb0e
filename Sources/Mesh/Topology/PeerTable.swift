public import Wire

/// All records that we hold, our own among them, and who owns which short id. Owned by the router.
public struct PeerTable: Sendable {
    public let ownName: PeerName
    public private(set) var records: [PeerName: PeerRecord]
    /// Grows with each change of any record: what is derived from the table is kept until it moves.
    public private(set) var generation: UInt64 = 0
    private(set) var shortIDs = ShortIDTable()
    /// The generation in which a record changed last.
    private var changes: [PeerName: UInt64] = [:]

    /// A table that knows ourselves only.
    public init(own record: PeerRecord) {
        ownName = record.name
        records = [record.name: record]
        if let id = record.shortID { _ = shortIDs.claim(id, by: record.name) }
    }

    /// Our own record.
    public var own: PeerRecord {
        records[ownName] ?? PeerRecord(placeholder: ownName)
    }

    public subscript(name: PeerName) -> PeerRecord? {
        records[name]
    }

    /// Without a copy of the record, as each entry of each list is asked for.
    func knows(_ name: PeerName) -> Bool {
        records.index(forKey: name) != nil
    }

    /// Peers whose records have changed since the table had that generation, ascending.
    func names(changedSince generation: UInt64) -> [PeerName] {
        changes.filter { $0.value > generation }.keys.sorted()
    }

    /// Adds a peer that a handshake has shown, at version 0; a record that is there is not changed.
    public mutating func addFromHandshake(_ record: PeerRecord) -> Bool {
        guard records[record.name] == nil else { return false }
        return replace(record)
    }

    /// Puts a connection into our own record, or changes it, and counts the change.
    public mutating func setOwnConnection(_ connection: ConnectionRecord) {
        changeOwn { $0.setConnection(connection) }
    }

    /// Takes a connection out of our own record; false if it was not there.
    public mutating func removeOwnConnection(to remote: PeerName) -> Bool {
        guard own.connections.contains(where: { $0.remote == remote }) else { return false }
        changeOwn { _ = $0.removeConnection(to: remote) }
        return true
    }

    /// Continues counting after the version of a former incarnation of ours.
    mutating func jumpOver(version: UInt64) {
        var record = own
        record.version = version &+ 1
        store(record)
    }

    /// Chooses another short id if a peer with a lower name claims ours. True if it changed.
    mutating func settleOwnShortID(using random: inout MeshRandom) -> Bool {
        guard let id = own.shortID, shortIDs.owner(of: id) != ownName, let next = shortIDs.free(using: &random)
        else { return false }
        _ = shortIDs.release(id, by: ownName)
        _ = shortIDs.claim(next, by: ownName)
        changeOwn { $0.shortID = next }
        return true
    }

    /// Adds or replaces a record; true if the owner of a short id changed.
    mutating func replace(_ record: PeerRecord) -> Bool {
        var ownersChanged = false
        let before = records[record.name]?.shortID
        if before != record.shortID {
            if let before { ownersChanged = shortIDs.release(before, by: record.name) }
            if let id = record.shortID { ownersChanged = shortIDs.claim(id, by: record.name) || ownersChanged }
        }
        store(record)
        return ownersChanged
    }

    /// Whether a way leads from us to another peer over connections that both ends list as established. It looks no farther
    /// than it has to.
    package func reaches(_ peer: PeerName) -> Bool {
        var reached: Set<PeerName> = [ownName]
        var frontier = [ownName]
        while let name = frontier.popLast() {
            for connection in records[name]?.connections ?? [] where connection.isEstablished {
                let other = connection.remote
                guard !reached.contains(other), records[other]?.isEstablished(to: name) ?? false else { continue }
                if other == peer { return true }
                reached.insert(other)
                frontier.append(other)
            }
        }
        return false
    }

    /// Removes all peers that nobody leads to: not reachable from us over any listed connection, and not in `keeping`
    /// (those with a live connection). Returns the removed names, ascending.
    public mutating func collectGarbage(keeping: Set<PeerName>) -> [PeerName] {
        var reached: Set<PeerName> = keeping
        reached.insert(ownName)
        var frontier = Array(reached)
        while let name = frontier.popLast() {
            for connection in records[name]?.connections ?? [] where reached.insert(connection.remote).inserted {
                frontier.append(connection.remote)
            }
        }
        let removed = records.keys.filter { !reached.contains($0) }.sorted()
        for name in removed {
            if let id = records[name]?.shortID { _ = shortIDs.release(id, by: name) }
            records[name] = nil
            changes[name] = nil
        }
        if !removed.isEmpty { generation &+= 1 }
        return removed
    }

    private mutating func changeOwn(_ change: (inout PeerRecord) -> Void) {
        var record = own
        change(&record)
        record.version = record.version &+ 1
        store(record)
    }

    private mutating func store(_ record: PeerRecord) {
        records[record.name] = record
        generation &+= 1
        changes[record.name] = generation
    }
}
