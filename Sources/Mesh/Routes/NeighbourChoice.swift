package import Wire

/// How many peers gossip reaches through each neighbour; counted once for a state of the routes.
package struct NeighbourWeights: Sendable {
    /// Destination to next hop, without ourselves.
    package let hops: [PeerName: PeerName]
    /// Ascending by name.
    fileprivate let counts: [(neighbour: PeerName, count: Int)]

    package init(hops: [PeerName: PeerName]) {
        self.hops = hops
        var counts: [PeerName: Int] = [:]
        for hop in hops.values { counts[hop, default: 0] += 1 }
        self.counts = counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

/// The random subset of neighbours that gets a piece of neighbour gossip: 2 log2(n) of them, those that more peers are
/// reached through more likely. `docs/protocol-mesh.md`, "Gossip".
package struct NeighbourChoice {
    /// How many destinations each next hop serves, ascending by name.
    private var weights: [(neighbour: PeerName, count: Int)]
    private let size: Int

    /// `except` is the neighbour that the news came from: neither it nor what is behind it counts.
    package init(_ all: NeighbourWeights, except: PeerName?) {
        weights = all.counts
        if let except {
            weights.removeAll { $0.neighbour == except }
            if let hop = all.hops[except], let index = weights.firstIndex(where: { $0.neighbour == hop }) {
                weights[index].count -= 1
                if weights[index].count == 0 { weights.remove(at: index) }
            }
        }
        size = min(NeighbourChoice.wanted(peers: all.hops.count + 1), weights.count)
    }

    /// floor(2 log2 n), which is floor(log2 n²); 0 for a mesh of one.
    package static func wanted(peers: Int) -> Int {
        let bounded = min(max(peers, 1), 1 << 30)
        return (bounded * bounded).bitWidth - 1 - (bounded * bounded).leadingZeroBitCount
    }

    /// Draws without replacement.
    package mutating func draw(using random: inout MeshRandom) -> [PeerName] {
        var drawn: [PeerName] = []
        var total = weights.reduce(0) { $0 + $1.count }
        while drawn.count < size, total > 0 {
            var ticket = Int.random(in: 0..<total, using: &random)
            guard
                let index = weights.firstIndex(where: { weight in
                    ticket -= weight.count
                    return ticket < 0
                })
            else { break }
            let chosen = weights.remove(at: index)
            total -= chosen.count
            drawn.append(chosen.neighbour)
        }
        return drawn
    }
}
