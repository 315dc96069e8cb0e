import Mesh
import Wire

/// Compares the routes of one peer with its own records: each next hop begins a shortest way over connections that both
/// ends list as established, and whoever cannot be reached has none.
///
/// It finds the ways by itself: level by level, with the set of neighbours through which each peer can be reached in as
/// few hops.
struct ViewChecker: Sendable {
    private(set) var checks = 0
    private var skipped = 0

    /// What is wrong; nil: nothing. Large views are looked at one time in sixteen.
    mutating func check(_ peer: SimulatedPeer) -> String? {
        let records = peer.router.records
        if records.count > 200 {
            skipped += 1
            guard skipped % 16 == 0 else { return nil }
        }
        checks += 1
        let hops = ViewChecker.firstHops(from: peer.name, in: records)
        let routes = peer.router.routes
        guard routes.knownPeers.count == records.count else {
            return "routes know \(routes.knownPeers.count) peers, the topology has \(records.count)"
        }
        for (destination, hop) in routes.unicast {
            guard hops[destination]?.contains(hop) == true else {
                return "the next hop \(hop) does not lead to \(destination)"
            }
        }
        guard routes.unicast.count == hops.count else {
            return "\(hops.count) peers can be reached, \(routes.unicast.count) have a next hop"
        }
        return nil
    }

    /// For each peer that can be reached, all neighbours that are the beginning of a shortest way.
    static func firstHops(from own: PeerName, in records: [PeerName: PeerRecord]) -> [PeerName: Set<PeerName>] {
        var found: [PeerName: Set<PeerName>] = [:]
        var level: Set<PeerName> = [own]
        var reached: Set<PeerName> = [own]
        while !level.isEmpty {
            var next: Set<PeerName> = []
            for name in level {
                for other in establishedNeighbours(of: name, in: records) where !reached.contains(other) {
                    next.insert(other)
                    if name == own {
                        found[other, default: []].insert(other)
                    } else if let hops = found[name] {
                        found[other, default: []].formUnion(hops)
                    }
                }
            }
            reached.formUnion(next)
            level = next
        }
        return found
    }

    static func establishedNeighbours(of name: PeerName, in records: [PeerName: PeerRecord]) -> [PeerName] {
        guard let record = records[name] else { return [] }
        return record.connections.filter { connection in
            connection.isEstablished
                && records[connection.remote]?.connections.contains { $0.remote == name && $0.isEstablished } == true
        }.map(\.remote)
    }
}
