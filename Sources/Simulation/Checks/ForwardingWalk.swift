package import Overlay
package import Wire

/// Follows packets through the snapshots of all peers, as the data planes would.
package enum ForwardingWalk {
    /// What goes wrong among peers that can all reach each other; nil: each unicast arrives, and each broadcast comes to
    /// each peer exactly once.
    package static func fault(among names: [PeerName], _ snapshots: [PeerName: ForwardingSnapshot]) -> String? {
        for destination in names {
            if let text = unicastFault(to: destination, from: names, snapshots) { return text }
        }
        for source in names {
            if let text = broadcastFault(from: source, among: names, snapshots) { return text }
        }
        return nil
    }

    private static func unicastFault(
        to destination: PeerName, from names: [PeerName], _ snapshots: [PeerName: ForwardingSnapshot]
    ) -> String? {
        // Whoever was found to lead there needs no second look.
        var leads: Set<PeerName> = [destination]
        for source in names where !leads.contains(source) {
            var path: [PeerName] = []
            var place = source
            while !leads.contains(place) {
                guard !path.contains(place) else { return "from \(source) to \(destination): a loop at \(place)" }
                path.append(place)
                guard let snapshot = snapshots[place], let hop = snapshot.unicast[destination],
                    snapshot.neighbours[hop] != nil
                else { return "from \(source) to \(destination): no way at \(place)" }
                place = hop
            }
            leads.formUnion(path)
        }
        return nil
    }

    private static func broadcastFault(
        from source: PeerName, among names: [PeerName], _ snapshots: [PeerName: ForwardingSnapshot]
    ) -> String? {
        var copies: [PeerName: Int] = [source: 1]
        var frontier = [source]
        while let place = frontier.popLast() {
            guard let snapshot = snapshots[place] else { continue }
            for hop in snapshot.broadcast[source] ?? [] where snapshot.neighbours[hop] != nil {
                copies[hop, default: 0] += 1
                guard copies[hop] == 1 else {
                    return "a broadcast of \(source) comes to \(hop) twice, from \(place) too"
                }
                frontier.append(hop)
            }
        }
        guard let missed = names.first(where: { copies[$0] == nil }) else { return nil }
        return "a broadcast of \(source) does not come to \(missed)"
    }
}
