import Wire

/// Both families of edges, brought up to date by the records that changed: all others are only looked at.
struct RecordGraphs: Sendable {
    /// Every listed connection, in any state, in its direction: for gossip and garbage collection.
    private(set) var directed = PeerGraph(names: [], edges: [])
    /// Connections that both ends list as established: for data. Each edge is there in both directions.
    private(set) var established = PeerGraph(names: [], edges: [])
    private var indices: [PeerName: Int] = [:]
    /// The lists that the edges were made of. They share their storage with the records, so that those which nobody
    /// has replaced are recognised at a glance.
    private var lists: [[ConnectionRecord]] = []
    /// What each peer lists as established, whatever the other end says.
    private var claims: [[Int]] = []

    struct Changes {
        var directed = false
        var established = false
        /// Peers have come or gone: every index means another peer.
        var names = false
    }

    /// Takes the records over; cheap where few have changed, and names have not.
    mutating func update(_ records: [PeerName: PeerRecord]) -> Changes {
        guard let changed = changedPeers(records) else {
            rebuild(records)
            return Changes(directed: true, established: true, names: true)
        }
        var changes = Changes()
        var touched: Set<Int> = []
        for peer in changed {
            let (all, claimed) = edges(of: peer)
            if directed.edges[peer] != all {
                directed.edges[peer] = all
                changes.directed = true
            }
            guard claimed != claims[peer] else { continue }
            touched.insert(peer)
            touched.formUnion(ascendingDifferences(claimed, claims[peer]))
            claims[peer] = claimed
        }
        for peer in touched {
            let agreed = agreedEdges(of: peer)
            guard agreed != established.edges[peer] else { continue }
            established.edges[peer] = agreed
            changes.established = true
        }
        return changes
    }

    /// The peers with another connection list than before, which is taken over; nil if there are other peers.
    private mutating func changedPeers(_ records: [PeerName: PeerRecord]) -> [Int]? {
        guard records.count == directed.names.count else { return nil }
        var changed: [Int] = []
        for (name, record) in records {
            guard let index = indices[name] else { return nil }
            guard lists[index] != record.connections else { continue }
            lists[index] = record.connections
            changed.append(index)
        }
        return changed
    }

    private mutating func rebuild(_ records: [PeerName: PeerRecord]) {
        let names = records.keys.sorted()
        indices = Dictionary(minimumCapacity: names.count)
        for (index, name) in names.enumerated() { indices[name] = index }
        lists = names.map { records[$0]?.connections ?? [] }
        let edges = names.indices.map { self.edges(of: $0) }
        directed = PeerGraph(names: names, edges: edges.map(\.all))
        claims = edges.map(\.claimed)
        established = PeerGraph(names: names, edges: names.indices.map { agreedEdges(of: $0) })
    }

    /// All peers that a peer lists, and those that it lists as established. Ascending, since the lists of a record
    /// ascend by name, and so do the indices.
    private func edges(of peer: Int) -> (all: [Int], claimed: [Int]) {
        var all: [Int] = []
        all.reserveCapacity(lists[peer].count)
        for connection in lists[peer] {
            if let other = indices[connection.remote] { all.append(other) }
        }
        // Mostly they are the same, and one list serves for both.
        guard lists[peer].contains(where: { !$0.isEstablished }) else { return (all, all) }
        return (all, lists[peer].compactMap { $0.isEstablished ? indices[$0.remote] : nil })
    }

    private func agreedEdges(of peer: Int) -> [Int] {
        if claims[peer].allSatisfy({ doesClaim($0, peer) }) { return claims[peer] }
        return claims[peer].filter { doesClaim($0, peer) }
    }

    private func doesClaim(_ peer: Int, _ other: Int) -> Bool {
        let index = lowerBound(claims[peer]) { $0 < other }
        return index < claims[peer].count && claims[peer][index] == other
    }
}

/// What is in one of two ascending lists and not in the other, ascending.
func ascendingDifferences(_ left: [Int], _ right: [Int]) -> [Int] {
    var differences: [Int] = []
    var (i, j) = (0, 0)
    while i < left.count || j < right.count {
        if j == right.count || i < left.count && left[i] < right[j] {
            differences.append(left[i])
            i += 1
        } else if i == left.count || right[j] < left[i] {
            differences.append(right[j])
            j += 1
        } else {
            (i, j) = (i + 1, j + 1)
        }
    }
    return differences
}
