import Wire

/// Gossip that waits until the routes are recalculated, at most `MeshTimes.routes`; equal ways are joined.
struct PendingRelays: Sendable {
    enum Way: Hashable, Sendable {
        case neighbours(String, except: PeerName?)
        case tree(String, source: PeerName, except: PeerName?)
    }

    private var order: [Way] = []
    private var news: [Way: GossipNews] = [:]

    /// Returns how many foreign payloads were dropped for it.
    mutating func add(_ later: GossipNews, _ way: Way) -> Int {
        if var waiting = news[way] {
            let dropped = waiting.join(later)
            news[way] = waiting
            return dropped
        }
        order.append(way)
        news[way] = later
        return 0
    }

    /// Everything, in the order of its arrival.
    mutating func takeAll() -> [(Way, GossipNews)] {
        defer { self = PendingRelays() }
        return order.compactMap { way in news[way].map { (way, $0) } }
    }
}
