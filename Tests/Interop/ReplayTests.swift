import Foundation
import Mesh
import Sealing
import TestSupport
import Testing
import Wire

/// Conversations with a reference router, put through the daemon's own state machine again: every byte that weft sent
/// must come out again, in order. `docs/interop.md` has the format.
@Suite("Recorded conversations with a reference router")
struct ReplayTests {
    static let recordings = ["weft", "ref"].flatMap { dialler in
        ["clear", "sealed"].flatMap { sealing in
            ["v1", "v2"].map { "\(dialler)-dialled-\(sealing)-\($0)" }
        }
    }
    /// weft in the middle of a line of three, and at its end behind a reference router.
    static let relays = ["clear", "sealed"].flatMap {
        ["relay-between-references-\($0)", "end-behind-reference-\($0)"]
    }

    @Test("each recorded byte is sent again, and the connection is established", arguments: recordings + relays)
    func replays(recording: String) throws {
        let lines = try Fixture.text("interop/\(recording).jsonl").split(separator: "\n").map {
            try JSONDecoder().decode(RecordedLine.self, from: Data($0.utf8))
        }
        var replay = try Replay(lines)
        var compared = 0
        for line in lines where line.what != nil {
            if try replay.isEffect(line) { compared += 1 }
        }
        #expect(replay.unclaimed.isEmpty, "sent beyond the recording: \(replay.unclaimed)")
        #expect(compared > 5)
        // A recording may go on until the other router ended.
        let joined = try #require(replay.joined, "never established with a route")
        // The first connection at that moment, where there are two.
        let others =
            recording.hasPrefix("relay") ? ["host1", "host3"] : recording.hasPrefix("end") ? ["host2"] : ["host1"]
        #expect(others.contains(joined.nickname ?? ""))
        #expect(joined.isEncrypted == recording.contains("sealed"))
        #expect(joined.version == (recording.hasSuffix("v1") ? 1 : 2))
    }
}

/// One line of a recording.
struct RecordedLine: Decodable {
    let at: Int64?
    let what: String?
    let random: String?
    let link: String?
    let name, nickname, uid, password: String?
    let port: UInt16?
    let minimumVersion, maximumVersion: UInt8?
    let discovery, replace: Bool?
    let connectionLimit: Int?
    let targets: [String]?
    let local, remote, reason, bytes: String?
    let tag: UInt8?
}

/// A machine that is fed a recording.
private struct Replay {
    var router: MeshRouter
    /// What the machine wanted since the last event, in the recording's form, and the recording has not claimed yet.
    var unclaimed: [String] = []
    /// The connection as it was when it last was established, with both peers known and a route between them.
    private(set) var joined: ConnectionView?

    init(_ lines: [RecordedLine]) throws {
        let begin = try #require(lines.first { $0.what == "begin" })
        let randoms = lines.compactMap { $0.random.flatMap { UInt64($0) } }
        let configuration = MeshConfiguration(
            name: try #require(begin.name.flatMap { PeerName(text: $0) }),
            nickname: String(decoding: try #require(bytes(hexadecimal: begin.nickname ?? "")), as: UTF8.self),
            uid: try #require(begin.uid.flatMap { UInt64($0) }),
            port: PortNumber(rawValue: try #require(begin.port)),
            password: try begin.password.map { try #require(bytes(hexadecimal: $0)) },
            minimumVersion: try #require(begin.minimumVersion), maximumVersion: try #require(begin.maximumVersion),
            discovery: try #require(begin.discovery as Bool?), connectionLimit: try #require(begin.connectionLimit))
        router = MeshRouter(
            configuration: configuration, cryptography: SodiumCryptography(), random: Recorded(numbers: randoms),
            at: MonotonicInstant(nanoseconds: try #require(begin.at)))
    }

    /// Feeds an event, or claims an effect of the one before; true for an effect.
    mutating func isEffect(_ line: RecordedLine) throws -> Bool {
        switch line.what {
        case "begin": return false
        case "send", "close", "finish", "controlForOverlay":
            let wanted = "\(line.what ?? "") \(line.link ?? "") \(line.tag ?? 0) \(line.bytes ?? "")"
            #expect(unclaimed.first == wanted)
            if !unclaimed.isEmpty { unclaimed.removeFirst() }
            return true
        default:
            #expect(unclaimed.isEmpty, "sent what the recording has not: \(unclaimed)")
            unclaimed = []
            let now = MonotonicInstant(nanoseconds: try #require(line.at))
            for effect in router.handle(try event(line), at: now) {
                switch effect {
                case .send(let link, let bytes): unclaimed.append("send \(link.rawValue) 0 \(hexadecimal(bytes))")
                case .finish(let link, _): unclaimed.append("finish \(link.rawValue) 0 ")
                case .close(let link, _): unclaimed.append("close \(link.rawValue) 0 ")
                case .overlayControl(let link, _, let tag, let body):
                    unclaimed.append("controlForOverlay \(link.rawValue) \(tag) \(hexadecimal(body))")
                default: break
                }
            }
            if let connection = router.connections().first, connection.state == .established,
                router.peers().count >= 2, !router.routes.unicast.isEmpty
            {
                joined = connection
            }
            return false
        }
    }

    private func event(_ line: RecordedLine) throws -> MeshEvent {
        func link() throws -> LinkID { LinkID(rawValue: try #require(line.link.flatMap { UInt64($0) })) }
        func endpoint(_ text: String?) throws -> Endpoint { try #require(text.flatMap { Endpoint(text: $0) }) }
        func content(_ text: String?) throws -> [UInt8] { try #require(text.flatMap { bytes(hexadecimal: $0) }) }
        func words(_ text: String?) throws -> String { String(decoding: try content(text), as: UTF8.self) }
        switch line.what {
        case "start": return .start
        case "timer": return .timer
        case "connect":
            return .connect(
                try #require(line.targets).compactMap { Target(text: $0) }, replace: try #require(line.replace as Bool?)
            )
        case "recall":
            return .recall(try #require(line.targets).compactMap { PeerAddress(text: $0) })
        case "accepted":
            return .accepted(try link(), local: try endpoint(line.local), remote: try endpoint(line.remote))
        case "dialled": return .dialled(try link(), local: try endpoint(line.local), remote: try endpoint(line.remote))
        case "dialFailed": return .dialFailed(try link(), reason: try words(line.reason))
        case "received": return .received(try link(), try content(line.bytes))
        case "closed": return .closed(try link(), reason: try words(line.reason))
        case "drained": return .drained(try link())
        case "overlayEstablished": return .overlay(try link(), .established)
        case "overlayFailed": return .overlay(try link(), .failed(reason: try words(line.reason)))
        case "overlayControl":
            return .overlay(try link(), .control(tag: try #require(line.tag), body: try content(line.bytes)))
        default: throw DeadlinePassed(description: "unknown line: \(line.what ?? "nothing")")
        }
    }
}

/// The numbers of a recording, in order; a machine that draws more than it did then has changed.
private struct Recorded: RandomNumberGenerator, Sendable {
    var numbers: [UInt64]
    private var position = 0

    init(numbers: [UInt64]) {
        self.numbers = numbers
    }

    mutating func next() -> UInt64 {
        defer { position += 1 }
        return position < numbers.count ? numbers[position] : 0
    }
}
