package import Wire

/// Finds addresses in the topology that are worth a dial.
package enum Discovery {
    /// Someone says that this peer is at this address.
    package struct Candidate: Hashable {
        package let endpoint: Endpoint
        package let peer: PeerName

        package init(endpoint: Endpoint, peer: PeerName) {
            self.endpoint = endpoint
            self.peer = peer
        }
    }

    /// Both ends of a new pair hear of each other at the same time: the one with the lower name dials after a random part
    /// of `delay`, the other one that much after `turn`, in case the first cannot.
    package static let delay = Duration.milliseconds(200)
    package static let turn = Duration.seconds(5)

    /// Where the connections of one record lead: outbound ones show the address that was dialled; inbound ones an ephemeral
    /// port, in whose place ours is tried.
    fileprivate static func candidates(in record: PeerRecord, ownName: PeerName, ownPort: PortNumber) -> [Candidate] {
        record.connections.compactMap { connection in
            guard connection.remote != ownName, let endpoint = Endpoint(text: connection.address),
                isDialable(endpoint.address)
            else { return nil }
            return Candidate(
                endpoint: connection.isOutbound ? endpoint : Endpoint(endpoint.address, ownPort),
                peer: connection.remote)
        }
    }

    /// Not ourselves, nobody, or a group: others choose these addresses, so they are not dialled blindly.
    private static func isDialable(_ address: IPAddress) -> Bool {
        switch address {
        case .v4(let v4): !v4.isLoopback && v4.rawValue >> 24 != 0 && v4.rawValue >> 28 < 0xe
        case .v6(let high, let low): high >> 56 != 0xff && !(high == 0 && low <= 1)
        }
    }
}

/// What the records show, read once for each state of a record: a mesh that starts asks for it with every message.
package struct DiscoveredPlaces: Sendable {
    private struct Entry: Sendable {
        let version: RecordVersion
        let candidates: [Discovery.Candidate]
    }

    private var entries: [PeerName: Entry] = [:]

    package init() {}

    /// Where peers are that are not in `connected`. Peers ascending, each candidate once.
    package mutating func candidates(
        in records: [PeerName: PeerRecord], ownName: PeerName, ownPort: PortNumber, connected: Set<PeerName>
    ) -> [Discovery.Candidate] {
        // In a full mesh there is nothing to look for.
        guard records.keys.contains(where: { $0 != ownName && !connected.contains($0) }) else { return [] }
        if entries.count > records.count { entries = entries.filter { records[$0.key] != nil } }
        var seen: Set<Discovery.Candidate> = []
        var list: [Discovery.Candidate] = []
        for name in records.keys.sorted() where name != ownName {
            guard let record = records[name] else { continue }
            let version = RecordVersion(record)
            if entries[name]?.version != version {
                entries[name] = Entry(
                    version: version,
                    candidates: Discovery.candidates(in: record, ownName: ownName, ownPort: ownPort))
            }
            for candidate in entries[name]?.candidates ?? []
            where !connected.contains(candidate.peer) && seen.insert(candidate).inserted { list.append(candidate) }
        }
        return list
    }
}
