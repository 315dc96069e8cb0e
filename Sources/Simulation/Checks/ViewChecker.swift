package import Mesh
package import Wire

/// Compares the routes of one peer with its own records: each next hop begins a shortest way over connections that both
/// ends list as established, and whoever cannot be reached has none.
///
/// It finds the ways by itself: level by level, with the set of neighbours through which each peer can be reached in as
/// few hops.
package struct ViewChecker: Sendable {
    private(set) var checks = 0
    private var seen = 0

    /// Views of more peers than this are looked at one time in sixty-four.
    static let alwaysChecked = 200

    /// What is wrong; nil: nothing.
    mutating func check(_ peer: SimulatedPeer) -> String? {
        let records = peer.router.records
        if records.count > ViewChecker.alwaysChecked {
            seen += 1
            guard seen % 64 == 0 else { return nil }
        }
        checks += 1
        let routes = peer.router.routes
        return ViewChecker.fault(
            own: peer.name, records: records, knownPeers: routes.knownPeers, unicast: routes.unicast)
    }

    /// The same for a router's next hops by destination.
    package static func fault(
        own: PeerName, records: [PeerName: PeerRecord], knownPeers: Set<PeerName>, unicast: [PeerName: PeerName]
    ) -> String? {
        guard knownPeers == Set(records.keys) else {
            return "routes know \(knownPeers.count) peers, the topology has \(records.count)"
        }
        return View(records, own: own).fault(in: unicast)
    }
}

/// The established connections of one peer's records, by dense numbers.
private struct View {
    private let own: PeerName
    private var numbers: [PeerName: Int] = [:]
    /// Listed as established by both ends.
    private var neighbours: [[Int]]

    init(_ records: [PeerName: PeerRecord], own: PeerName) {
        self.own = own
        numbers.reserveCapacity(records.count)
        for name in records.keys { numbers[name] = numbers.count }
        let words = records.count / 64 + 1
        var listed = [UInt64](repeating: 0, count: records.count * words)
        var lists = [[Int]](repeating: [], count: records.count)
        for (name, record) in records {
            guard let number = numbers[name] else { continue }
            for connection in record.connections where connection.isEstablished {
                guard let other = numbers[connection.remote] else { continue }
                listed[number * words + other / 64] |= 1 << UInt64(other % 64)
                lists[number].append(other)
            }
        }
        neighbours = lists.enumerated().map { number, list in
            list.filter { listed[$0 * words + number / 64] & 1 << UInt64(number % 64) != 0 }
        }
    }

    func fault(in unicast: [PeerName: PeerName]) -> String? {
        guard let start = numbers[own] else { return "the own record is missing" }
        let hops = firstHops(from: start)
        for (destination, hop) in unicast {
            guard let place = numbers[destination], let first = numbers[hop],
                let bit = neighbours[start].firstIndex(of: first), hops.contains(bit, at: place)
            else { return "the next hop \(hop) does not lead to \(destination)" }
        }
        guard unicast.count == hops.reached else {
            return "\(hops.reached) peers can be reached, \(unicast.count) have a next hop"
        }
        return nil
    }

    /// For each peer the neighbours that begin a shortest way, as bits.
    private struct Hops {
        let words: Int
        var bits: [UInt64]
        var reached = 0

        func contains(_ neighbour: Int, at place: Int) -> Bool {
            bits[place * words + neighbour / 64] & 1 << UInt64(neighbour % 64) != 0
        }
    }

    private func firstHops(from start: Int) -> Hops {
        let words = neighbours[start].count / 64 + 1
        var hops = Hops(words: words, bits: Array(repeating: 0, count: numbers.count * words))
        var distance = [Int](repeating: .max, count: numbers.count)
        distance[start] = 0
        var queue = [start]
        var next = 0
        while next < queue.count {
            let place = queue[next]
            next += 1
            for (index, other) in neighbours[place].enumerated() {
                if distance[other] == .max {
                    distance[other] = distance[place] + 1
                    queue.append(other)
                }
                guard distance[other] == distance[place] + 1 else { continue }
                if place == start {
                    hops.bits[other * words + index / 64] |= 1 << UInt64(index % 64)
                } else {
                    for word in 0..<words { hops.bits[other * words + word] |= hops.bits[place * words + word] }
                }
            }
        }
        hops.reached = queue.count - 1
        return hops
    }
}
