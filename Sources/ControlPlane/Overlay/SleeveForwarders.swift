import DataPlane
import Mesh
import NIOCore
import Overlay
import Sleeve
import Wire

/// The sleeve forwarders of all connections: joins the state machine of each with its slot in the data plane.
///
/// Owner: the control loop. What a forwarder tells the mesh is returned, not sent, so that one place orders events.
final class SleeveForwarders {
    /// What comes out of an event.
    enum Outcome {
        case news(LinkID, OverlayNews)
        /// A slot was registered or given up: the forwarding snapshot must be made anew.
        case neighboursChanged
        /// The sizes of a path changed.
        case pathChanged
        /// The lowest of a neighbour's last round trips changed.
        case roundTripsChanged
    }

    private struct Forwarder {
        var machine: SleeveLink
        let connection: OverlayConnection
        let slot: PeerSlot
        var isRegistered = false
        var path: SleevePath?
        var timer: Scheduled<Void>?
        private var lastRoundTrip: Duration?
        private(set) var roundTrips = RoundTripWindow()

        init(machine: SleeveLink, connection: OverlayConnection, slot: PeerSlot) {
            self.machine = machine
            self.connection = connection
            self.slot = slot
        }

        /// Takes what the machine has measured. True if the lowest round trip is another one now.
        mutating func noteRoundTrip() -> Bool {
            let measured = machine.view.roundTrip
            guard measured != lastRoundTrip else { return false }
            let before = roundTrips.lowest
            lastRoundTrip = measured
            if let measured { roundTrips.add(measured) } else { roundTrips = RoundTripWindow() }
            return roundTrips.lowest != before
        }
    }

    private let dataPlane: DataPlane
    private let loop: any EventLoop
    private let onTimer: (LinkID) -> Void
    private var forwarders: [LinkID: Forwarder] = [:]
    private var links: [PeerSlot: LinkID] = [:]

    init(dataPlane: DataPlane, loop: any EventLoop, onTimer: @escaping (LinkID) -> Void) {
        self.dataPlane = dataPlane
        self.loop = loop
        self.onTimer = onTimer
    }

    /// The slots that frames may be sent to, by neighbour.
    var neighbours: [PeerName: PeerSlot] {
        var slots: [PeerName: PeerSlot] = [:]
        for forwarder in forwarders.values where forwarder.isRegistered {
            slots[forwarder.connection.remoteName] = forwarder.slot
        }
        return slots
    }

    /// The lowest of the last round trips to each neighbour that has been measured.
    var roundTrips: [PeerName: Duration] {
        var lowest: [PeerName: Duration] = [:]
        for forwarder in forwarders.values where forwarder.isRegistered {
            lowest[forwarder.connection.remoteName] = forwarder.roundTrips.lowest
        }
        return lowest
    }

    /// The overlay MTU of a connection's path; nil while it has not been verified.
    func verifiedMTU(of link: LinkID) -> Int? {
        forwarders[link]?.path.flatMap { $0.isVerified ? $0.mtu : nil }
    }

    /// What the route to a neighbour carries. Ethernet is assumed where the kernel cannot say; the path is verified in any
    /// case.
    func underlayMTU(toward remote: Endpoint) -> Int {
        remote.address.v4.flatMap { dataPlane.pathMTU(toward: $0) } ?? 1_500
    }

    /// `isSealed`: whether its datagrams are encrypted.
    func view(of link: LinkID) -> (machine: SleeveView, path: SleevePath?, isSealed: Bool, counters: SlotCounters?)? {
        guard let forwarder = forwarders[link] else { return nil }
        return (
            forwarder.machine.view, forwarder.path, forwarder.connection.sessionKey != nil,
            dataPlane.slotCounters(forwarder.slot)
        )
    }

    /// Makes the forwarder of a connection; it stays silent until confirmed.
    func prepare(_ link: LinkID, _ connection: OverlayConnection, at now: MonotonicInstant) -> [Outcome] {
        let slot: PeerSlot
        do throws(DataPlaneError) {
            slot = try dataPlane.openSlot(
                SlotConfiguration(
                    remoteName: connection.remoteName, sessionKey: connection.sessionKey,
                    isOutbound: connection.isOutbound, localAddress: connection.local.address.v4,
                    connectionUID: connection.connectionUID, keepsHeartbeats: connection.probesSilence))
        } catch {
            return [.news(link, .failed(reason: "\(error)"))]
        }
        let parameters = SleeveParameters(
            connectionUID: connection.connectionUID, isOutbound: connection.isOutbound,
            remote: connection.isOutbound ? connection.remote : nil, isSealed: connection.sessionKey != nil,
            underlayMTU: underlayMTU(toward: connection.remote), probesSilence: connection.probesSilence)
        forwarders[link] = Forwarder(
            machine: SleeveLink(parameters: parameters, at: now), connection: connection, slot: slot)
        links[slot] = link
        return []
    }

    /// Ends the forwarder of a connection.
    func stop(_ link: LinkID) -> [Outcome] {
        guard let forwarder = forwarders.removeValue(forKey: link) else { return [] }
        forwarder.timer?.cancel()
        links.removeValue(forKey: forwarder.slot)
        dataPlane.closeSlot(forwarder.slot)
        return forwarder.isRegistered ? [.neighboursChanged] : []
    }

    /// News of the data plane about a slot; late news of a former connection are dropped.
    func handle(_ event: SleeveEvent, slot: PeerSlot, at now: MonotonicInstant) -> [Outcome] {
        links[slot].map { handle(event, on: $0, at: now) } ?? []
    }

    /// Lets the machine of a connection handle an event and does what it wants.
    func handle(_ event: SleeveEvent, on link: LinkID, at now: MonotonicInstant) -> [Outcome] {
        guard var forwarder = forwarders[link] else { return [] }
        var outcomes: [Outcome] = []
        var events = [event]
        while !events.isEmpty {
            for effect in forwarder.machine.handle(events.removeFirst(), at: now) {
                switch effect {
                case .register:
                    forwarder.isRegistered = true
                    outcomes.append(.neighboursChanged)
                case .send(let special):
                    // A refusal by size is an event of its own; other failures show up as missing answers.
                    if case .tooBig(let pathMTU) = dataPlane.send(special, on: forwarder.slot) {
                        events.append(.tooBig(pathMTU: pathMTU))
                    }
                case .sendControl(let control):
                    outcomes.append(.news(link, .control(tag: control.tag, body: control.payload)))
                case .setRemote(let endpoint): dataPlane.setRemote(forwarder.slot, endpoint)
                case .setPath(let path):
                    forwarder.path = path
                    dataPlane.setPath(forwarder.slot, path)
                    outcomes.append(.pathChanged)
                case .readTraffic:
                    let seen = dataPlane.slotCounters(forwarder.slot)
                    events.append(
                        .traffic(datagrams: seen?.datagramsReceived ?? 0, lastHeartbeat: seen?.lastHeartbeat))
                case .readRoute:
                    let remote = forwarder.machine.view.remote?.address.v4
                    if let mtu = remote.flatMap({ dataPlane.pathMTU(toward: $0) }) { events.append(.route(mtu: mtu)) }
                case .established: outcomes.append(.news(link, .established))
                case .failed(let reason): outcomes.append(.news(link, .failed(reason: reason)))
                case .wake(let instant):
                    forwarder.timer?.cancel()
                    let bound = NIOLoopBound(self, eventLoop: loop)
                    forwarder.timer = loop.scheduleTask(deadline: instant.deadline) { bound.value.onTimer(link) }
                }
            }
        }
        if forwarder.noteRoundTrip() { outcomes.append(.roundTripsChanged) }
        forwarders[link] = forwarder
        return outcomes
    }
}
