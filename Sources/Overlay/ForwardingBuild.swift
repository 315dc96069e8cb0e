public import Wire

extension ForwardingSnapshot {
    /// A snapshot of the mesh's routes and the confirmed neighbours, holding only what can be forwarded: next hops
    /// without a slot are left out, and ourselves are always known. The result is consistent whatever the
    /// routes say, as long as no two neighbours share a slot.
    ///
    /// - Parameters:
    ///   - knownPeers: every peer of the topology.
    ///   - unicast: destination to the next hop of the protocol's table.
    ///   - firstHops: destination to all next hops of equal distance, ascending; without them that of the table it is.
    ///   - broadcast: source to next hops, ourselves as a source included.
    ///   - neighbours: the slot of each neighbour whose overlay is confirmed.
    ///   - roundTrips: what has been measured to neighbours.
    ///   - former: the snapshot in use, whose next hops stay where nothing is much better (`NextHopChoice`).
    public static func build(
        ownName: PeerName, knownPeers: Set<PeerName>, unicast: [PeerName: PeerName],
        firstHops: [PeerName: [PeerName]] = [:], broadcast: [PeerName: [PeerName]],
        neighbours: [PeerName: PeerSlot], roundTrips: [PeerName: Duration] = [:], former: ForwardingSnapshot? = nil
    ) -> ForwardingSnapshot {
        let neighbours = neighbours.filter { $0.key != ownName }
        let known = knownPeers.contains(ownName) ? knownPeers : knownPeers.union([ownName])
        var next = [PeerName: PeerName](minimumCapacity: unicast.count)
        for (destination, usual) in unicast where destination != ownName && known.contains(destination) {
            let all = firstHops[destination] ?? [usual]
            let open = all.allSatisfy { neighbours[$0] != nil } ? all : all.filter { neighbours[$0] != nil }
            next[destination] = NextHopChoice.hop(
                among: open, usual: usual, former: open.count > 1 ? former?.unicast[destination] : nil,
                roundTrips: roundTrips)
        }
        var trees = [PeerName: [PeerName]](minimumCapacity: broadcast.count)
        for (source, hops) in broadcast where known.contains(source) {
            // A copy each, even if a hop is listed twice.
            var open: [PeerName] = []
            for hop in hops where neighbours[hop] != nil && !open.contains(hop) { open.append(hop) }
            if !open.isEmpty { trees[source] = open }
        }
        return ForwardingSnapshot(
            ownName: ownName, knownPeers: known, neighbours: neighbours, unicast: next, broadcast: trees)
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

extension ForwardingSnapshot {
    /// The same without our own copies of broadcasts for these neighbours, who get them in another way.
    public func leavingOut(_ neighbours: Set<PeerName>) -> ForwardingSnapshot {
        guard !neighbours.isEmpty else { return self }
        var trees = broadcast
        let rest = (trees[ownName] ?? []).filter { !neighbours.contains($0) }
        trees[ownName] = rest.isEmpty ? nil : rest
        return ForwardingSnapshot(
            ownName: ownName, knownPeers: knownPeers, neighbours: self.neighbours, unicast: unicast, broadcast: trees)
    }
}
