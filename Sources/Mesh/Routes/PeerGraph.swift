package import Wire

/// The peers and one family of edges between them, as dense indices in the order of the names.
package struct PeerGraph: Equatable, Sendable {
    /// Ascending, so that comparing indices compares names.
    package let names: [PeerName]
    /// For each peer the peers that it has an edge to, ascending.
    package var edges: [[Int]]

    package init(names: [PeerName], edges: [[Int]]) {
        self.names = names
        self.edges = edges
    }

    package func index(of name: PeerName) -> Int? {
        let index = lowerBound(names) { $0 < name }
        return index < names.count && names[index] == name ? index : nil
    }

    /// What widening finds: for each peer the first hop towards it.
    package struct Reach {
        /// nil: not reached. The start peer has itself.
        package var firstHop: [Int?]
        /// Whether the stop peer was met.
        package var metStop: Bool
    }

    /// Widens level by level from `start`; within a level in the order of names, the one thing that decides ties. It
    /// ends when `stop` has its turn: what only later peers of that level lead to stays unreached.
    package func widening(from start: Int, until stop: Int?) -> Reach {
        var reach = Reach(firstHop: Array(repeating: nil, count: names.count), metStop: false)
        reach.firstHop[start] = start
        // Those reached so far, level after level.
        var order = [start]
        order.reserveCapacity(names.count)
        var level = 0..<1
        while !level.isEmpty {
            var isAscending = true
            for place in level {
                let peer = order[place]
                if peer == stop {
                    reach.metStop = true
                    return reach
                }
                for other in edges[peer] where reach.firstHop[other] == nil {
                    reach.firstHop[other] = peer == start ? other : reach.firstHop[peer]
                    if order.count > level.upperBound, order[order.count - 1] > other { isAscending = false }
                    order.append(other)
                }
                // Nothing more can come: in a full mesh after the first peer's edges.
                if order.count == names.count {
                    reach.metStop = stop != nil
                    return reach
                }
            }
            level = level.upperBound..<order.count
            if !isAscending { order.replaceSubrange(level, with: order[level].sorted()) }
        }
        return reach
    }

    /// The neighbours that `peer` passes broadcasts of `source` on to: all that widening from the source, stopped at
    /// `peer`, has not reached.
    package func hops(from source: Int, at peer: Int) -> [Int] {
        let reach = widening(from: source, until: peer)
        guard reach.metStop else { return [] }
        return edges[peer].filter { reach.firstHop[$0] == nil }
    }
}

/// The index of the first element for which `isBefore` no longer holds, in a list where it holds for a prefix.
func lowerBound<Element>(_ list: [Element], _ isBefore: (Element) -> Bool) -> Int {
    var low = 0
    var high = list.count
    while low < high {
        let middle = (low + high) / 2
        if isBefore(list[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
}
