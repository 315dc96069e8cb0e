public import Wire

extension ForwardingSnapshot {
    /// A snapshot of the mesh's routes and the confirmed neighbours, holding only what can be forwarded: next hops
    /// without a slot are left out, and ourselves are always known. The result is consistent whatever the
    /// routes say, as long as no two neighbours share a slot.
    ///
    /// - Parameters:
    ///   - knownPeers: every peer of the topology.
    ///   - unicast: destination to next hop.
    ///   - broadcast: source to next hops, ourselves as a source included.
    ///   - neighbours: the slot of each neighbour whose overlay is confirmed.
    public static func build(
        ownName: PeerName, knownPeers: Set<PeerName>, unicast: [PeerName: PeerName],
        broadcast: [PeerName: [PeerName]], neighbours: [PeerName: PeerSlot]
    ) -> ForwardingSnapshot {
        let neighbours = neighbours.filter { $0.key != ownName }
        let known = knownPeers.union([ownName])
        let hops = broadcast.filter { known.contains($0.key) }
            .mapValues { hops in
                // A copy each, even if a hop is listed twice.
                var seen: Set<PeerName> = []
                return hops.filter { neighbours[$0] != nil && seen.insert($0).inserted }
            }
            .filter { !$0.value.isEmpty }
        return ForwardingSnapshot(
            ownName: ownName, knownPeers: known, neighbours: neighbours,
            unicast: unicast.filter { destination, hop in
                destination != ownName && known.contains(destination) && neighbours[hop] != nil
            },
            broadcast: hops)
    }

    /// Nobody but ourselves: before the mesh has said anything.
    public static func alone(_ ownName: PeerName) -> ForwardingSnapshot {
        build(ownName: ownName, knownPeers: [], unicast: [:], broadcast: [:], neighbours: [:])
    }

    /// Where a frame for `destination` goes next; nil for ourselves and for the unreachable.
    public func slot(toward destination: PeerName) -> PeerSlot? {
        unicast[destination].flatMap { neighbours[$0] }
    }

    /// Who gets a copy of a broadcast that entered the overlay at `source`, in the order of the routes.
    public func broadcastSlots(from source: PeerName) -> [PeerSlot] {
        (broadcast[source] ?? []).compactMap { neighbours[$0] }
    }

    /// Whether every hop has a slot, no two neighbours share one, and nothing is forwarded to ourselves or for peers
    /// that are not known.
    public var isConsistent: Bool {
        let hops = Set(unicast.values).union(broadcast.values.joined())
        return knownPeers.contains(ownName)
            && neighbours[ownName] == nil && unicast[ownName] == nil
            && hops.allSatisfy { neighbours[$0] != nil }
            && Set(neighbours.values.map(\.index)).count == neighbours.count
            && unicast.keys.allSatisfy(knownPeers.contains) && broadcast.keys.allSatisfy(knownPeers.contains)
            && broadcast.values.allSatisfy { Set($0).count == $0.count }
    }
}
