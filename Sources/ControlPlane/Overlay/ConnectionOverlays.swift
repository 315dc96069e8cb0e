import DataPlane
import FastDatapath
import Mesh
import Overlay
import Sleeve
import Wire

/// The overlays of all connections: which of them carries the frames of each.
///
/// Owner: the control loop.
final class ConnectionOverlays {
    let sleeves: SleeveForwarders
    /// Nil on a host without the kernel's datapath.
    let fast: FastForwarders?
    private var connections: [LinkID: Connection] = [:]

    private struct Connection {
        let peer: PeerName
        var overlays: OverlaySwitch
    }

    init(sleeves: SleeveForwarders, fast: FastForwarders?) {
        self.sleeves = sleeves
        self.fast = fast
    }

    /// The overlay that a connection's frames go by; nil before one works.
    func chosen(on link: LinkID) -> OverlayKind? { connections[link]?.overlays.chosen }

    /// Why an overlay of a connection is not in use, for people.
    func trouble(of kind: OverlayKind, on link: LinkID) -> String? { connections[link]?.overlays.trouble(of: kind) }

    /// Where the frames for neighbours go whose connections use the kernel's datapath now.
    var tunnels: [PeerName: TunnelEnds] {
        guard let fast else { return [:] }
        return fast.tunnels(of: connections.filter { $0.value.overlays.chosen == .fastDatapath }.map(\.key))
    }

    /// The smallest size of inner packets that the paths in use are known to carry; nil while none is known.
    var smallestVerifiedMTU: Int? {
        let sizes = connections.compactMap { link, connection -> Int? in
            connection.overlays.chosen == .fastDatapath
                ? fast?.view(of: link)?.mtu : sleeves.verifiedMTU(of: link)
        }
        return sizes.min()
    }

    func prepare(
        _ link: LinkID, _ connection: OverlayConnection, at now: MonotonicInstant
    ) -> [SleeveForwarders.Outcome] {
        let kinds = connection.overlays.compactMap { OverlayKind(rawValue: $0) }
        connections[link] = Connection(peer: connection.remoteName, overlays: OverlaySwitch(kinds))
        var outcomes: [SleeveForwarders.Outcome] = []
        if kinds.contains(.sleeve) { outcomes += settle(sleeves.prepare(link, connection, at: now)) }
        if kinds.contains(.fastDatapath), let fast {
            outcomes += settle(
                fast.prepare(link, connection, underlayMTU: sleeves.underlayMTU(toward: connection.remote)))
        }
        return outcomes
    }

    func confirm(_ link: LinkID, at now: MonotonicInstant) -> [SleeveForwarders.Outcome] {
        settle(sleeves.handle(.confirm, on: link, at: now)) + settle(fast?.handle(.confirm, on: link, at: now) ?? [])
    }

    func stop(_ link: LinkID) -> [SleeveForwarders.Outcome] {
        let outcomes = settle(sleeves.stop(link)) + settle(fast?.stop(link) ?? [])
        connections[link] = nil
        return outcomes + [.neighboursChanged]
    }

    /// A control message of the other side's overlay of this name.
    func control(
        _ overlay: String, tag: UInt8, body: [UInt8], on link: LinkID, at now: MonotonicInstant
    ) -> [SleeveForwarders.Outcome] {
        switch OverlayKind(rawValue: overlay) {
        case .sleeve:
            guard let control = SleeveControl(tag: tag, payload: body) else { return [] }
            return settle(sleeves.handle(.control(control), on: link, at: now))
        case .fastDatapath: return settle(fast?.control(tag, on: link, at: now) ?? [])
        case nil: return []
        }
    }

    /// Takes what sleeve has to say: whether it works is for the switch of the connection.
    func settle(_ outcomes: [SleeveForwarders.Outcome]) -> [SleeveForwarders.Outcome] {
        outcomes.flatMap { outcome -> [SleeveForwarders.Outcome] in
            switch outcome {
            case .news(let link, .established): change(link, .works, of: .sleeve)
            case .news(let link, .failed(let reason)): change(link, .failed(reason: reason), of: .sleeve)
            default: [outcome]
            }
        }
    }

    /// The same of the fast datapath.
    func settle(_ outcomes: [FastForwarders.Outcome]) -> [SleeveForwarders.Outcome] {
        outcomes.flatMap { outcome -> [SleeveForwarders.Outcome] in
            switch outcome {
            case .control(let link, let tag):
                [.news(link, .control(overlay: OverlayKind.fastDatapath.rawValue, tag: tag, body: []))]
            case .news(let link, let event): change(link, event, of: .fastDatapath) + [.pathChanged]
            case .sendersChanged: [.neighboursChanged]
            }
        }
    }

    private func change(
        _ link: LinkID, _ event: OverlaySwitch.Event, of kind: OverlayKind
    ) -> [SleeveForwarders.Outcome] {
        guard let effects = connections[link]?.overlays.handle(event, of: kind) else { return [] }
        return effects.flatMap { effect -> [SleeveForwarders.Outcome] in
            switch effect {
            case .established: [.news(link, .established)]
            case .chose: [.neighboursChanged, .pathChanged]
            case .failed(let reason): [.news(link, .failed(reason: reason))]
            }
        }
    }
}
