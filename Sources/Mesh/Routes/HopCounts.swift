/// A graph's edges in two flat lists, for walking it many times.
struct FlatEdges: Sendable {
    /// Where each peer's targets begin; one more than there are peers.
    private var starts: [Int] = [0]
    private(set) var targets: [Int] = []

    init(_ edges: [[Int]]) {
        starts.reserveCapacity(edges.count + 1)
        targets.reserveCapacity(edges.reduce(0) { $0 + $1.count })
        for list in edges {
            targets.append(contentsOf: list)
            starts.append(targets.count)
        }
    }

    var count: Int { starts.count - 1 }

    /// Where the targets of a peer are, among all of them.
    func places(of peer: Int) -> Range<Int> { starts[peer]..<starts[peer + 1] }
}

/// How far every peer is from one root, over edges that go both ways.
struct HopCounts: Equatable, Sendable {
    static let unreached = UInt16.max
    private var counts: [UInt16]

    /// Level by level. `reachable`, if known, is the number of peers in the root's part: the walk ends when it has met
    /// them all, in a mesh with many edges long before it has seen those.
    init(from root: Int, over edges: FlatEdges, reachable: Int?, queue: inout [Int]) {
        counts = Array(repeating: HopCounts.unreached, count: edges.count)
        counts[root] = 0
        queue.removeAll(keepingCapacity: true)
        queue.append(root)
        var next = 0
        let all = reachable ?? edges.count
        while next < queue.count, queue.count < all {
            let peer = queue[next]
            next += 1
            let count = counts[peer] + 1
            for place in edges.places(of: peer) {
                let other = edges.targets[place]
                guard counts[other] == HopCounts.unreached else { continue }
                counts[other] = count
                queue.append(other)
            }
        }
    }

    subscript(peer: Int) -> UInt16 { counts[peer] }

    /// Whether the counts hold for the new `edges` too, which differ from those they were made of by these pairs.
    ///
    /// They do if no added edge joins peers that are more than one hop apart, and every peer that lost an edge towards
    /// the root has another: then no count can be smaller, as each edge changes it by one at most, and none larger, as
    /// a way down exists from each.
    func holds(over edges: FlatEdges, added: [(Int, Int)], removed: [(Int, Int)]) -> Bool {
        for (a, b) in added {
            let (low, high) = (min(counts[a], counts[b]), max(counts[a], counts[b]))
            if high - low > 1 { return false }
        }
        for (a, b) in removed where counts[a] != counts[b] {
            let far = counts[a] > counts[b] ? a : b
            if !edges.places(of: far).contains(where: { counts[edges.targets[$0]] == counts[far] - 1 }) { return false }
        }
        return true
    }
}
