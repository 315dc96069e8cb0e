package import Wire

/// The random subset of neighbours that gets a piece of neighbour gossip: 2 log2(n) of them, those that more peers are
/// reached through more likely. `docs/protocol-mesh.md`, "Gossip".
package struct NeighbourChoice {
    /// How many destinations each next hop serves, ascending by name.
    private var weights: [(neighbour: PeerName, count: Int)]
    private let size: Int

    /// `unicast` is the gossip table without ourselves; `except` is the neighbour that the news came from.
    package init(unicast: [PeerName: PeerName], except: PeerName?) {
        var counts: [PeerName: Int] = [:]
        for (destination, hop) in unicast where destination != except && hop != except { counts[hop, default: 0] += 1 }
        weights = counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        size = min(NeighbourChoice.wanted(peers: unicast.count + 1), weights.count)
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
