public import Wire

/// What the daemon was told at its start.
public struct ControlPlaneConfiguration: Sendable {
    /// nil: the stored one, else that of an existing bridge, else derived from the machine.
    public var name: PeerName?
    public var nickname: String
    public var host: IPv4Address
    public var port: PortNumber
    /// nil: a mesh in clear.
    public var password: [UInt8]?
    public var minimumVersion: UInt8
    public var maximumVersion: UInt8
    public var discovery: Bool
    /// 0: no limit.
    public var connectionLimit: Int
    /// Networks in which container traffic may go in clear.
    public var trustedSubnets: [InterfaceAddress]
    /// Bytes of IP in a container's frame; nil: what the paths carry.
    public var mtu: Int?
    public var stateDirectory: String
    /// Mixed into a derived name where the state directory is not the default one, since all hosts that are namespaces
    /// of one machine share its identifiers.
    public var hasOwnStateDirectory: Bool
    /// Only shown.
    public var socketPath: String
    /// Targets of the command line; empty: the remembered ones.
    public var peers: [String]
    /// Where conversations are recorded; nil: nowhere. For interoperability tests only: it holds keys.
    public var recordingDirectory: String?
    /// No mesh and no ports: the daemon only serves the call that removes everything.
    public var isForRemoval: Bool
    /// Whether the kernel's datapath is used where it is there.
    public var fastDatapath: Bool
    /// Names of facilities that are not used although the kernel has them (`PacketFacility.Kind`).
    public var without: [String]

    public init(
        name: PeerName?, nickname: String, host: IPv4Address, port: PortNumber, password: [UInt8]?,
        minimumVersion: UInt8, maximumVersion: UInt8, discovery: Bool, connectionLimit: Int,
        trustedSubnets: [InterfaceAddress] = [], mtu: Int?,
        stateDirectory: String, hasOwnStateDirectory: Bool, socketPath: String, peers: [String],
        recordingDirectory: String?, isForRemoval: Bool = false, fastDatapath: Bool = true,
        without: [String] = []
    ) {
        self.name = name
        self.nickname = nickname
        self.host = host
        self.port = port
        self.password = password
        self.minimumVersion = minimumVersion
        self.maximumVersion = maximumVersion
        self.discovery = discovery
        self.connectionLimit = connectionLimit
        self.trustedSubnets = trustedSubnets
        self.mtu = mtu
        self.stateDirectory = stateDirectory
        self.hasOwnStateDirectory = hasOwnStateDirectory
        self.socketPath = socketPath
        self.peers = peers
        self.recordingDirectory = recordingDirectory
        self.isForRemoval = isForRemoval
        self.fastDatapath = fastDatapath
        self.without = without
    }
}
