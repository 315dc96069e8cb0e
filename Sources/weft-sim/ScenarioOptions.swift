public import ArgumentParser
public import Simulation

/// What is simulated.
struct ScenarioOptions: ParsableArguments {
    @Option(help: "The seed, or the first one.")
    var seed: UInt64 = 1

    @Option(help: "Hosts at the start.")
    var peers = 50

    @Option(
        help: ArgumentHelp(
            "Who connects to whom: \(SimulatedTopology.allCases.map(\.rawValue).joined(separator: ", ")); drawn if left out.",
            valueName: "shape"))
    var topology: SimulatedTopology?

    @Option(
        help: ArgumentHelp(
            "What goes wrong: all, none, or a list with commas of "
                + "\(FaultKind.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "list"))
    var faults = "none"

    @Option(help: "How many faults; one for four peers if left out.")
    var faultCount: Int?

    @Option(help: "Share of peers that announce nothing but what the original does, 0 to 1.")
    var originals = 0.0

    @Flag(help: "Let one more peer join at the end, and measure what that costs.")
    var join = false

    mutating func validate() throws {
        guard (2...8_000).contains(peers) else { throw ValidationError("--peers is 2 to 8000.") }
        guard (0...1).contains(originals) else { throw ValidationError("--originals is 0 to 1.") }
        guard kinds != nil else { throw ValidationError("--faults \(faults): not a list of faults.") }
    }

    private var kinds: Set<FaultKind>? {
        switch faults {
        case "none": return []
        case "all": return Set(FaultKind.allCases)
        default:
            let words = faults.split(separator: ",")
            let kinds = words.compactMap { FaultKind(rawValue: String($0)) }
            return kinds.count == words.count ? Set(kinds) : nil
        }
    }

    func options(seed: UInt64) -> SimulationOptions {
        var options = SimulationOptions(
            seed: seed, peers: peers, topology: topology, faults: kinds ?? [], faultCount: faultCount,
            originals: originals)
        options.measuresJoin = join
        return options
    }

    /// The command that runs this seed again.
    func replay(seed: UInt64) -> String {
        var words = ["weft-sim", "--seed \(seed)", "--peers \(peers)", "--faults \(faults)"]
        if let topology { words.append("--topology \(topology.rawValue)") }
        if let faultCount { words.append("--fault-count \(faultCount)") }
        if originals > 0 { words.append("--originals \(originals)") }
        if join { words.append("--join") }
        return (words + ["--verbose"]).joined(separator: " ")
    }
}

extension SimulatedTopology: ExpressibleByArgument {}
