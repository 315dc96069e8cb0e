import DataPlane
import FastDatapath
import Mesh
import NIOCore
import Overlay
import Wire

/// The fast datapath of all connections that have it: joins the state machine of each with the kernel's datapath.
///
/// Owner: the control loop.
final class FastForwarders {
    /// What comes out of an event.
    enum Outcome {
        case control(LinkID, tag: UInt8)
        case news(LinkID, OverlaySwitch.Event)
        /// Who may send by tunnel, or from where, has changed.
        case sendersChanged
    }

    /// Control tags between two fast datapaths.
    enum ControlTag {
        static let acknowledged: UInt8 = 0
    }

    private struct Forwarder {
        var machine: FastLink
        let connection: OverlayConnection
        var timer: Scheduled<Void>?
    }

    private let path: FastPath
    private let loop: any EventLoop
    private let onTimer: (LinkID) -> Void
    private var forwarders: [LinkID: Forwarder] = [:]
    private var links: [UInt64: LinkID] = [:]
    /// The short ids by which heartbeats are addressed.
    var shortIDs: [PeerName: ShortID] = [:]

    init(path: FastPath, loop: any EventLoop, onTimer: @escaping (LinkID) -> Void) {
        self.path = path
        self.loop = loop
        self.onTimer = onTimer
    }

    /// Every neighbour that may send to us by tunnel, by the address that its packets come from.
    var senders: [IPv4Address: PeerName] {
        var senders: [IPv4Address: PeerName] = [:]
        for forwarder in forwarders.values {
            senders[forwarder.machine.ends.remote] = forwarder.connection.remoteName
        }
        return senders
    }

    /// Where packets for these connections go.
    func tunnels(of links: [LinkID]) -> [PeerName: TunnelEnds] {
        var tunnels: [PeerName: TunnelEnds] = [:]
        for link in links {
            guard let forwarder = forwarders[link] else { continue }
            tunnels[forwarder.connection.remoteName] = forwarder.machine.ends
        }
        return tunnels
    }

    func view(of link: LinkID) -> (ends: TunnelEnds, mtu: Int?, lastHeartbeat: MonotonicInstant?)? {
        forwarders[link].map { ($0.machine.ends, $0.machine.verifiedMTU, $0.machine.lastHeartbeat) }
    }

    /// Makes the forwarder of a connection; it stays silent until confirmed.
    func prepare(_ link: LinkID, _ connection: OverlayConnection, underlayMTU: Int) -> [Outcome] {
        guard let local = connection.local.address.v4, let remote = connection.remote.address.v4 else {
            return [.news(link, .failed(reason: "the fast datapath is IPv4 only"))]
        }
        // Who dialled knows the other's mesh port, whose successor takes VXLAN; who was dialled takes its own.
        let port = connection.isOutbound ? connection.remote.port.rawValue &+ 1 : path.port.rawValue
        let ends = TunnelEnds(local: local, remote: remote, port: PortNumber(rawValue: port))
        // What goes this way is not encrypted.
        guard connection.sessionKey == nil else {
            return [.news(link, .failed(reason: "frames for this peer are encrypted, which it cannot do yet"))]
        }
        path.listen(on: ends.port)
        let parameters = FastLinkParameters(
            connectionUID: connection.connectionUID, ends: ends, echoes: connection.echoesHeartbeats,
            sizes: FastLinkParameters.sizes(underlayMTU: underlayMTU, echoes: connection.echoesHeartbeats))
        forwarders[link] = Forwarder(machine: FastLink(parameters: parameters), connection: connection)
        links[connection.connectionUID] = link
        return [.sendersChanged]
    }

    func stop(_ link: LinkID) -> [Outcome] {
        guard let forwarder = forwarders.removeValue(forKey: link) else { return [] }
        forwarder.timer?.cancel()
        let uid = forwarder.connection.connectionUID
        if links[uid] == link { links[uid] = nil }
        return [.sendersChanged]
    }

    /// A control message of the other side; unknown tags are those of later versions.
    func control(_ tag: UInt8, on link: LinkID, at now: MonotonicInstant) -> [Outcome] {
        tag == ControlTag.acknowledged ? handle(.acknowledged, on: link, at: now) : []
    }

    /// A heartbeat that came by tunnel; one of no connection is dropped.
    func heard(_ heartbeat: FastHeartbeat, from source: IPv4Address, at now: MonotonicInstant) -> [Outcome] {
        links[heartbeat.connectionUID].map { handle(.heartbeat(heartbeat, from: source), on: $0, at: now) } ?? []
    }

    /// The kernel's side is gone for all of them.
    func breakAll(reason: String, at now: MonotonicInstant) -> [Outcome] {
        let links = forwarders.keys.sorted { $0.rawValue < $1.rawValue }
        return links.flatMap { handle(.broken(reason: reason), on: $0, at: now) }
    }

    func handle(_ event: FastLinkEvent, on link: LinkID, at now: MonotonicInstant) -> [Outcome] {
        guard var forwarder = forwarders[link] else { return [] }
        var outcomes: [Outcome] = []
        for effect in forwarder.machine.handle(event, at: now) {
            switch effect {
            case .send(let heartbeat): send(heartbeat, forwarder)
            case .acknowledge: outcomes.append(.control(link, tag: ControlTag.acknowledged))
            case .setRemote: outcomes.append(.sendersChanged)
            case .works: outcomes.append(.news(link, .works))
            case .silent(let reason): outcomes.append(.news(link, .silent(reason: reason)))
            case .failed(let reason): outcomes.append(.news(link, .failed(reason: reason)))
            case .wake(let instant):
                forwarder.timer?.cancel()
                let bound = NIOLoopBound(self, eventLoop: loop)
                forwarder.timer = loop.scheduleTask(deadline: instant.deadline) { bound.value.onTimer(link) }
            }
        }
        forwarders[link] = forwarder
        return outcomes
    }

    /// A peer without a short id cannot be addressed: its heartbeats begin when the mesh has told of one.
    private func send(_ heartbeat: FastHeartbeat, _ forwarder: Forwarder) {
        guard let own = shortIDs[path.ownName], let other = shortIDs[forwarder.connection.remoteName] else { return }
        path.send(heartbeat, id: TunnelID(source: own, destination: other), to: forwarder.machine.ends)
    }
}
