import Simulation
import Testing

@Suite struct SettlingTests {
    private func run(_ options: SimulationOptions) -> SimulationOutcome {
        var simulation = Simulation(options)
        return simulation.run()
    }

    @Test("a mesh of ten settles within seconds, whatever its shape", arguments: SimulatedTopology.allCases)
    func shapes(topology: SimulatedTopology) {
        let outcome = run(SimulationOptions(seed: 1, peers: 10, topology: topology))
        #expect(outcome.failure == nil)
        #expect(outcome.report.settledAfterStart ?? .seconds(99) < .seconds(5))
        #expect(outcome.report.connections >= (topology == .full ? 45 : 9))
        #expect(outcome.report.viewChecks > 10)
    }

    @Test("each kind of fault happens, and the mesh settles after it", arguments: FaultKind.allCases)
    func faults(kind: FaultKind) {
        var options = SimulationOptions(seed: 4, peers: 8, topology: .sparse, faults: [kind])
        options.faultCount = 6
        let outcome = run(options)
        #expect(outcome.failure == nil, "\(outcome.faultLog.joined(separator: "\n"))")
        #expect(outcome.report.faults[kind] ?? 0 > 0)
        #expect(outcome.report.settledAfterFaults != nil)
    }

    @Test(
        "faults of all kinds, with and without peers of the original's kind", arguments: [0, 0.5], [11, 12] as [UInt64])
    func allFaults(originals: Double, seed: UInt64) {
        let outcome = run(
            SimulationOptions(
                seed: seed, peers: 9, topology: .sparse, faults: Set(FaultKind.allCases), faultCount: 10,
                originals: originals))
        #expect(outcome.failure == nil, "\(outcome.faultLog.joined(separator: "\n"))")
    }

    @Test(
        "a join is known everywhere within two seconds, and what it cost is measured",
        arguments: [SimulatedTopology.sparse, .islands])
    func join(topology: SimulatedTopology) {
        var options = SimulationOptions(seed: 5, peers: 12, topology: topology)
        options.measuresJoin = true
        let ticks = Ticks()
        var simulation = Simulation(options) { ticks.next() }
        let outcome = simulation.run()
        #expect(outcome.failure == nil)
        #expect(outcome.report.settledAfterJoin ?? .seconds(99) < .seconds(2))
        #expect(outcome.report.joinBusyWorst >= outcome.report.joinBusyMean)
        #expect(outcome.report.joinBusyMean > .zero)
        #expect(outcome.report.joinMessages > 20)
    }
}
