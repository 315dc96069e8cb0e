import Mesh
import Overlay
import Sleeve
import Wire

/// One host with a router: the machines of the daemon, and what its edge holds.
struct SimulatedPeer: Sendable {
    /// A connection's overlay, as `SleeveForwarders` in `ControlPlane` keeps it.
    struct Overlay: Sendable {
        var machine: SleeveLink
        let connection: OverlayConnection
        let slot: PeerSlot
        var isRegistered = false
        var remote: Endpoint?
        var path: SleevePath?
        var wakeAt: MonotonicInstant?
        /// Datagrams sealed so far, with and without DF.
        var sealed = (whole: UInt64(0), cut: UInt64(0))
    }

    /// Where a connection's bytes go.
    struct Socket: Sendable {
        let stream: Int
        let side: Stream.Side
    }

    let number: Int
    let endpoint: Endpoint
    let member: Plan.Member
    var router: MeshRouter
    /// The process runs.
    var isUp = false
    /// The machine is powered: its kernel refuses what nobody listens to.
    var isPowered = true
    /// It is not to come back.
    var isGone = false
    /// Takes bytes off its sockets.
    var isReading = true
    /// Counts the processes that have run here.
    var incarnation: UInt32 = 0
    var wakeAt: MonotonicInstant?
    var sockets: [LinkID: Socket] = [:]
    var dials: Set<LinkID> = []
    var accepted: UInt64 = 0
    var nextPort: UInt16 = 0
    var overlays = SlotTable<LinkID, Overlay>()
    var linkOfNeighbour: [PeerName: LinkID] = [:]
    var nextSlot = 0
    var freeSlots: [Int] = []
    var remembered: [PeerAddress] = []
    /// Routes or neighbours have changed since `snapshot` was made.
    var isSnapshotStale = true
    var snapshot: ForwardingSnapshot
    var load = PeerLoad()

    init(number: Int, endpoint: Endpoint, member: Plan.Member, router: MeshRouter) {
        self.number = number
        self.endpoint = endpoint
        self.member = member
        self.router = router
        snapshot = .alone(member.name)
    }

    var name: PeerName { member.name }

    /// What forwarding would be given now; the daemon's control loop makes it in the same way.
    mutating func currentSnapshot() -> ForwardingSnapshot {
        guard isSnapshotStale else { return snapshot }
        isSnapshotStale = false
        var neighbours: [PeerName: PeerSlot] = [:]
        var roundTrips: [PeerName: Duration] = [:]
        for link in overlays.keys {
            guard let overlay = overlays[link], overlay.isRegistered else { continue }
            neighbours[overlay.connection.remoteName] = overlay.slot
            roundTrips[overlay.connection.remoteName] = overlay.machine.view.roundTrip
        }
        let routes = router.routes
        let data = router.takeDataRoutes()
        snapshot = .build(
            ownName: name, knownPeers: routes.knownPeers, unicast: routes.unicast, firstHops: data.firstHops,
            broadcast: data.broadcast, neighbours: neighbours, roundTrips: roundTrips, former: snapshot)
        return snapshot
    }

    mutating func takeSlot() -> PeerSlot {
        let index: Int
        if let free = freeSlots.popLast() {
            index = free
        } else {
            index = nextSlot
            nextSlot += 1
        }
        return PeerSlot(index: index, generation: incarnation)
    }

    /// The local port of the next dial. Four digits, so that texts of addresses are short.
    mutating func takePort() -> PortNumber {
        nextPort = nextPort >= 5_000 ? 1 : nextPort + 1
        return PortNumber(rawValue: 1_024 + nextPort)
    }
}

/// What one peer has cost so far.
public struct PeerLoad: Sendable, Hashable {
    /// Events given to the mesh.
    public var events = 0
    /// Writes to TCP connections, each one message or one step of a handshake.
    public var messages = 0
    /// Bytes written to TCP connections.
    public var bytes = 0
    public var datagrams = 0
    public var datagramBytes = 0
    /// Recalculated routes that forward differently.
    public var routeChanges = 0
    /// By the clock that the caller gave; zero without one.
    public var busyNanoseconds: Int64 = 0
}
