/// What both sides have agreed on when the handshake is done.
public struct LinkAgreement: Sendable, Hashable {
    /// 1 or 2.
    public let version: UInt8
    /// Equal on both sides: XOR of both half-ids.
    public let connectionUID: UInt64
    /// 32 bytes; nil when neither side has a password.
    public let sessionKey: [UInt8]?
    /// Overlays that both have, in our own order: the index of overlay control messages.
    public let commonOverlays: [String]
    /// Whether sleeve's control goes by tags 1 to 3, since one side does not negotiate overlays.
    public let usesPlainOverlayControl: Bool
    /// What both sides offer beyond the protocol.
    public let extensions: Set<MeshExtension>

    public init(
        version: UInt8, connectionUID: UInt64, sessionKey: [UInt8]?, commonOverlays: [String],
        usesPlainOverlayControl: Bool, extensions: Set<MeshExtension> = []
    ) {
        self.version = version
        self.connectionUID = connectionUID
        self.sessionKey = sessionKey
        self.commonOverlays = commonOverlays
        self.usesPlainOverlayControl = usesPlainOverlayControl
        self.extensions = extensions
    }

    /// The only overlay of those who don't negotiate.
    static let plainOverlay = "sleeve"
}
