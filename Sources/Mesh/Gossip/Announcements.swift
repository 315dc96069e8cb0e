import Wire

/// News of records that wait a moment, so that many go in one message, and who needs not be told.
struct Announcements: Sendable {
    /// Whom each changed record came from; nil: from ourselves, or from one who does not announce.
    private var sources: [PeerName: PeerName?] = [:]

    var isEmpty: Bool { sources.isEmpty }

    mutating func add(_ name: PeerName, from source: PeerName?) {
        sources[name] = .some(source)
    }

    /// What one neighbour is to be told, ascending. A neighbour that the source is connected to has heard it from there.
    func names(for neighbour: PeerName, in table: PeerTable) -> [PeerName] {
        sources.filter { name, source in
            guard name != neighbour else { return false }
            guard let source else { return true }
            return source != neighbour && !(table[source]?.isConnected(to: neighbour) ?? false)
        }.keys.sorted()
    }
}
