import Simulation

/// What all seeds together took.
struct Tally {
    private(set) var runs = 0
    private(set) var failures = 0
    private(set) var worstStart = Duration.zero
    private(set) var worstRepair = Duration.zero
    private(set) var worstJoin = Duration.zero
    private(set) var worstPerChange = Duration.zero
    private var faults = 0
    private var messages = 0
    private var bytes = 0
    private var simulated = Duration.zero
    private var joins: [SimulationReport] = []

    mutating func add(_ outcome: SimulationOutcome) {
        let report = outcome.report
        runs += 1
        if outcome.failure != nil { failures += 1 }
        worstStart = max(worstStart, report.settledAfterStart ?? .zero)
        worstRepair = max(worstRepair, report.settledAfterFaults ?? .zero)
        worstJoin = max(worstJoin, report.settledAfterJoin ?? .zero)
        worstPerChange = max(worstPerChange, report.joinBusyPerChange)
        faults += report.faults.values.reduce(0, +)
        messages += report.messages
        bytes += report.bytes
        simulated += report.simulated
        if outcome.options.measuresJoin { joins.append(report) }
    }

    func summary(wanted: Int, took: Duration) -> String {
        var parts = [
            "\(runs) of \(wanted) seeds in \(Rendering.seconds(took)): \(failures) failed",
            "\(faults) faults in \(Rendering.seconds(simulated)) simulated",
            "settled within \(Rendering.seconds(worstStart)) of the start",
        ]
        if faults > 0 { parts.append("within \(Rendering.seconds(worstRepair)) of the last repair") }
        parts.append("\(messages) messages, \(bytes / 1_000_000) MB")
        for join in joins.prefix(1) {
            parts.append(
                "a join was known after \(Rendering.seconds(join.settledAfterJoin ?? .zero)), and cost a peer "
                    + "\(Rendering.milliseconds(join.joinBusyMean)), at most \(Rendering.milliseconds(join.joinBusyWorst)); "
                    + "\(Rendering.milliseconds(join.joinBusyPerChange)) a change, \(join.joinMessages) messages, "
                    + "\(join.joinBytes / 1_000) kB")
        }
        return parts.joined(separator: "; ")
    }
}
