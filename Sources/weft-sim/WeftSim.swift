import ArgumentParser
import Simulation

/// `weft-sim`: whole meshes in one process, from a seed.
@main
struct WeftSim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weft-sim",
        abstract: "Run whole meshes of weft routers in one process, from a seed.",
        discussion: """
            Peers start, faults come and go, everything is repaired, and the mesh must settle: equal views, a way \
            between all, each broadcast once to everyone, no connection left over. docs/simulation.md says what is \
            simulated and what is checked.

            One seed, with each fault:    weft-sim --seed 7 --peers 50 --faults all --verbose
            Many, on two processors:      weft-sim --seeds 1000 --peers 50 --faults all --jobs 2
            A large mesh, and one joins:  weft-sim --peers 1000 --topology sparse --join

            Equal arguments give equal runs. Exit codes: 0 all promises kept; 1 one was broken (the command that \
            replays it is printed); 2 a limit was exceeded; 64 wrong usage.
            """)

    @OptionGroup var scenario: ScenarioOptions

    @Option(help: "How many seeds, from --seed on.")
    var seeds = 1

    @Option(help: "How many of them at the same time.")
    var jobs = 1

    @Option(help: "Begin no further seed after so many seconds; what was left out is said.")
    var stopAfter: Int?

    @OptionGroup var limits: LimitOptions

    @Flag(name: .shortAndLong, help: "Show each fault and the figures of each seed.")
    var verbose = false

    mutating func validate() throws {
        guard seeds > 0, jobs > 0 else { throw ValidationError("--seeds and --jobs are at least 1.") }
    }

    mutating func run() async throws {
        let scenario = scenario
        let clock = limits.measures || scenario.join ? ProcessorClock.nanoseconds : nil
        let began = ContinuousClock.now
        var tally = Tally()
        await withTaskGroup(of: SimulationOutcome.self) { group in
            var next = 0
            func begin() {
                guard next < seeds else { return }
                if let stopAfter, ContinuousClock.now - began > .seconds(stopAfter) { return }
                let options = scenario.options(seed: scenario.seed &+ UInt64(next))
                next += 1
                group.addTask {
                    var simulation = Simulation(options, clock: clock)
                    return simulation.run()
                }
            }
            for _ in 0..<jobs { begin() }
            while let outcome = await group.next() {
                tally.add(outcome)
                tell(outcome)
                begin()
            }
        }
        print(tally.summary(wanted: seeds, took: ContinuousClock.now - began))
        if tally.failures > 0 { throw ExitCode(1) }
        let excesses = limits.excesses(tally)
        for line in excesses { print(line) }
        if !excesses.isEmpty { throw ExitCode(2) }
    }

    private func tell(_ outcome: SimulationOutcome) {
        if verbose {
            for line in outcome.faultLog { print("  \(line)") }
            print(Rendering.report(outcome))
        }
        guard let failure = outcome.failure else { return }
        print("seed \(outcome.options.seed): \(failure)")
        print("  replay: \(scenario.replay(seed: outcome.options.seed))")
    }
}
