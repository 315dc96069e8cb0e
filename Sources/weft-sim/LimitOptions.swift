import ArgumentParser

/// What must not be exceeded, for tests.
struct LimitOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Simulated seconds until a join is known everywhere.", valueName: "seconds"))
    var maxJoin: Double?

    @Option(
        help: ArgumentHelp(
            "Milliseconds that one peer may compute for one change of forwarding after a join.", valueName: "ms"))
    var maxCpuPerChange: Double?

    @Option(help: ArgumentHelp("Simulated seconds until all is well after the last repair.", valueName: "seconds"))
    var maxRepair: Double?

    @Option(help: ArgumentHelp("How many seeds must at least have been run.", valueName: "seeds"))
    var minSeeds: Int?

    var measures: Bool { maxCpuPerChange != nil }

    /// A line for each limit that was exceeded.
    func excesses(_ tally: Tally) -> [String] {
        var lines: [String] = []
        func check(_ name: String, _ value: Double, _ limit: Double?) {
            if let limit, value > limit { lines.append("\(name): \(Rendering.decimal(value)), allowed are \(limit)") }
        }
        check("seconds until a join was known", tally.worstJoin.inSeconds, maxJoin)
        check("milliseconds for one change", tally.worstPerChange.inSeconds * 1_000, maxCpuPerChange)
        check("seconds after the last repair", tally.worstRepair.inSeconds, maxRepair)
        if let minSeeds, tally.runs < minSeeds { lines.append("seeds: \(tally.runs), wanted are at least \(minSeeds)") }
        return lines
    }
}
