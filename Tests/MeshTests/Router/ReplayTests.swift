import Foundation
import Mesh
import Sealing
import TestSupport
import Testing
import Wire

/// Plays one side of a recorded session of two Weave Net routers to a `MeshRouter` in the place of the other.
@Suite struct ReplayTests {
    struct Sidecar: Decodable {
        struct Stream: Decodable { let items: [Item] }
        struct Item: Decodable {
            let channel: String?
            let payload: Payload?
        }
        /// Topology payloads are lists; those of other channels don't matter here.
        enum Payload: Decodable {
            case peers([Peer])
            case other
            init(from decoder: any Decoder) throws {
                self = (try? [Peer](from: decoder)).map { .peers($0) } ?? .other
            }
        }
        struct Peer: Decodable {
            struct Connection: Decodable, Hashable {
                let name: String
                let address: String
                let isOutbound: Bool
                let isEstablished: Bool
                enum CodingKeys: String, CodingKey {
                    case name = "Name"
                    case address = "RemoteTCPAddr"
                    case isOutbound = "Outbound"
                    case isEstablished = "Established"
                }
            }
            let name: String
            let nickname: String
            let uid: String
            let version: UInt64
            let connections: [Connection]
            enum CodingKeys: String, CodingKey {
                case name = "Name"
                case nickname = "NickName"
                case uid = "UID"
                case version = "Version"
                case connections = "Connections"
            }
        }
        struct Crypto: Decodable {
            let password: String
            let serverPrivateKey: String
        }
        let crypto: Crypto?
        let clientStream: Stream

        /// The newest record of each peer in the stream.
        var newest: [String: Peer] {
            var newest: [String: Peer] = [:]
            for item in clientStream.items where item.channel == "topology" {
                guard case .peers(let peers) = item.payload else { continue }
                for peer in peers where peer.version >= newest[peer.name]?.version ?? 0 { newest[peer.name] = peer }
            }
            return newest
        }
    }

    private let now = MonotonicInstant(nanoseconds: 0)
    private let link = LinkID.accepted(1)

    /// Gives the recorded private key where the router draws one: after its short id and the first half-id.
    private struct ScriptedGenerator: RandomNumberGenerator, Sendable {
        var numbers: [UInt64]
        mutating func next() -> UInt64 { numbers.isEmpty ? 1 : numbers.removeFirst() }

        init(privateKey: [UInt8]) {
            let words = stride(from: 0, to: privateKey.count, by: 8).map { start in
                privateKey[start..<start + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            }
            numbers = [7, 8] + words
        }
    }

    /// A, `02:00:00:00:0b:01`, as it stood in the recording.
    private func routerA(version: UInt8, _ crypto: Sidecar.Crypto?) throws -> MeshRouter {
        let name = try #require(PeerName(text: "02:00:00:00:0b:01"))
        let key = bytes(hexadecimal: crypto?.serverPrivateKey ?? "") ?? []
        return MeshRouter(
            configuration: MeshConfiguration(
                name: name, nickname: "peer-A", uid: 7, password: crypto.map { Array($0.password.utf8) },
                minimumVersion: version, maximumVersion: version, discovery: false),
            cryptography: SodiumCryptography(),
            random: ScriptedGenerator(privateKey: key.isEmpty ? [UInt8](repeating: 5, count: 32) : key), at: now)
    }

    private func replay(_ fixture: String, version: UInt8, piece: Int, usesKeys: Bool = true) throws
        -> (MeshRouter, [MeshEffect], Sidecar)
    {
        let sidecar = try Fixture.json("mesh/sessions/\(fixture).json", as: Sidecar.self)
        let crypto = sidecar.crypto.map {
            usesKeys ? $0 : Sidecar.Crypto(password: "another", serverPrivateKey: $0.serverPrivateKey)
        }
        var router = try routerA(version: version, crypto)
        var effects = router.handle(.start, at: now)
        let local = try #require(Endpoint(text: "10.77.1.1:6783"))
        let remote = try #require(Endpoint(text: "10.77.1.2:50167"))
        effects += router.handle(.accepted(link, local: local, remote: remote), at: now)
        var bytes = try Fixture.bytes("mesh/sessions/\(fixture).client-to-server.bin")[...]
        var at = now
        while !bytes.isEmpty {
            let next = bytes.prefix(piece)
            bytes = bytes.dropFirst(piece)
            at = at + .milliseconds(1)
            effects += router.handle(.received(link, Array(next)), at: at)
            effects += router.handle(.drained(link), at: at)
        }
        effects += router.handle(.timer, at: at + .milliseconds(200))
        return (router, effects, sidecar)
    }

    @Test(
        "after a recorded stream the topology is what the recording's last records say",
        arguments: [
            ("v2-clear-AB", UInt8(2)), ("v1-clear-AB", 1), ("v2-encrypted-AB", 2), ("v1-encrypted-AB", 1),
        ], [1, 97, 100_000])
    func topology(session: (name: String, version: UInt8), piece: Int) throws {
        let (router, effects, sidecar) = try replay(session.name, version: session.version, piece: piece)
        for case .close(_, let reason) in effects { Issue.record("closed: \(reason)") }
        let expected = sidecar.newest
        #expect(expected.count == 3)
        for peer in router.peers() where "\(peer.name)" != "02:00:00:00:0b:01" {
            let last = try #require(expected["\(peer.name)"])
            #expect(peer.version == last.version)
            #expect(peer.nickname == last.nickname)
            #expect("\(peer.uid)" == last.uid)
            #expect(
                Set(
                    peer.connections.map {
                        Sidecar.Peer.Connection(
                            name: "\($0.name)", address: $0.address, isOutbound: $0.isOutbound,
                            isEstablished: $0.isEstablished)
                    }) == Set(last.connections))
        }
        // B is connected to us; whether C is still there is what the last records say.
        let namesOfB = try #require(expected["02:00:00:00:0b:02"]).connections.map(\.name)
        let reachable = Set(namesOfB + ["02:00:00:00:0b:02"])
        #expect(reachable.isSubset(of: Set(router.peers().map { "\($0.name)" })))
        #expect(router.carriedChannels == ["IPallocation", "nameserver"])
        #expect(router.connections().map(\.state) == [.pending])
        #expect(router.connections().first?.version == session.version)
    }

    @Test("a recorded former self makes our version jump beyond it")
    func formerSelf() throws {
        let (router, _, sidecar) = try replay("v2-clear-AB", version: 2, piece: 4_096)
        let own = try #require(router.peers().first { "\($0.name)" == "02:00:00:00:0b:01" })
        let former = try #require(sidecar.newest["02:00:00:00:0b:01"])
        #expect(own.version > former.version)
        #expect(own.uid == 7)
    }

    @Test("a recorded sealed stream does not open with another password, and the reason says so")
    func anotherPassword() throws {
        let (_, effects, _) = try replay("v2-encrypted-AB", version: 2, piece: 4_096, usesKeys: false)
        let reasons = effects.compactMap { if case .close(_, let reason) = $0 { reason } else { nil } }
        #expect(reasons.count == 1)
        #expect(reasons.first?.contains("passwords differ") == true)
    }
}
