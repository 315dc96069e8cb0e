public import Wire

/// What a router is told at its start; never changes afterwards.
public struct MeshConfiguration: Sendable {
    public var name: PeerName
    /// Free text for people, usually the host's name.
    public var nickname: String
    /// This incarnation: random at process start, never 0.
    public var uid: UInt64
    /// Where we listen, and where we expect others to.
    public var port: PortNumber
    /// nil: everything in clear, and no peer with a password is spoken to.
    public var password: [UInt8]?
    /// Version 1 shows name, nickname and uid in clear even with a password, so it must be asked for.
    public var minimumVersion: UInt8
    public var maximumVersion: UInt8
    /// Whether we dial peers that we only hear of.
    public var discovery: Bool
    /// Added connections, one a peer; 0: no limit.
    public var connectionLimit: Int
    /// Names of the overlays that we offer, in order of preference.
    public var overlays: [String]
    /// Networks in which overlay traffic may go in clear, if the other side agrees.
    public var trustedSubnets: [InterfaceAddress]
    /// The short id of an earlier run, used again so that what others know of us stays true; nil: a random one.
    public var shortID: ShortID?
    /// What we offer beyond the protocol; with none we behave as the original does.
    public var extensions: Set<MeshExtension>

    public init(
        name: PeerName, nickname: String, uid: UInt64, port: PortNumber = .mesh, password: [UInt8]? = nil,
        minimumVersion: UInt8 = 2, maximumVersion: UInt8 = 2, discovery: Bool = true, connectionLimit: Int = 200,
        overlays: [String] = ["sleeve"], trustedSubnets: [InterfaceAddress] = [],
        shortID: ShortID? = nil, extensions: Set<MeshExtension> = MeshExtension.withoutFastDatapath
    ) {
        self.name = name
        self.nickname = nickname
        self.uid = uid
        self.port = port
        self.password = password
        self.minimumVersion = minimumVersion
        self.maximumVersion = maximumVersion
        self.discovery = discovery
        self.connectionLimit = connectionLimit
        self.overlays = overlays
        self.trustedSubnets = trustedSubnets
        self.shortID = shortID
        self.extensions = extensions
    }
}
