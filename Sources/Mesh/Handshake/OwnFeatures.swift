internal import Gob
internal import Wire

/// What we announce, as the gob value of a handshake; always in the same order, although order means nothing.
struct OwnFeatures {
    private let pairs: [GobPair]

    /// `publicKey` goes along in version 1 only.
    init(_ configuration: LinkConfiguration, version: UInt8, publicKey: [UInt8]?) {
        let identity = configuration.identity
        var texts: [(FeatureKey, String)] = [
            (.flavour, RemoteFeatures.flavour),
            (.name, identity.name.description),
            (.nickname, identity.nickname),
            (.uid, String(identity.uid)),
            (.halfID, String(configuration.halfID)),
        ]
        if let shortID = identity.shortID { texts.append((.shortID, shortID.description)) }
        texts.append((.trusted, identity.trustsRemote ? "true" : "false"))
        texts.append((.overlays, identity.overlays.joined(separator: " ")))
        if !identity.extensions.isEmpty { texts.append((.extensions, MeshExtension.text(identity.extensions))) }
        if version == 1 {
            texts.removeAll { !$0.0.isInClear }
            if let publicKey { texts.append((.publicKey, hexadecimal(publicKey))) }
        }
        pairs = texts.map { GobPair(.text($0.0.rawValue), .text($0.1)) }
    }

    /// A gob stream of its own in version 2, the beginning of one in version 1.
    var bytes: [UInt8] {
        var encoder = GobStreamEncoder()
        return encoder.encode(.map(pairs), as: FeatureKey.gobType)
    }
}
