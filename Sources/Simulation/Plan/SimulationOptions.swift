import Wire

/// What is simulated. With the seed it decides everything.
public struct SimulationOptions: Sendable, Hashable {
    public var seed: UInt64
    /// Hosts at the start; those that a fault adds come on top.
    public var peers: Int
    /// nil: drawn from the seed.
    public var topology: SimulatedTopology?
    public var faults: Set<FaultKind>
    /// How many faults are injected; nil: one for four peers, at least four.
    public var faultCount: Int?
    /// Share of peers that announce nothing but what the original does, 0 to 1.
    public var originals: Double
    /// Whether there is a password; nil: drawn from the seed.
    public var hasPassword: Bool?
    public var quality = UnderlayQuality()
    /// One more peer joins at the end, and what that costs is measured.
    public var measuresJoin = false

    public init(
        seed: UInt64, peers: Int, topology: SimulatedTopology? = nil, faults: Set<FaultKind> = [],
        faultCount: Int? = nil, originals: Double = 0, hasPassword: Bool? = nil
    ) {
        self.seed = seed
        self.peers = peers
        self.topology = topology
        self.faults = faults
        self.faultCount = faultCount
        self.originals = originals
        self.hasPassword = hasPassword
    }
}

/// Who is told to connect to whom, and who can.
public enum SimulatedTopology: String, Sendable, Hashable, CaseIterable {
    /// Everyone connects to everyone, found by discovery.
    case full
    /// No discovery; each connects to two or three earlier ones.
    case sparse
    /// No discovery; each connects to the one before.
    case line
    /// A line whose ends meet.
    case ring
    /// Two groups that cannot reach each other, each a full mesh, joined by one host.
    case islands
    /// No discovery; everyone connects to the first.
    case star
}

/// What goes wrong.
public enum FaultKind: String, Sendable, Hashable, CaseIterable {
    /// Nothing passes between two hosts for a while.
    case cut
    /// Nothing passes in one direction.
    case oneWay = "one-way"
    /// TCP alone does not pass, in one or both directions.
    case tcp
    /// UDP alone does not pass, in one or both directions.
    case udp
    /// A process is killed and another one started, with a new uid, the same name and the neighbours it remembers.
    case restart
    /// A host loses its power and gets it back: nobody is told.
    case crash
    /// A process is killed for good.
    case kill
    /// Another host appears with the name of one that is there, for a while.
    case clash
    /// A process takes nothing off its connections for a while.
    case stall
    /// The hosts fall apart into two groups for a while.
    case partition
    /// A new host joins.
    case join
}
