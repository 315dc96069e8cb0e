import Wire

/// One run: peers start, faults come and go, and the mesh has to settle each time.
public struct Simulation: Sendable {
    private var world: World
    private var report = SimulationReport()

    /// - Parameter clock: nanoseconds of any clock, to measure what peers cost; the run is the same without it.
    public init(_ options: SimulationOptions, clock: (@Sendable () -> Int64)? = nil) {
        world = World(options: options, clock: clock)
    }

    /// After the last start or repair a mesh of weft has this long to settle. With peers of the original's kind it may take
    /// some rounds of periodic gossip, one each 30 s.
    public static func settlingLimit(originals: Double) -> Duration {
        originals > 0 ? .seconds(400) : .seconds(120)
    }

    /// It must stay settled for this long.
    private static let rest = Duration.seconds(2)
    /// How often it is asked whether it has.
    private static let look = Duration.milliseconds(50)
    /// How often peers are looked at while it has not.
    private static let watch = Duration.milliseconds(250)

    /// Runs it to the end, or to the first broken promise.
    public mutating func run() -> SimulationOutcome {
        report.settledAfterStart = settle { $0.faults.lastStart }
        if !world.options.faults.isEmpty, world.violation == nil {
            world.beginFaults(world.options.faultCount ?? max(4, world.options.peers / 4))
            while world.violation == nil, !world.faults.isOver {
                world.run(until: world.now + Simulation.watch)
                world.watch()
            }
            report.settledAfterFaults = settle { max($0.faults.lastRepair, $0.faults.lastStart) }
        }
        if world.options.measuresJoin, world.violation == nil { measureJoin() }
        complete()
        return SimulationOutcome(
            options: world.options, report: report, failure: world.violation, faultLog: world.faults.log)
    }

    /// Runs until the mesh has settled and stays so, and checks what must hold then. Returns how long it took from that
    /// instant of the world.
    ///
    /// A mesh may look well while somebody has yet to notice that a connection is dead; so it has to look well for two
    /// seconds, and the time counts from their beginning.
    private mutating func settle(from start: (World) -> MonotonicInstant) -> Duration? {
        var looks = 0
        while true {
            world.run(until: world.now + Simulation.look)
            looks += 1
            if looks % 5 == 0 { world.watch() }
            guard world.violation == nil else { return nil }
            let took = world.now - start(world)
            guard let reason = world.unsettled() else {
                world.run(until: world.now + Simulation.rest)
                if world.violation == nil, world.unsettled() == nil {
                    if let fault = world.forwardingFault() { world.fail(fault) }
                    return took
                }
                continue
            }
            report.waitedFor = "\(World.seconds(world.now)): \(reason)"
            let limit = Simulation.settlingLimit(originals: world.options.originals)
            guard took < limit else {
                world.fail("not settled within \(limit): \(reason)")
                return nil
            }
        }
    }

    private mutating func measureJoin() {
        let before = world.peers.map(\.load)
        let start = world.now
        world.isMeasuring = true
        _ = world.addLate(name: Plan.name(world.peers.count), targets: [world.peers.count / 2])
        report.settledAfterJoin = settle { _ in start }
        var busy: [Int64] = []
        var changes = 0
        for (old, peer) in zip(before, world.peers) {
            busy.append(peer.load.busyNanoseconds - old.busyNanoseconds)
            changes += peer.load.routeChanges - old.routeChanges
            report.joinMessages += peer.load.messages - old.messages
            report.joinBytes += peer.load.bytes - old.bytes
        }
        report.joinBusyWorst = .nanoseconds(busy.max() ?? 0)
        report.joinBusyMean = .nanoseconds(busy.reduce(0, +) / Int64(max(1, busy.count)))
        report.joinBusyPerChange = .nanoseconds(busy.reduce(0, +) / Int64(max(1, changes)))
    }

    private mutating func complete() {
        report.simulated = world.now - World.start
        report.events = world.eventCount
        report.viewChecks = world.checker.checks
        report.agreements = world.agreements
        report.fingerprint = world.fingerprint
        report.topology = world.topology
        report.connections = world.peers.reduce(0) { $0 + $1.sockets.count } / 2
        report.faults = world.faults.injected
        for peer in world.peers {
            report.messages += peer.load.messages
            report.bytes += peer.load.bytes
            report.datagrams += peer.load.datagrams
            report.routeChanges += peer.load.routeChanges
        }
    }
}
