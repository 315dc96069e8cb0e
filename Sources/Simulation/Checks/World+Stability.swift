import Mesh
import Overlay
import Wire

/// What is looked at while faults come and go.
extension World {
    /// Without a change of forwarding for this long, whoever agrees must forward together.
    static let stability = Duration.seconds(1)

    /// To be called now and then: bounds of what is held, and forwarding among peers that agree.
    mutating func watch() {
        if let excess = excess() { return fail(excess) }
        checkSomeSnapshots()
        guard now - lastRouteChange >= World.stability, checkedChange != lastRouteChange else { return }
        checkedChange = lastRouteChange
        checkAgreement()
    }

    /// What somebody holds beyond its bound.
    private func excess() -> String? {
        for number in peers.indices where peers[number].isUp {
            if let text = peers[number].router.inspect().excess { return "\(peers[number].name): \(text)" }
        }
        return nil
    }

    /// Each stale snapshot is one time in four made as the daemon would make it, and must be consistent.
    private mutating func checkSomeSnapshots() {
        for number in peers.indices where peers[number].isUp && peers[number].isSnapshotStale {
            snapshotTurn += 1
            guard snapshotTurn % 4 == 0 else { continue }
            guard peers[number].currentSnapshot().isConsistent else {
                return fail("the snapshot of \(peers[number].name) is inconsistent")
            }
        }
    }

    /// Peers with equal views, of which nobody is missing, forward to each other without loop and copy.
    private mutating func checkAgreement() {
        var left = peers.indices.filter { peers[$0].isUp }
        let hosts = Dictionary(left.map { (peers[$0].name, 1) }, uniquingKeysWith: +)
        while let first = left.first {
            let records = peers[first].router.records
            let agreeing = left.filter { $0 == first || peers[$0].router.records == records }
            left.removeAll { agreeing.contains($0) }
            let names = Set(agreeing.map { peers[$0].name })
            guard names == Set(records.keys), names.allSatisfy({ hosts[$0] == 1 }) else { continue }
            agreements += 1
            var snapshots: [PeerName: ForwardingSnapshot] = [:]
            for number in agreeing { snapshots[peers[number].name] = peers[number].currentSnapshot() }
            for group in World.reachableGroups(snapshots) {
                if let fault = ForwardingWalk.fault(among: group, snapshots) { return fail("stable, and \(fault)") }
            }
        }
    }

    /// Peers that reach each other over slots that both ends have.
    private static func reachableGroups(_ snapshots: [PeerName: ForwardingSnapshot]) -> [[PeerName]] {
        var groups: [[PeerName]] = []
        var grouped: Set<PeerName> = []
        for (name, snapshot) in snapshots.sorted(by: { $0.key < $1.key }) where !grouped.contains(name) {
            let group = [name] + snapshot.unicast.keys.sorted()
            grouped.formUnion(group)
            groups.append(group)
        }
        return groups
    }
}
