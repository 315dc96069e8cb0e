import ControlTypes
import DataPlane
import FastDatapath
import Mesh
import Overlay
import Wire

extension ControlLoop {
    /// The kernel's datapath as people see it.
    func datapathStatus() -> DatapathStatus {
        guard let fastPath else { return DatapathStatus(inUse: false, reason: fastChoice.reason) }
        let status = fastPath.status()
        let now = Clocks.now
        let nicknames = Dictionary(router.peers().map { ($0.name, $0.nickname) }) { first, _ in first }
        let owners = router.shortIDOwners
        let neighbours = Dictionary(overlays.tunnels.map { ($0.value.remote, $0.key) }) { first, _ in first }
        func identity(_ name: PeerName) -> PeerIdentity { PeerIdentity(name: name, nickname: nicknames[name] ?? "") }
        let flows = status.flows.map { flow in
            var from = "bridge"
            var peer: PeerIdentity?
            if case .tunnel(let id, _) = flow.question.origin {
                from = "tunnel"
                peer = TunnelID(rawValue: id).flatMap { owners[$0.source] }.map(identity)
            }
            let hops = flow.decision.copies.compactMap { neighbours[$0.ends.remote] }
            let holdsForAddresses = flow.decision.scope != .tunnel
            return DatapathStatus.Flow(
                from: from, fromPeer: peer, source: holdsForAddresses ? flow.question.source : nil,
                destination: holdsForAddresses ? flow.question.destination : nil, toBridge: flow.decision.toBridge,
                toSleeve: flow.decision.toCapture || !flow.decision.handed.isEmpty, toNeighbours: hops.map(identity),
                drop: flow.decision.drop?.rawValue, packets: flow.packets, bytes: flow.bytes,
                ageSeconds: Int((now - flow.since).components.seconds),
                idleSeconds: Int((now - flow.lastUsed).components.seconds))
        }
        return DatapathStatus(
            inUse: true, name: status.datapath,
            ports: status.ports.map { DatapathStatus.Port(number: $0.number, name: $0.name, kind: $0.kind) },
            flows: flows.sorted { ($0.packets, $0.ageSeconds) > ($1.packets, $1.ageSeconds) }, hits: status.hits,
            misses: status.misses, lost: status.lost,
            drops: Dictionary(status.drops.map { ($0.key.rawValue, $0.value) }) { first, _ in first },
            refusals: status.refusals, evictions: status.evictions)
    }
}
