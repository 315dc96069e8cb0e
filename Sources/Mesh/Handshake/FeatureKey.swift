internal import Gob

/// The keys that a handshake knows. `docs/protocol-mesh.md`, "Features".
enum FeatureKey: String, CaseIterable {
    case flavour = "PeerNameFlavour"
    case name = "Name"
    case nickname = "NickName"
    case uid = "UID"
    case halfID = "ConnID"
    case shortID = "ShortID"
    case trusted = "Trusted"
    case overlays = "Overlays"
    /// Weft's own; others ignore it.
    case extensions = "WeftExtensions"
    /// Version 1 only, which has no other place for it.
    case publicKey = "PublicKey"

    /// Whether a version 1 side says it, and listens to it: its features are not sealed.
    var isInClear: Bool {
        switch self {
        case .flavour, .name, .nickname, .uid, .halfID, .publicKey: true
        case .shortID, .trusted, .overlays, .extensions: false
        }
    }

    /// Features on the wire: a map from text to text.
    static let gobType = GobType.map(key: .string, value: .string)
}
