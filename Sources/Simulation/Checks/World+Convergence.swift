import Mesh
import Overlay
import Wire

/// When a mesh has settled, and what must hold then.
extension World {
    /// Groups of running peers that their targets join: each must become one mesh.
    func components() -> [[Int]] {
        var parent = Array(peers.indices)
        func root(_ start: Int) -> Int {
            var peer = start
            while parent[peer] != peer { peer = parent[peer] }
            return peer
        }
        for number in peers.indices where peers[number].isUp {
            for target in peers[number].member.targets where peers[target].isUp {
                parent[root(number)] = root(target)
            }
            for socket in peers[number].sockets.values {
                parent[root(number)] = root(streams[socket.stream][socket.side.other].peer)
            }
        }
        var groups: [Int: [Int]] = [:]
        for number in peers.indices where peers[number].isUp { groups[root(number), default: []].append(number) }
        return groups.values.sorted { $0[0] < $1[0] }
    }

    /// Why the mesh is not in its final state; nil: it is. All peers of a group hold the same records, of exactly that
    /// group, all connections are established and listed by both ends, all peers have a way to each other, and nothing is
    /// left over.
    func unsettled() -> String? {
        if peers.indices.contains(where: { !peers[$0].isUp && !peers[$0].isGone }) { return "not all have started" }
        for group in components() {
            let names = Set(group.map { peers[$0].name })
            let records = peers[group[0]].router.records
            guard records.count == names.count, records.keys.allSatisfy(names.contains) else {
                return "\(peers[group[0]].name) knows \(records.count) of \(names.count) peers"
            }
            for number in group {
                let known = peers[number].router.records.count
                guard known == records.count else {
                    return "\(peers[number].name) knows \(known) of \(names.count) peers"
                }
                let reached = peers[number].router.routes.unicast.count
                guard reached == names.count - 1 else {
                    return "\(peers[number].name) has routes to \(reached) of \(names.count - 1) peers"
                }
            }
            if let reason = unsettledViews(group, records) { return reason }
        }
        return leftover()
    }

    private func unsettledViews(_ group: [Int], _ records: [PeerName: PeerRecord]) -> String? {
        for record in records.values {
            for connection in record.connections {
                guard connection.isEstablished else { return "\(record.name)–\(connection.remote) is not established" }
                guard records[connection.remote]?.connections.contains(where: { $0.remote == record.name }) == true
                else { return "\(connection.remote) does not list \(record.name)" }
            }
        }
        for number in group.dropFirst() where peers[number].router.records != records {
            return "\(peers[number].name) and \(peers[group[0]].name) have different views"
        }
        return nil
    }

    /// What is wrong with forwarding in a mesh that has settled; nil: nothing.
    mutating func forwardingFault() -> String? {
        var snapshots: [PeerName: ForwardingSnapshot] = [:]
        for number in peers.indices where peers[number].isUp {
            let snapshot = peers[number].currentSnapshot()
            guard snapshot.isConsistent else { return "the snapshot of \(peers[number].name) is inconsistent" }
            snapshots[peers[number].name] = snapshot
        }
        for group in components() {
            let names = group.map { peers[$0].name }
            if let fault = ForwardingWalk.fault(among: names, snapshots) { return fault }
        }
        return nil
    }

    /// Connections that only one side has, second ones of a pair, attempts without end, and what has grown beyond its
    /// bound.
    private func leftover() -> String? {
        for peer in peers where peer.isUp {
            var others: Set<Int> = []
            for (link, socket) in peer.sockets.sorted(by: { $0.key < $1.key }) {
                let end = streams[socket.stream][socket.side.other]
                guard end.isOpen else { return "\(peer.name) keeps \(link), whose other end is closed" }
                guard others.insert(end.peer).inserted else {
                    return "\(peer.name) has two connections to \(peers[end.peer].name)"
                }
            }
            let inspection = peer.router.inspect()
            guard inspection.joinedLinks == peer.sockets.count, inspection.joinedLinks == peer.overlays.count,
                inspection.handshakes == 0
            else {
                return "\(peer.name) has \(peer.sockets.count) TCP connections and \(peer.overlays.count) overlays, "
                    + "\(inspection.joinedLinks) in the mesh and \(inspection.handshakes) in handshakes"
            }
            if let text = inspection.excess { return "\(peer.name): \(text)" }
        }
        return nil
    }
}
