public import Wire

/// What only weft peers say to each other, between neighbours. `docs/protocol-mesh.md`, "Extensions".
public enum WeftMessage: Hashable, Sendable {
    /// Kind 1 (2 if `isComplete`): the sender holds these records; complete: and no others.
    case announcement([RecordVersion], isComplete: Bool)
    /// Kind 3: send these peers' records as topology gossip.
    case request([PeerName])
    /// Kind 4: a digest of all records that the sender holds.
    case digest(UInt64)
    /// Kind 5: the sender ends the connection; a sentence part for people, foreign text.
    case farewell(String)
    /// A kind of a later version.
    case unknown
}

/// Which state of a peer's record someone holds.
public struct RecordVersion: Hashable, Sendable {
    public let name: PeerName
    public let version: UInt64
    public let uid: UInt64
    public let hasShortID: Bool

    public init(name: PeerName, version: UInt64, uid: UInt64, hasShortID: Bool) {
        self.name = name
        self.version = version
        self.uid = uid
        self.hasShortID = hasShortID
    }

    init(_ record: PeerRecord) {
        self.init(
            name: record.name, version: record.version, uid: record.uid, hasShortID: record.shortID != nil)
    }

    /// The order in which records replace each other: see `PeerRecord.supersedes`.
    func supersedes(_ other: RecordVersion?) -> Bool {
        guard let other else { return true }
        if version != other.version { return version > other.version }
        if uid != other.uid { return uid > other.uid }
        return hasShortID && !other.hasShortID
    }

    /// Equal everywhere for equal values; XORed over all records it makes the digest.
    var digest: UInt64 {
        var mixed = RecordVersion.mix(name.rawValue | (hasShortID ? 1 << 48 : 0))
        mixed = RecordVersion.mix(mixed ^ version)
        return RecordVersion.mix(mixed ^ uid)
    }

    /// The finalizer of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
    private static func mix(_ value: UInt64) -> UInt64 {
        var value = value &+ 0x9e37_79b9_7f4a_7c15
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}

/// Weft's messages as bytes behind tag `tag`: a kind byte, then fixed-size fields in network order.
/// ```
/// 77 01 | 02 00 00 00 0b 01 | version, 8 bytes | uid, 8 bytes | 01 has a short id
/// 77 03 | 02 00 00 00 0b 01 | 02 00 00 00 0b 02
/// ```
enum WeftMessageCodec {
    /// A tag that the original ignores.
    static let tag: UInt8 = 0x77
    private static let entryBytes = 23
    private static let farewellBytes = 512

    static func decode(_ body: ArraySlice<UInt8>) throws(MeshMessageError) -> WeftMessage {
        guard let kind = body.first else { throw fault("it has no kind") }
        let fields = Array(body.dropFirst())
        do throws(WireError) {
            return try decode(kind, fields)
        } catch {
            throw fault("\(error)")
        }
    }

    private static func decode(_ kind: UInt8, _ bytes: [UInt8]) throws(WireError) -> WeftMessage {
        let span = bytes.span
        var cursor = WireCursor()
        switch kind {
        case 1, 2:
            var entries: [RecordVersion] = []
            entries.reserveCapacity(bytes.count / entryBytes)
            while cursor.left(in: span) > 0 {
                entries.append(
                    RecordVersion(
                        name: try cursor.peerName("name", in: span),
                        version: try cursor.networkUInt64("version", in: span),
                        uid: try cursor.networkUInt64("uid", in: span),
                        hasShortID: try cursor.byte("short id mark", in: span) == 1))
            }
            return .announcement(entries, isComplete: kind == 2)
        case 3:
            var names: [PeerName] = []
            names.reserveCapacity(bytes.count / 6)
            while cursor.left(in: span) > 0 { names.append(try cursor.peerName("name", in: span)) }
            return .request(names)
        case 4: return .digest(try cursor.networkUInt64("digest", in: span))
        case 5: return .farewell(String(decoding: bytes.prefix(farewellBytes), as: UTF8.self))
        default: return .unknown
        }
    }

    static func encode(_ message: WeftMessage) -> [UInt8] {
        var bytes: [UInt8] = [tag]
        switch message {
        case .announcement(let entries, let isComplete):
            bytes.reserveCapacity(2 + entries.count * entryBytes)
            bytes.append(isComplete ? 2 : 1)
            for entry in entries {
                append(entry.name.rawValue, count: 6, to: &bytes)
                append(entry.version, count: 8, to: &bytes)
                append(entry.uid, count: 8, to: &bytes)
                bytes.append(entry.hasShortID ? 1 : 0)
            }
        case .request(let names):
            bytes.append(3)
            for name in names { append(name.rawValue, count: 6, to: &bytes) }
        case .digest(let digest):
            bytes.append(4)
            append(digest, count: 8, to: &bytes)
        case .farewell(let text):
            bytes.append(5)
            bytes += Array(text.utf8.prefix(farewellBytes))
        case .unknown: return []
        }
        return bytes
    }

    private static func append(_ value: UInt64, count: Int, to bytes: inout [UInt8]) {
        for shift in stride(from: (count - 1) * 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
        }
    }

    private static func fault(_ reason: String) -> MeshMessageError { MeshMessageError(tag: tag, reason: reason) }
}
