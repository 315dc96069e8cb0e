internal import Gob
public import Wire

/// What the other side says of itself in its handshake.
public struct RemoteFeatures: Sendable, Hashable {
    public let name: PeerName
    /// Free text, may be empty; cut to 256 bytes.
    public let nickname: String
    public let uid: UInt64
    /// Its half of the connection's uid.
    public let halfID: UInt64
    /// nil while it has none.
    public let shortID: ShortID?
    /// Whether we are in one of its trusted networks.
    public let isTrusted: Bool
    /// Names of its overlays; nil if it does not negotiate them.
    public let overlays: [String]?
    /// What it offers beyond the protocol, as far as we know it.
    public let extensions: Set<MeshExtension>
    /// Keys that we don't know: announcements of extensions.
    public let unknown: [String: String]

    public init(
        name: PeerName, nickname: String, uid: UInt64, halfID: UInt64, shortID: ShortID? = nil,
        isTrusted: Bool = false, overlays: [String]? = nil, extensions: Set<MeshExtension> = [],
        unknown: [String: String] = [:]
    ) {
        self.name = name
        self.nickname = nickname
        self.uid = uid
        self.halfID = halfID
        self.shortID = shortID
        self.isTrusted = isTrusted
        self.overlays = overlays
        self.extensions = extensions
        self.unknown = unknown
    }

    /// The kind of peer names that we have: 48 bits.
    static let flavour = "mac"
}

extension RemoteFeatures {
    /// Reads features from texts by key. Only the canonical form of names is taken, and no name that a peer can't
    /// have; the original also takes abbreviations, which no router sends.
    init(_ texts: [String: String]) throws(LinkError) {
        func needed(_ key: FeatureKey) throws(LinkError) -> String {
            guard let text = texts[key.rawValue] else { throw .missingFeature(key.rawValue) }
            return text
        }
        func refused(_ key: FeatureKey) -> LinkError {
            .badFeature(key: key.rawValue, value: texts[key.rawValue] ?? "")
        }
        func number(_ key: FeatureKey) throws(LinkError) -> UInt64 {
            guard let number = RemoteFeatures.number(try needed(key)) else { throw refused(key) }
            return number
        }
        guard try needed(.flavour) == RemoteFeatures.flavour else { throw refused(.flavour) }
        guard let name = PeerName(text: try needed(.name)), name.isUsable else { throw refused(.name) }
        var shortID: ShortID?
        if let text = texts[FeatureKey.shortID.rawValue] {
            shortID = RemoteFeatures.number(text).flatMap { UInt16(exactly: $0) }.flatMap { ShortID(rawValue: $0) }
            if shortID == nil { throw refused(.shortID) }
        }
        var isTrusted = false
        if let text = texts[FeatureKey.trusted.rawValue] {
            guard let value = RemoteFeatures.truth(text) else { throw refused(.trusted) }
            isTrusted = value
        }
        let known = Set(FeatureKey.allCases.map(\.rawValue))
        self.init(
            name: name, nickname: RemoteFeatures.cut(try needed(.nickname)), uid: try number(.uid),
            halfID: try number(.halfID), shortID: shortID, isTrusted: isTrusted,
            overlays: texts[FeatureKey.overlays.rawValue]?.split(separator: " ").map { String($0) },
            extensions: MeshExtension.parse(texts[FeatureKey.extensions.rawValue] ?? ""),
            unknown: texts.filter { !known.contains($0.key) })
    }

    /// The texts of a features map; a repeated key counts as the last one says.
    static func texts(_ value: GobValue) -> [String: String] {
        var texts: [String: String] = [:]
        for pair in value.pairs ?? [] { texts[pair.key.text ?? ""] = pair.value.text ?? "" }
        return texts
    }

    /// Decimal digits only, leading zeros allowed, up to 2^64 - 1.
    private static func number(_ text: String) -> UInt64? {
        guard !text.isEmpty else { return nil }
        var value: UInt64 = 0
        for byte in text.utf8 {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let (tenfold, isTooBig) = value.multipliedReportingOverflow(by: 10)
            let (sum, isBeyond) = tenfold.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            guard !isTooBig, !isBeyond else { return nil }
            value = sum
        }
        return value
    }

    /// The words of Go's `strconv.ParseBool`.
    private static func truth(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "TRUE", "true", "True": true
        case "0", "f", "F", "FALSE", "false", "False": false
        default: nil
        }
    }

    private static func cut(_ nickname: String) -> String {
        guard nickname.utf8.count > LinkLimits.nicknameBytes else { return nickname }
        var kept = ""
        for character in nickname {
            guard kept.utf8.count + character.utf8.count <= LinkLimits.nicknameBytes else { break }
            kept.append(character)
        }
        return kept
    }
}
