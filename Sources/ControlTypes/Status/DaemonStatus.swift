public import Wire

/// The whole daemon at a glance: `GET /v1/status`.
public struct DaemonStatus: Codable, Hashable, Sendable {
    public var version: String
    /// Whether everything that was asked for is up: `false` while starting, and while a part is broken (`warnings`).
    public var ready: Bool
    public var peer: PeerIdentity
    public var processID: Int
    public var startedAt: WallClockInstant
    public var uptimeSeconds: Int
    public var protocolVersions: ProtocolVersions
    /// Whether a password is set: links are encrypted, except to peers in trusted subnets.
    public var encryption: Bool
    public var trustedSubnets: [InterfaceAddress]
    /// Whether peers that others tell of are connected to.
    public var discovery: Bool
    /// 0 means no limit.
    public var connectionLimit: Int
    /// The address that mesh and sleeve listen on; nil means all.
    public var host: String?
    /// TCP for the mesh and UDP for sleeve.
    public var port: Int
    /// Paths.
    public var socket: String
    public var stateDirectory: String
    public var targets: Int
    public var connections: ConnectionCounts
    public var peers: PeerCounts
    public var bridge: BridgeStatus
    /// Containers attached on this host.
    public var containers: Int
    /// Kernel facilities: what was found, what was chosen and why.
    public var facilities: [Facility]
    /// What is wrong or limited now, the most severe first, each with what to do.
    public var warnings: [StatusWarning]
    /// Counters since the start, in a stable order.
    public var counters: [StatusCounter]

    public init(
        version: String, ready: Bool, peer: PeerIdentity, processID: Int, startedAt: WallClockInstant,
        uptimeSeconds: Int, protocolVersions: ProtocolVersions, encryption: Bool,
        trustedSubnets: [InterfaceAddress] = [], discovery: Bool, connectionLimit: Int, host: String? = nil, port: Int,
        socket: String, stateDirectory: String, targets: Int, connections: ConnectionCounts, peers: PeerCounts,
        bridge: BridgeStatus, containers: Int = 0, facilities: [Facility] = [], warnings: [StatusWarning] = [],
        counters: [StatusCounter] = []
    ) {
        self.version = version
        self.ready = ready
        self.peer = peer
        self.processID = processID
        self.startedAt = startedAt
        self.uptimeSeconds = uptimeSeconds
        self.protocolVersions = protocolVersions
        self.encryption = encryption
        self.trustedSubnets = trustedSubnets
        self.discovery = discovery
        self.connectionLimit = connectionLimit
        self.host = host
        self.port = port
        self.socket = socket
        self.stateDirectory = stateDirectory
        self.targets = targets
        self.connections = connections
        self.peers = peers
        self.bridge = bridge
        self.containers = containers
        self.facilities = facilities
        self.warnings = warnings
        self.counters = counters
    }
}

/// The versions of the mesh protocol that we speak, both ends included.
public struct ProtocolVersions: Codable, Hashable, Sendable {
    public var minimum: Int
    public var maximum: Int

    public init(minimum: Int, maximum: Int) {
        self.minimum = minimum
        self.maximum = maximum
    }
}

/// Connections and connection attempts by state.
public struct ConnectionCounts: Codable, Hashable, Sendable {
    public var established: Int
    public var pending: Int
    public var retrying: Int
    public var failed: Int
    public var connecting: Int

    public var total: Int { established + pending + retrying + failed + connecting }

    public init(established: Int = 0, pending: Int = 0, retrying: Int = 0, failed: Int = 0, connecting: Int = 0) {
        self.established = established
        self.pending = pending
        self.retrying = retrying
        self.failed = failed
        self.connecting = connecting
    }

    /// Counts a list of connections.
    public init(_ connections: some Sequence<ConnectionStatus>) {
        self.init()
        for connection in connections {
            switch connection.state {
            case .established: established += 1
            case .pending: pending += 1
            case .retrying: retrying += 1
            case .failed: failed += 1
            case .connecting: connecting += 1
            }
        }
    }
}

/// The peers that the mesh knows.
public struct PeerCounts: Codable, Hashable, Sendable {
    /// Including ourselves.
    public var known: Int
    /// Links in the mesh; each is counted once for either end, as the peers announce them.
    public var establishedConnections: Int
    public var pendingConnections: Int

    public init(known: Int, establishedConnections: Int, pendingConnections: Int) {
        self.known = known
        self.establishedConnections = establishedConnections
        self.pendingConnections = pendingConnections
    }

    /// Counts a list of peers.
    public init(_ peers: [PeerStatus]) {
        let links = peers.flatMap(\.connections)
        let established = links.count { $0.established }
        self.init(
            known: peers.count, establishedConnections: established, pendingConnections: links.count - established)
    }
}

/// The bridge that containers are attached to.
public struct BridgeStatus: Codable, Hashable, Sendable {
    public enum State: String, Codable, Hashable, Sendable {
        case up, down, absent
    }
    public var name: String
    public var state: State
    /// nil while the bridge is absent.
    public var hardwareAddress: MACAddress?
    /// What containers may send without fragmentation, in bytes; nil while the bridge is absent.
    public var mtu: Int?
    /// How frames are taken from and given to the bridge: `packet socket with offloads on vethwe-pcap`.
    public var capture: String?

    public init(name: String, state: State, hardwareAddress: MACAddress?, mtu: Int?, capture: String? = nil) {
        self.name = name
        self.state = state
        self.hardwareAddress = hardwareAddress
        self.mtu = mtu
        self.capture = capture
    }
}

/// A facility of the kernel that weft looked for.
public struct Facility: Codable, Hashable, Sendable {
    public enum Availability: String, Codable, Hashable, Sendable {
        case yes, no
        /// The probe did not decide.
        case unknown
    }
    /// `udp-segmentation-offload`
    public var name: String
    public var available: Availability
    /// Whether weft uses it now.
    public var inUse: Bool
    /// A sentence: what it is for, and why it is (not) used, with the kernel's reason.
    public var explanation: String

    public init(name: String, available: Availability, inUse: Bool, explanation: String) {
        self.name = name
        self.available = available
        self.inUse = inUse
        self.explanation = explanation
    }
}

/// Something that is wrong or limited.
public struct StatusWarning: Codable, Hashable, Sendable {
    /// Machine-readable, stable: `bridge-down`.
    public var code: String
    /// What is wrong, with the names of the objects.
    public var message: String
    /// What to do about it.
    public var advice: String
    /// Since when, if known.
    public var since: WallClockInstant?

    public init(code: String, message: String, advice: String, since: WallClockInstant? = nil) {
        self.code = code
        self.message = message
        self.advice = advice
        self.since = since
    }
}

/// A counter since the daemon's start.
public struct StatusCounter: Codable, Hashable, Sendable {
    /// `frames-dropped-no-route`
    public var name: String
    public var value: UInt64
    /// What is counted, in words.
    public var meaning: String

    public init(name: String, value: UInt64, meaning: String) {
        self.name = name
        self.value = value
        self.meaning = meaning
    }
}
