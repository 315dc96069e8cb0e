import Wire

/// Which states of records the table holds: what is announced instead of the records.
extension PeerTable {
    func version(of name: PeerName) -> RecordVersion? {
        self[name].map { RecordVersion($0) }
    }

    /// All that is worth an announcement, ascending by name. Version 0 says no more than the lists of others do.
    func versions() -> [RecordVersion] {
        records.values.filter { $0.version > 0 }.map { RecordVersion($0) }.sorted { $0.name < $1.name }
    }

    /// Equal for two tables that hold the same states, in whatever order they came.
    func digest() -> UInt64 {
        records.values.reduce(0) { $1.version > 0 ? $0 ^ RecordVersion($1).digest : $0 }
    }

    /// What someone who holds `entries`, and nothing else, lacks.
    func newerThan(_ entries: [RecordVersion]) -> [PeerName] {
        var held: [PeerName: RecordVersion] = [:]
        for entry in entries { held[entry.name] = entry }
        return versions().filter { $0.supersedes(held[$0.name]) }.map(\.name)
    }
}
