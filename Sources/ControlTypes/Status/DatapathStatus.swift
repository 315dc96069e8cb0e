public import Wire

/// The kernel's datapath: `GET /v1/datapath`.
public struct DatapathStatus: Codable, Hashable, Sendable {
    public struct Port: Codable, Hashable, Sendable {
        public var number: Int
        /// `vxlan-6784`
        public var name: String
        /// `netdev`, `internal` or `vxlan`.
        public var kind: String

        public init(number: Int, name: String, kind: String) {
            self.number = number
            self.name = name
            self.kind = kind
        }
    }

    /// What the kernel does with the frames of one source and destination, or of one tunnel that is passed on.
    public struct Flow: Codable, Hashable, Sendable {
        /// Where they come in: `bridge`, or `tunnel`.
        public var from: String
        /// The peer that sends them, of those out of a tunnel.
        public var fromPeer: PeerIdentity?
        /// Nil where the flow holds for all addresses.
        public var source: MACAddress?
        public var destination: MACAddress?
        /// Where they go: `bridge`, `sleeve`, and the neighbours that get a copy by tunnel.
        public var toBridge: Bool
        public var toSleeve: Bool
        public var toNeighbours: [PeerIdentity]
        /// Why they go nowhere.
        public var drop: String?
        public var packets: UInt64
        public var bytes: UInt64
        public var ageSeconds: Int
        public var idleSeconds: Int

        public init(
            from: String, fromPeer: PeerIdentity?, source: MACAddress?, destination: MACAddress?, toBridge: Bool,
            toSleeve: Bool, toNeighbours: [PeerIdentity], drop: String?, packets: UInt64, bytes: UInt64,
            ageSeconds: Int, idleSeconds: Int
        ) {
            self.from = from
            self.fromPeer = fromPeer
            self.source = source
            self.destination = destination
            self.toBridge = toBridge
            self.toSleeve = toSleeve
            self.toNeighbours = toNeighbours
            self.drop = drop
            self.packets = packets
            self.bytes = bytes
            self.ageSeconds = ageSeconds
            self.idleSeconds = idleSeconds
        }
    }

    /// Whether the kernel carries frames.
    public var inUse: Bool
    /// Why it does not.
    public var reason: String?
    /// `datapath`
    public var name: String?
    public var ports: [Port]
    public var flows: [Flow]
    /// Frames that a flow was there for, as the kernel counts.
    public var hits: UInt64
    /// Frames that weft was asked about.
    public var misses: UInt64
    /// Frames that weft should have been asked about.
    public var lost: UInt64
    /// Frames that went nowhere, by reason; of flows that drop, only the first.
    public var drops: [String: UInt64]
    /// Requests that the kernel refused, by its reason.
    public var refusals: [String: UInt64]
    /// Flows that made room for others.
    public var evictions: UInt64

    public init(
        inUse: Bool, reason: String? = nil, name: String? = nil, ports: [Port] = [], flows: [Flow] = [],
        hits: UInt64 = 0, misses: UInt64 = 0, lost: UInt64 = 0, drops: [String: UInt64] = [:],
        refusals: [String: UInt64] = [:], evictions: UInt64 = 0
    ) {
        self.inUse = inUse
        self.reason = reason
        self.name = name
        self.ports = ports
        self.flows = flows
        self.hits = hits
        self.misses = misses
        self.lost = lost
        self.drops = drops
        self.refusals = refusals
        self.evictions = evictions
    }
}
