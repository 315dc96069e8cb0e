import Simulation
import Testing

@Suite struct ReplayTests {
    private func run(seed: UInt64, clock: (@Sendable () -> Int64)? = nil) -> SimulationOutcome {
        var simulation = Simulation(
            SimulationOptions(seed: seed, peers: 7, faults: Set(FaultKind.allCases), faultCount: 8, originals: 0.3),
            clock: clock)
        return simulation.run()
    }

    @Test("a seed gives the same run again, byte for byte; measuring does not change it")
    func replay() {
        let first = run(seed: 21)
        let second = run(seed: 21)
        let ticks = Ticks()
        let measured = run(seed: 21) { ticks.next() }
        #expect(first.report.fingerprint == second.report.fingerprint)
        #expect(first.report.fingerprint == measured.report.fingerprint)
        #expect(first.faultLog == second.faultLog && !first.faultLog.isEmpty)
        #expect(first.report.events == second.report.events)
    }

    @Test("another seed gives another run")
    func seeds() {
        #expect(run(seed: 22).report.fingerprint != run(seed: 23).report.fingerprint)
    }
}
