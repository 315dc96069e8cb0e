import Wire

/// Gossip that waits until the routes are recalculated, at most `MeshTimes.routes`; equal ways are joined.
struct PendingRelays: Sendable {
    enum Way: Hashable, Sendable {
        case neighbours(String, except: PeerName?)
        case tree(String, source: PeerName, except: PeerName?)
    }

    private var order: [Way] = []
    private var news: [Way: GossipNews] = [:]
    private var payloadBytes = 0

    /// Chosen: what comes within the wait, many times over.
    private static let payloadBytesLimit = 8 << 20
    private static let waysLimit = 4_096

    /// Returns how many pieces were dropped for want of room.
    mutating func add(_ later: GossipNews, _ way: Way) -> Int {
        let added = later.payloadBytes
        guard added == 0 || payloadBytes + added <= PendingRelays.payloadBytesLimit,
            news[way] != nil || order.count < PendingRelays.waysLimit
        else { return 1 }
        payloadBytes += added
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
