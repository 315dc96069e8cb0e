public import Wire

/// Which side of the TCP connection we are; it decides the nonces.
public enum LinkRole: Sendable, Hashable {
    case dialler, acceptor
}

/// What we say of ourselves in a handshake.
public struct LinkIdentity: Sendable {
    public var name: PeerName
    /// Free text, may be empty.
    public var nickname: String
    /// This incarnation; never 0.
    public var uid: UInt64
    /// nil while we have none.
    public var shortID: ShortID?
    /// Whether the remote address is in one of our trusted networks.
    public var trustsRemote: Bool
    /// Names of our overlays in order of preference, such as `["sleeve"]`.
    public var overlays: [String]
    /// What we offer beyond the protocol.
    public var extensions: Set<MeshExtension>

    public init(
        name: PeerName, nickname: String, uid: UInt64, shortID: ShortID?, trustsRemote: Bool, overlays: [String],
        extensions: Set<MeshExtension> = []
    ) {
        self.name = name
        self.nickname = nickname
        self.uid = uid
        self.shortID = shortID
        self.trustsRemote = trustsRemote
        self.overlays = overlays
        self.extensions = extensions
    }
}

/// Everything that a `MeshLink` needs at its start, the random part included, so that recordings can be replayed.
public struct LinkConfiguration: Sendable {
    public var identity: LinkIdentity
    /// 1 or 2.
    public var minimumVersion: UInt8
    /// 1 or 2, not below the minimum.
    public var maximumVersion: UInt8
    /// nil: in clear, and only with peers that have no password either.
    public var password: [UInt8]?
    /// Random for each connection.
    public var halfID: UInt64
    /// 32 random bytes for each connection.
    public var privateKey: [UInt8]

    public init(
        identity: LinkIdentity, minimumVersion: UInt8, maximumVersion: UInt8, password: [UInt8]?, halfID: UInt64,
        privateKey: [UInt8]
    ) {
        precondition(
            minimumVersion >= 1 && minimumVersion <= maximumVersion && maximumVersion <= 2, "versions are 1 and 2")
        precondition(privateKey.count == 32, "an X25519 private key has 32 bytes")
        self.identity = identity
        self.minimumVersion = minimumVersion
        self.maximumVersion = maximumVersion
        self.password = password
        self.halfID = halfID
        self.privateKey = privateKey
    }
}

/// Bounds of a handshake. All are weft's choice; the original waits for 10 MiB of features.
enum LinkLimits {
    /// Bytes of the features, the seal not counted: real ones have about 180.
    static let featureBytes = 64 << 10
    /// Bytes of a message on the wire, sealed: the original's limit for version 2, ours for both.
    static let messageBytes = 10 << 20
    /// Bytes of a nickname; what is longer is cut, as in topology gossip.
    static let nicknameBytes = 256
}
