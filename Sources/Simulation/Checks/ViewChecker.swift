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

    /// What is compared of a peer.
    struct Subject {
        let own: PeerName
        let records: [PeerName: PeerRecord]
        let knownPeers: Set<PeerName>
        let unicast: [PeerName: PeerName]
    }

    /// What is wrong; nil: nothing.
    mutating func check(_ peer: Subject) -> String? {
        if peer.records.count > ViewChecker.alwaysChecked {
            seen += 1
            guard seen % 64 == 0 else { return nil }
        }
        checks += 1
        return ViewChecker.fault(
            own: peer.own, records: peer.records, knownPeers: peer.knownPeers, unicast: peer.unicast)
    }

    /// The same for a router's next hops by destination.
    package static func fault(
        own: PeerName, records: [PeerName: PeerRecord], knownPeers: Set<PeerName>, unicast: [PeerName: PeerName]
    ) -> String? {
        guard knownPeers.count == records.count, records.keys.allSatisfy(knownPeers.contains) else {
            return "routes know \(knownPeers.count) peers, the topology has \(records.count)"
        }
        return View(records, own: own).fault(in: unicast)
    }
}

/// The established connections of one peer's records, by dense numbers. In flat lists: it is made for each change.
private struct View {
    private let own: PeerName
    private var numbers: [PeerName: Int]
    /// What each peer lists as established: a range of `listed` from its start to the next one's.
    private var starts: [Int] = [0]
    private var listed: [Int] = []
    /// The same as a matrix of bits.
    private let words: Int
    private var isListed: [UInt64]

    init(_ records: [PeerName: PeerRecord], own: PeerName) {
        self.own = own
        numbers = Dictionary(minimumCapacity: records.count)
        for name in records.keys { numbers[name] = numbers.count }
        words = records.count / 64 + 1
        isListed = [UInt64](repeating: 0, count: records.count * words)
        starts.reserveCapacity(records.count + 1)
        // In the same order as the numbers.
        for record in records.values {
            let row = (starts.count - 1) * words
            for connection in record.connections where connection.isEstablished {
                guard let other = numbers[connection.remote] else { continue }
                isListed[row + other / 64] |= 1 << UInt64(other % 64)
                listed.append(other)
            }
            starts.append(listed.count)
        }
    }

    /// Whether two peers list each other, if the first one lists the second.
    private func isAgreed(_ peer: Int, _ other: Int) -> Bool {
        isListed[other * words + peer / 64] & 1 << UInt64(peer % 64) != 0
    }

    func fault(in unicast: [PeerName: PeerName]) -> String? {
        guard let start = numbers[own] else { return "the own record is missing" }
        let first = listed[starts[start]..<starts[start + 1]].filter { $0 != start && isAgreed(start, $0) }
        let hops = firstHops(from: start, over: first)
        for (destination, hop) in unicast {
            guard let place = numbers[destination], let neighbour = numbers[hop],
                let bit = first.firstIndex(of: neighbour), hops.contains(bit, at: place)
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

    private func firstHops(from start: Int, over first: [Int]) -> Hops {
        let words = first.count / 64 + 1
        var hops = Hops(words: words, bits: Array(repeating: 0, count: numbers.count * words))
        var distance = [Int](repeating: .max, count: numbers.count)
        distance[start] = 0
        for (index, neighbour) in first.enumerated() {
            distance[neighbour] = 1
            hops.bits[neighbour * words + index / 64] |= 1 << UInt64(index % 64)
        }
        var queue = first
        queue.reserveCapacity(numbers.count)
        var next = 0
        while next < queue.count {
            let place = queue[next]
            next += 1
            for index in starts[place]..<starts[place + 1] {
                let other = listed[index]
                guard distance[other] > distance[place], isAgreed(place, other) else { continue }
                if distance[other] == .max {
                    distance[other] = distance[place] + 1
                    queue.append(other)
                }
                for word in 0..<words { hops.bits[other * words + word] |= hops.bits[place * words + word] }
            }
        }
        hops.reached = queue.count
        return hops
    }
}
