import Simulation

/// Figures for people.
enum Rendering {
    static func report(_ outcome: SimulationOutcome) -> String {
        let report = outcome.report
        let faults = report.faults.sorted { $0.key.rawValue < $1.key.rawValue }
        return [
            "seed \(outcome.options.seed): \(outcome.failure == nil ? "kept" : "broken"), \(report.topology.rawValue)",
            "settled after start \(seconds(report.settledAfterStart)), after faults \(seconds(report.settledAfterFaults))",
            "waited last for \(report.waitedFor ?? "nothing")",
            "\(seconds(report.simulated)) simulated, \(report.events) events, \(report.connections) connections",
            "\(report.messages) messages, \(report.bytes) bytes, \(report.datagrams) datagrams",
            "\(report.routeChanges) changes of forwarding, \(report.viewChecks) compared, "
                + "\(report.agreements) agreements followed",
            "faults: " + faults.map { "\($0.key.rawValue) \($0.value)" }.joined(separator: ", "),
            "fingerprint \(report.fingerprint)",
        ].joined(separator: "\n  ")
    }

    static func seconds(_ duration: Duration?) -> String {
        duration.map { decimal($0.inSeconds) + " s" } ?? "never"
    }

    static func milliseconds(_ duration: Duration) -> String {
        decimal(duration.inSeconds * 1_000) + " ms"
    }

    /// Three digits behind the point.
    static func decimal(_ value: Double) -> String {
        let thousandths = Int64((value * 1_000).rounded())
        let rest = String(thousandths % 1_000)
        return "\(thousandths / 1_000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }
}

extension Duration {
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
