import Mesh
import Sealing
import TestSupport
import Testing
import Wire

/// A recorded TCP connection between two reference routers: both streams, and what is in them.
struct RecordedSession: Decodable {
    struct Item: Decodable {
        let what: String
        let offset: Int
        let length: Int
        let tag: UInt8?
        let channel: String?
        let source: String?
        let destination: String?
        let payloadLength: Int?
        let bodyHex: String?
        let features: [String: String]?
        let nonce: String?
    }
    struct Stream: Decodable {
        let file: String
        let items: [Item]

        var messages: [Item] { items.filter { $0.what == "message" } }
        func bytes() throws -> [UInt8] { try Fixture.bytes("mesh/sessions/\(file)") }
        func features() throws -> [String: String] {
            try #require(items.first { $0.features != nil }?.features)
        }
    }
    struct Crypto: Decodable {
        let password: String
        let sessionKey: String
        let clientPrivateKey: String
        let serverPrivateKey: String
    }

    let protocolVersion: UInt8
    let crypto: Crypto?
    let clientStream: Stream
    let serverStream: Stream

    static let names = ["v1-clear-AB", "v2-clear-AB", "v2-clear-CB", "v1-encrypted-AB", "v2-encrypted-AB"]

    static func load(_ name: String) throws -> RecordedSession {
        try Fixture.json("mesh/sessions/\(name).json", as: RecordedSession.self)
    }

    /// What a side sent.
    func stream(of role: LinkRole) -> Stream { role == .dialler ? clientStream : serverStream }

    /// A link that plays the recorded side of `role`: the same name, ids and keys.
    func link(as role: LinkRole) throws -> MeshLink {
        let stream = stream(of: role)
        let features = try stream.features()
        let range = try stream.bytes()[5...6]
        let key = role == .dialler ? crypto?.clientPrivateKey : crypto?.serverPrivateKey
        let name = try #require(features["Name"])
        let uid = try #require(features["UID"])
        let halfID = try #require(features["ConnID"])
        let identity = LinkIdentity(
            name: try #require(PeerName(text: name)),
            nickname: try #require(features["NickName"]),
            uid: try #require(UInt64(uid)),
            shortID: features["ShortID"].flatMap { UInt16($0) }.flatMap { ShortID(rawValue: $0) },
            trustsRemote: false, overlays: ["sleeve"])
        return MeshLink(
            role: role,
            configuration: LinkConfiguration(
                identity: identity, minimumVersion: range[5], maximumVersion: range[6],
                password: crypto.map { Array($0.password.utf8) },
                halfID: try #require(UInt64(halfID)),
                privateKey: try key.map { try #require(bytes(hexadecimal: $0)) } ?? [UInt8](repeating: 1, count: 32)),
            cryptography: SodiumCryptography())
    }
}

extension LinkRole {
    var other: LinkRole { self == .dialler ? .acceptor : .dialler }
}

/// What came out of a link, sorted.
struct Collected {
    var sent: [UInt8] = []
    var ready: (remote: RemoteFeatures, agreement: LinkAgreement)?
    var messages: [MeshMessage] = []

    mutating func add(_ outputs: [LinkOutput]) {
        for output in outputs {
            switch output {
            case .send(let bytes): sent += bytes
            case .ready(let remote, let agreement):
                #expect(ready == nil, "ready twice")
                ready = (remote, agreement)
            case .message(let message):
                #expect(ready != nil, "a message before ready")
                messages.append(message)
            }
        }
    }
}

/// Two routers' ways to be fed.
enum Pieces: CaseIterable {
    case whole, bytes, random

    func cut(_ bytes: [UInt8], seed: UInt64 = 1) -> [[UInt8]] {
        switch self {
        case .whole: return [bytes]
        case .bytes: return bytes.map { [$0] }
        case .random:
            var random = SeededGenerator(seed: seed)
            var pieces: [[UInt8]] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let size = Int.random(in: 1...700, using: &random)
                pieces.append(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            return pieces
        }
    }
}
