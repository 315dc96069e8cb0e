/// How a run ended.
public struct SimulationOutcome: Sendable {
    public let options: SimulationOptions
    public let report: SimulationReport
    /// The promise that was broken first; nil: none.
    public let failure: String?
    /// Each fault and repair with its instant.
    public let faultLog: [String]
}

/// What a run took.
public struct SimulationReport: Sendable {
    public var topology = SimulatedTopology.full
    /// From the last start until all views were equal and all peers reached each other.
    public var settledAfterStart: Duration?
    /// The same from the last repair.
    public var settledAfterFaults: Duration?
    /// The same from the start of one more peer.
    public var settledAfterJoin: Duration?
    /// What was last waited for.
    public var waitedFor: String?
    /// The most that one peer computed for the join, and the mean of all; zero without a clock.
    public var joinBusyWorst = Duration.zero
    public var joinBusyMean = Duration.zero
    /// All that was computed for the join by the changes of forwarding that it made.
    public var joinBusyPerChange = Duration.zero
    public var joinMessages = 0
    public var joinBytes = 0
    /// Simulated time.
    public var simulated = Duration.zero
    public var events = 0
    /// TCP connections at the end.
    public var connections = 0
    /// Writes to TCP connections, each one message or one step of a handshake.
    public var messages = 0
    /// Bytes written to TCP connections.
    public var bytes = 0
    public var datagrams = 0
    /// Changes of forwarding, of all peers.
    public var routeChanges = 0
    /// How many of them were compared with the peer's own records.
    public var viewChecks = 0
    /// How often, between faults, peers with equal views were found and their packets followed.
    public var agreements = 0
    public var faults: [FaultKind: Int] = [:]
    /// Equal for equal runs.
    public var fingerprint: UInt64 = 0
}
