public import Wire

/// The whole state in the schema of the reference router's `GET /report`, for tools that read it: names, order of the
/// members and what is `null` are the reference's (`Tests/Fixtures/services/report`). Parts of services that weft does
/// not have yet (IPAM, DNS, proxy, plugin) are left out, as the reference does for services that are off.
public struct Report: Codable, Hashable, Sendable {
    public var ready: Bool
    public var version: String
    public var versionCheck: VersionCheck
    public var router: Router

    public init(ready: Bool, version: String, versionCheck: VersionCheck = VersionCheck(), router: Router) {
        self.ready = ready
        self.version = version
        self.versionCheck = versionCheck
        self.router = router
    }

    private enum CodingKeys: String, CodingKey {
        case ready = "Ready"
        case version = "Version"
        case versionCheck = "VersionCheck"
        case router = "Router"
    }

    /// The reference asks its vendor for newer versions; weft never does.
    public struct VersionCheck: Codable, Hashable, Sendable {
        public var enabled = false
        public var success = false
        public var newVersion = ""
        public var nextCheckAt = "0001-01-01T00:00:00Z"

        public init() {}

        private enum CodingKeys: String, CodingKey {
            case enabled = "Enabled"
            case success = "Success"
            case newVersion = "NewVersion"
            case nextCheckAt = "NextCheckAt"
        }
    }

    /// Mesh and overlay.
    public struct Router: Codable, Hashable, Sendable {
        /// Always `weave`, the protocol's name.
        public var `protocol` = "weave"
        public var protocolMinVersion: Int
        public var protocolMaxVersion: Int
        public var encryption: Bool
        public var peerDiscovery: Bool
        public var name: PeerName
        public var nickName: String
        public var port: Int
        public var peers: [Peer]
        public var unicastRoutes: [UnicastRoute]
        public var broadcastRoutes: [BroadcastRoute]
        /// nil for none, as are the other optional lists: the reference writes `null`.
        public var connections: [Connection]?
        /// Connections that ended since the start, those to ourselves left out.
        public var terminationCount: Int
        public var targets: [String]?
        public var overlayDiagnostics: OverlayDiagnostics
        public var trustedSubnets: [String]
        /// How frames are captured, in words: `vethwe-pcap (via pcap)`.
        public var interface: String
        public var captureStats: CaptureStats?
        public var macs: [LearnedAddress]?

        public init(
            protocolMinVersion: Int, protocolMaxVersion: Int, encryption: Bool, peerDiscovery: Bool, name: PeerName,
            nickName: String, port: Int, peers: [Peer], unicastRoutes: [UnicastRoute],
            broadcastRoutes: [BroadcastRoute], connections: [Connection]?, terminationCount: Int, targets: [String]?,
            overlayDiagnostics: OverlayDiagnostics = OverlayDiagnostics(["sleeve"]), trustedSubnets: [String],
            interface: String, captureStats: CaptureStats?, macs: [LearnedAddress]?
        ) {
            self.protocolMinVersion = protocolMinVersion
            self.protocolMaxVersion = protocolMaxVersion
            self.encryption = encryption
            self.peerDiscovery = peerDiscovery
            self.name = name
            self.nickName = nickName
            self.port = port
            self.peers = peers
            self.unicastRoutes = unicastRoutes
            self.broadcastRoutes = broadcastRoutes
            self.connections = connections
            self.terminationCount = terminationCount
            self.targets = targets
            self.overlayDiagnostics = overlayDiagnostics
            self.trustedSubnets = trustedSubnets
            self.interface = interface
            self.captureStats = captureStats
            self.macs = macs
        }

        private enum CodingKeys: String, CodingKey {
            case `protocol` = "Protocol"
            case protocolMinVersion = "ProtocolMinVersion"
            case protocolMaxVersion = "ProtocolMaxVersion"
            case encryption = "Encryption"
            case peerDiscovery = "PeerDiscovery"
            case name = "Name"
            case nickName = "NickName"
            case port = "Port"
            case peers = "Peers"
            case unicastRoutes = "UnicastRoutes"
            case broadcastRoutes = "BroadcastRoutes"
            case connections = "Connections"
            case terminationCount = "TerminationCount"
            case targets = "Targets"
            case overlayDiagnostics = "OverlayDiagnostics"
            case trustedSubnets = "TrustedSubnets"
            case interface = "Interface"
            case captureStats = "CaptureStats"
            case macs = "MACs"
        }
    }
}
