import Mesh
import Wire

/// Routes as the protocol describes them, from scratch and word by word: what every other way to compute them must
/// agree with. Slow, and blind to how `Sources/Mesh/Routes` stores anything.
struct PlainRoutes {
    enum Family {
        case data, gossip
    }

    let records: [PeerName: PeerRecord]

    /// Whether the records allow an edge of the family.
    func hasEdge(_ from: PeerName, _ to: PeerName, _ family: Family) -> Bool {
        guard records[to] != nil, let there = records[from]?.connections.first(where: { $0.remote == to })
        else { return false }
        if family == .gossip { return true }
        let back = records[to]?.connections.first { $0.remote == from }
        return there.isEstablished && back?.isEstablished == true
    }

    func edges(_ peer: PeerName, _ family: Family) -> [PeerName] {
        (records[peer]?.connections ?? []).map(\.remote).filter { hasEdge(peer, $0, family) }
    }

    /// Level by level, each in the order of names; ends when `stop` has its turn.
    func widen(_ start: PeerName, until stop: PeerName?, _ family: Family) -> (Bool, reached: [PeerName: PeerName]) {
        var reached = [start: start]
        var level = [start]
        while !level.isEmpty {
            var next: [PeerName] = []
            for peer in level.sorted() {
                if peer == stop { return (true, reached) }
                for other in edges(peer, family) where reached[other] == nil {
                    reached[other] = peer == start ? other : reached[peer]
                    next.append(other)
                }
            }
            level = next
        }
        return (false, reached)
    }

    func unicast(of own: PeerName, _ family: Family) -> [PeerName: PeerName] {
        widen(own, until: nil, family).reached.filter { $0.key != own }
    }

    func hops(from source: PeerName, at own: PeerName, _ family: Family) -> [PeerName] {
        guard records[source] != nil else { return [] }
        let (hasMet, reached) = widen(source, until: own, family)
        return hasMet ? edges(own, family).filter { reached[$0] == nil }.sorted() : []
    }

    func broadcast(of own: PeerName) -> [PeerName: [PeerName]] {
        var table: [PeerName: [PeerName]] = [:]
        for source in records.keys {
            let list = hops(from: source, at: own, .data)
            if !list.isEmpty { table[source] = list }
        }
        return table
    }

    /// Hops of data between two peers; nil if there is no way.
    func distances(from start: PeerName) -> [PeerName: Int] {
        var distances = [start: 0]
        var level = [start]
        while !level.isEmpty {
            var next: [PeerName] = []
            for peer in level {
                for other in edges(peer, .data) where distances[other] == nil {
                    distances[other] = distances[peer, default: 0] + 1
                    next.append(other)
                }
            }
            level = next
        }
        return distances
    }

    /// The neighbours that are nearer to each destination than `own` is.
    func firstHops(of own: PeerName) -> [PeerName: [PeerName]] {
        let here = distances(from: own)
        let neighbours = edges(own, .data).sorted().map { ($0, distances(from: $0)) }
        var table: [PeerName: [PeerName]] = [:]
        for (destination, distance) in here where destination != own {
            table[destination] = neighbours.filter { $0.1[destination] == distance - 1 }.map(\.0)
        }
        return table
    }
}
