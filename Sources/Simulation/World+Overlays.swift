import Mesh
import Overlay
import Sleeve
import Wire

/// The sleeve machines of all connections, joined with the mesh as the daemon joins them.
extension World {
    mutating func prepareOverlay(_ link: LinkID, _ connection: OverlayConnection, at peer: Int) {
        let parameters = SleeveParameters(
            connectionUID: connection.connectionUID, isOutbound: connection.isOutbound,
            remote: connection.isOutbound ? connection.remote : nil, isSealed: connection.sessionKey != nil,
            underlayMTU: underlay.mtu, probesSilence: connection.probesSilence)
        let slot = peers[peer].takeSlot()
        peers[peer].overlays[link] = SimulatedPeer.Overlay(
            machine: SleeveLink(parameters: parameters, at: now), connection: connection, slot: slot)
    }

    mutating func stopOverlay(_ link: LinkID, at peer: Int) {
        guard let overlay = peers[peer].overlays.removeValue(forKey: link) else { return }
        peers[peer].freeSlots.append(overlay.slot.index)
        guard overlay.isRegistered else { return }
        let name = overlay.connection.remoteName
        if peers[peer].linkOfNeighbour[name] == link { peers[peer].linkOfNeighbour[name] = nil }
        peers[peer].isSnapshotStale = true
    }

    /// An event from outside the mesh: what the machine wants told goes to the mesh afterwards.
    mutating func handle(_ event: SleeveEvent, ofOverlay link: LinkID, at peer: Int) {
        var pending = handleOverlay(event, link, at: peer)
        if !pending.isEmpty { run(&pending, at: peer) }
    }

    /// Lets the machine of a connection handle an event, and returns what the mesh has to hear of it.
    mutating func handleOverlay(_ event: SleeveEvent, _ link: LinkID, at peer: Int) -> [MeshEvent] {
        var news: [MeshEvent] = []
        var events = [event]
        while !events.isEmpty {
            let event = events.removeFirst()
            guard let effects = peers[peer].overlays[link]?.machine.handle(event, at: now) else { return news }
            for effect in effects {
                switch effect {
                case .register:
                    peers[peer].overlays[link]?.isRegistered = true
                    if let name = peers[peer].overlays[link]?.connection.remoteName {
                        peers[peer].linkOfNeighbour[name] = link
                    }
                    peers[peer].isSnapshotStale = true
                case .send(let special):
                    if let limit = send(special, on: link, from: peer) { events.append(.tooBig(pathMTU: limit)) }
                case .sendControl(let control):
                    news.append(.overlay(link, .control(tag: control.tag, body: control.payload)))
                case .setRemote(let endpoint): peers[peer].overlays[link]?.remote = endpoint
                case .setPath(let path): peers[peer].overlays[link]?.path = path
                // Only special frames are simulated, and those are heard as such.
                case .readTraffic: events.append(.traffic(datagrams: 0, lastHeartbeat: nil))
                case .readRoute: events.append(.route(mtu: underlay.mtu))
                case .established: news.append(.overlay(link, .established))
                case .failed(let reason): news.append(.overlay(link, .failed(reason: reason)))
                case .wake(let instant):
                    let at = max(instant, now)
                    peers[peer].overlays[link]?.wakeAt = at
                    queue.post(.overlayWake(peer: peer, link), at: at)
                }
            }
        }
        return news
    }
}
