public import ArgumentParser
public import Simulation

/// `weft-sim`: whole meshes in one process, from a seed.
@main
struct WeftSim: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weft-sim",
        abstract: "Simulate a mesh of weft routers from a seed.")

    @Option(help: "The first seed.")
    var seed: UInt64 = 1

    @Option(help: "How many peers.")
    var peers = 10

    @Option(help: "Topology.")
    var topology: SimulatedTopology?

    @Flag var faults = false

    mutating func run() throws {
        var options = SimulationOptions(seed: seed, peers: peers)
        options.topology = topology
        if faults { options.faults = Set(FaultKind.allCases) }
        var simulation = Simulation(options)
        let outcome = simulation.run()
        print(outcome.failure ?? "ok", outcome.report)
        for line in outcome.faultLog { print(line) }
    }
}

extension SimulatedTopology: ExpressibleByArgument {}
