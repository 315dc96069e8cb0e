import Wire

/// One run: peers start, faults come and go, and the mesh has to settle each time.
public struct Simulation: Sendable {
    private var world: World

    /// - Parameter clock: nanoseconds of any clock, to measure what peers cost; the run is the same without it.
    public init(_ options: SimulationOptions, clock: (@Sendable () -> Int64)? = nil) {
        world = World(options: options, clock: clock)
    }

    /// After the last start or repair a mesh has this long to settle.
    public static let settlingLimit = Duration.seconds(180)
    /// How often it is asked whether it has.
    private static let look = Duration.milliseconds(50)

    /// Runs it to the end, or to the first broken promise.
    public mutating func run() -> SimulationOutcome {
        var report = SimulationReport()
        report.settledAfterStart = settle(since: MonotonicInstant(nanoseconds: 1_000_000_000) + .seconds(1))
        if world.violation == nil, !world.options.faults.isEmpty {
            world.beginFaults(world.options.faultCount ?? max(4, world.options.peers / 4))
            while world.violation == nil, world.faults.left > 0 || world.faults.pending > 0 {
                world.run(until: world.now + .milliseconds(250))
            }
            report.settledAfterFaults = settle(since: world.now)
        }
        if world.violation == nil, world.options.measuresJoin { measureJoin(&report) }
        complete(&report)
        return SimulationOutcome(
            options: world.options, report: report, failure: world.violation, faultLog: world.faults.log)
    }

    /// Runs until the mesh has settled, and checks what must hold then. Returns how long it took.
    private mutating func settle(since start: MonotonicInstant) -> Duration? {
        var reason: String?
        repeat {
            world.run(until: world.now + Simulation.look)
            guard world.violation == nil else { return nil }
            reason = world.unsettled()
        } while reason != nil && world.now - start < Simulation.settlingLimit
        if let reason {
            world.fail("not settled within \(Simulation.settlingLimit): \(reason)")
            return nil
        }
        let took = world.now - start
        world.run(until: world.now + .seconds(2))
        if world.violation == nil, let fault = world.unsettled() ?? world.brokenPromise() { world.fail(fault) }
        return took
    }

    private mutating func measureJoin(_ report: inout SimulationReport) {
        let before = world.peers.map(\.load)
        let start = world.now
        let number = world.addLate(name: Plan.name(world.peers.count), targets: [world.peers.count / 2])
        report.settledAfterJoin = settle(since: start)
        _ = number
        var worst: Int64 = 0
        var total: Int64 = 0
        for (old, peer) in zip(before, world.peers) {
            let busy = peer.load.busyNanoseconds - old.busyNanoseconds
            worst = max(worst, busy)
            total += busy
        }
        report.joinBusyWorst = .nanoseconds(worst)
        report.joinBusyMean = .nanoseconds(total / Int64(max(1, before.count)))
    }

    private func complete(_ report: inout SimulationReport) {
        report.simulated = world.now - MonotonicInstant(nanoseconds: 1_000_000_000)
        report.events = world.eventCount
        report.viewChecks = world.checker.checks
        report.fingerprint = world.fingerprint
        report.connections = world.peers.reduce(0) { $0 + $1.sockets.count } / 2
        for peer in world.peers {
            report.messages += peer.load.messages
            report.bytes += peer.load.bytes
            report.datagrams += peer.load.datagrams
            report.routeChanges += peer.load.routeChanges
            report.busy += .nanoseconds(peer.load.busyNanoseconds)
        }
        report.faults = world.faults.injected
    }
}

/// How a run ended.
public struct SimulationOutcome: Sendable {
    public let options: SimulationOptions
    public let report: SimulationReport
    /// The promise that was broken; nil: none.
    public let failure: String?
    /// Each fault with its instant.
    public let faultLog: [String]
}

/// What a run took.
public struct SimulationReport: Sendable {
    /// Until all had started, and had equal views.
    public var settledAfterStart: Duration?
    /// After the last repair.
    public var settledAfterFaults: Duration?
    /// After one more peer began to dial.
    public var settledAfterJoin: Duration?
    /// The most that one peer computed for it, and the mean; zero without a clock.
    public var joinBusyWorst = Duration.zero
    public var joinBusyMean = Duration.zero
    /// Simulated time.
    public var simulated = Duration.zero
    public var events = 0
    public var connections = 0
    public var messages = 0
    public var bytes = 0
    public var datagrams = 0
    public var routeChanges = 0
    public var viewChecks = 0
    /// Of all peers' meshes together; zero without a clock.
    public var busy = Duration.zero
    public var faults: [FaultKind: Int] = [:]
    /// Equal for equal runs.
    public var fingerprint: UInt64 = 0
}
