import Mesh
import Overlay
import Sleeve
import Wire

/// Hosts, what lies between them, and one clock: everything that happens is an event of one queue, and everything random
/// comes from one seed. A value: equal seeds give equal runs, on any machine and in any number of threads.
///
/// The parts beside this file: what peers want done (`World+Effects`), their overlays (`World+Overlays`), TCP
/// (`World+Streams`), UDP (`World+Datagrams`), processes (`World+Processes`).
struct World: Sendable {
    enum Event: Sendable {
        /// A peer's mesh asked for this instant.
        case wake(peer: Int)
        case overlayWake(peer: Int, LinkID)
        /// For the mesh of one process.
        case mesh(peer: Int, incarnation: UInt32, MeshEvent)
        /// A connection attempt reaches the other host.
        case knock(Knock)
        case arrival(stream: Int, toward: Stream.Side, [UInt8])
        case retransmission(stream: Int, toward: Stream.Side)
        case reset(stream: Int, toward: Stream.Side)
        case datagram(peer: Int, source: Endpoint, [UInt8])
        case start(peer: Int)
        case fault
        /// The end of all faults.
        case peace
        /// By its number in `FaultState.pending`.
        case repair(Int)
    }

    let options: SimulationOptions
    /// Reads nanoseconds of the caller's clock, to measure what peers cost; the run does not depend on it.
    let clock: (@Sendable () -> Int64)?
    /// Looking at the clock, and making each snapshot as the daemon would, costs time itself.
    var isMeasuring = false
    /// Not zero, so that a zero by mistake is noticed.
    static let start = MonotonicInstant(nanoseconds: 1_000_000_000)
    private(set) var now = World.start
    let topology: SimulatedTopology
    var queue = EventQueue<Event>()
    var peers: [SimulatedPeer] = []
    var underlay: Underlay
    var streams: [Stream] = []
    /// For streams and datagrams.
    var networkRandom: SeededRandom
    /// For who fails when.
    var faultRandom: SeededRandom
    var faults = FaultState()
    /// When forwarding last changed anywhere, and which of these instants was looked at.
    var lastRouteChange = MonotonicInstant(nanoseconds: 0)
    var checkedChange = MonotonicInstant(nanoseconds: 0)
    var snapshotTurn = 0
    /// How often agreeing peers were found, and their forwarding followed.
    var agreements = 0
    var checker = ViewChecker()
    /// The first broken promise.
    var violation: String?
    /// Changes with everything that is sent, so that two runs can be compared.
    var fingerprint: UInt64 = 0
    var eventCount = 0

    init(options: SimulationOptions, clock: (@Sendable () -> Int64)?) {
        self.options = options
        self.clock = clock
        var random = SeededRandom(seed: options.seed)
        underlay = Underlay(seed: random.next(), quality: options.quality)
        networkRandom = random.fork()
        faultRandom = random.fork()
        let plan = Plan(options, using: &random)
        topology = plan.topology
        for member in plan.members { add(member, using: &random) }
        underlay.setIslands(plan.islands)
        faults.fixedIslands = plan.islands
    }

    /// Handles the next event if it is not after `end`.
    mutating func step(until end: MonotonicInstant) -> Bool {
        guard let next = queue.earliest, next <= end, let (at, event) = queue.pop() else { return false }
        now = at
        eventCount += 1
        switch event {
        case .wake(let peer):
            guard peers[peer].isUp, peers[peer].wakeAt == at else { break }
            peers[peer].wakeAt = nil
            handle(.timer, at: peer)
        case .overlayWake(let peer, let link):
            guard peers[peer].isUp, peers[peer].overlays[link]?.wakeAt == at else { break }
            peers[peer].overlays[link]?.wakeAt = nil
            handle(.timer, ofOverlay: link, at: peer)
        case .mesh(let peer, let incarnation, let event):
            guard peers[peer].isUp, peers[peer].incarnation == incarnation else { break }
            handle(event, at: peer)
        case .knock(let knock): receive(knock)
        case .arrival(let stream, let side, let bytes): arrive(bytes, on: stream, toward: side)
        case .retransmission(let stream, let side): retransmit(stream, toward: side)
        case .reset(let stream, let side): reset(stream, toward: side)
        case .datagram(let peer, let source, let bytes): receive(bytes, from: source, at: peer)
        case .start(let peer): start(peer)
        case .fault: injectFault()
        case .peace: endFaults()
        case .repair(let number): repair(number)
        }
        return true
    }

    /// Runs until then, or until a promise is broken.
    mutating func run(until end: MonotonicInstant) {
        while violation == nil, step(until: end) {}
        if violation == nil { now = max(now, end) }
    }

    mutating func post(_ event: Event, after nanoseconds: Int64) {
        queue.post(event, at: MonotonicInstant(nanoseconds: now.nanoseconds + nanoseconds))
    }

    /// Records a broken promise; the first one counts.
    mutating func fail(_ text: String) {
        if violation == nil { violation = "at \(World.seconds(now)): \(text)" }
    }

    /// Since the start of the simulation.
    static func seconds(_ instant: MonotonicInstant) -> String {
        let milliseconds = instant.nanoseconds / 1_000_000 - 1_000
        let rest = String(milliseconds % 1_000)
        return "\(milliseconds / 1_000)." + String(repeating: "0", count: 3 - rest.count) + rest + " s"
    }
}
