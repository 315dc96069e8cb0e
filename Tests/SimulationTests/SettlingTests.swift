import Simulation
import Testing

@Suite struct SettlingTests {
    @Test(
        "a mesh of ten settles, whatever its shape",
        arguments: [SimulatedTopology.full, .sparse, .line, .ring, .islands])
    func shapes(topology: SimulatedTopology) {
        var simulation = Simulation(SimulationOptions(seed: 1, peers: 10, topology: topology))
        let outcome = simulation.run()
        #expect(outcome.failure == nil)
        #expect(outcome.report.settledAfterStart ?? .seconds(99) < .seconds(3))
        #expect(outcome.report.connections >= 9)
    }
}
