import Mesh
import Overlay
import Sleeve
import Wire

/// The control loop of one peer: events go into its mesh one after the other, effects are applied in order, and what they
/// cause at once comes after them.
extension World {
    mutating func handle(_ event: MeshEvent, at peer: Int) {
        var pending = [event]
        run(&pending, at: peer)
    }

    /// Puts what overlays said into the mesh.
    mutating func run(_ pending: inout [MeshEvent], at peer: Int) {
        var next = 0
        while next < pending.count {
            let effects = handleOne(pending[next], at: peer)
            next += 1
            for effect in effects { apply(effect, at: peer, &pending) }
        }
    }

    private mutating func handleOne(_ event: MeshEvent, at peer: Int) -> [MeshEffect] {
        peers[peer].load.events += 1
        guard isMeasuring, let clock else { return peers[peer].router.handle(event, at: now) }
        let before = clock()
        let effects = peers[peer].router.handle(event, at: now)
        // The daemon publishes what it forwards by whenever that changes.
        if effects.contains(where: { if case .routesChanged = $0 { true } else { false } }) {
            peers[peer].isSnapshotStale = true
            _ = peers[peer].currentSnapshot()
        }
        peers[peer].load.busyNanoseconds += clock() - before
        return effects
    }

    private mutating func apply(_ effect: MeshEffect, at peer: Int, _ pending: inout [MeshEvent]) {
        switch effect {
        case .dial(let link, let target): dial(link, target, from: peer)
        case .send(let link, let bytes): send(bytes, on: link, from: peer)
        case .close(let link, _), .finish(let link, _): close(link, at: peer)
        case .wake(let instant):
            peers[peer].wakeAt = max(instant, now)
            queue.post(.wake(peer: peer), at: max(instant, now))
        case .prepareOverlay(let link, let connection): prepareOverlay(link, connection, at: peer)
        case .confirmOverlay(let link): pending += handleOverlay(.confirm, link, at: peer)
        case .overlayControl(let link, _, let tag, let body):
            if let control = SleeveControl(tag: tag, payload: body) {
                pending += handleOverlay(.control(control), link, at: peer)
            }
        case .stopOverlay(let link): stopOverlay(link, at: peer)
        case .routesChanged:
            peers[peer].isSnapshotStale = true
            peers[peer].load.routeChanges += 1
            lastRouteChange = now
            checkView(of: peer)
        case .rememberNeighbours(let neighbours): peers[peer].remembered = neighbours
        case .peersRemoved, .rememberTargets, .note: break
        }
    }

    /// The routes of a peer must agree with its own records, at each change.
    private mutating func checkView(of peer: Int) {
        if let fault = checker.check(view(of: peer)) { fail("\(peers[peer].name): \(fault)") }
    }

    private func view(of peer: Int) -> ViewChecker.Subject {
        let routes = peers[peer].router.routes
        return ViewChecker.Subject(
            own: peers[peer].name, records: peers[peer].router.records, knownPeers: routes.knownPeers,
            unicast: routes.unicast)
    }
}
