import Mesh
import Sealing
import TestSupport
import Testing
import Wire

/// A router against one end that is ours to misuse.
@Suite struct HostilePeerTests {
    /// A peer made of nothing but its protocol machine.
    struct Puppet {
        var router: MeshRouter
        var wire: MeshLink
        var now = MonotonicInstant(nanoseconds: 0)
        let link: LinkID
        var closeReason: String?
        var received: [MeshMessage] = []

        init(number: UInt8 = 9, extensions: Set<MeshExtension> = [], channels: [any GossipChannel] = []) throws {
            router = MeshRouter(
                configuration: MeshConfiguration(name: TestNetwork.name(1), nickname: "one", uid: 1, discovery: false),
                cryptography: SodiumCryptography(), random: SeededGenerator(seed: 3),
                channels: channels, at: now)
            _ = router.handle(.start, at: now)
            wire = Puppet.wire(number: number, extensions: extensions)
            link = .accepted(UInt64(number))
            try greet(from: number)
        }

        private static func wire(number: UInt8, extensions: Set<MeshExtension>) -> MeshLink {
            MeshLink(
                role: .dialler,
                configuration: LinkConfiguration(
                    identity: LinkIdentity(
                        name: TestNetwork.name(number), nickname: "puppet", uid: 99, shortID: nil,
                        trustsRemote: false, overlays: ["sleeve"], extensions: extensions),
                    minimumVersion: 2, maximumVersion: 2, password: nil, halfID: UInt64(number),
                    privateKey: [UInt8](repeating: number, count: 32)),
                cryptography: SodiumCryptography())
        }

        /// The handshake once more, with another router in the place of the first.
        mutating func greetAgain() throws {
            wire = Puppet.wire(number: UInt8(truncatingIfNeeded: link.rawValue), extensions: [])
            try greet(from: UInt8(truncatingIfNeeded: link.rawValue))
        }

        private mutating func greet(from number: UInt8) throws {
            let local = Endpoint(.v4(IPv4Address(rawValue: 0x0a00_0001)), .mesh)
            let remote = Endpoint(.v4(IPv4Address(rawValue: 0x0a00_0000 + UInt32(number))), PortNumber(rawValue: 4_000))
            let hello = wire.start()
            try take(router.handle(.accepted(link, local: local, remote: remote), at: now))
            for case .send(let bytes) in hello { try give(bytes) }
        }

        mutating func give(_ bytes: [UInt8]) throws {
            try take(router.handle(.received(link, bytes), at: now))
        }

        mutating func say(_ message: MeshMessage) throws {
            try give(wire.encode(message))
        }

        mutating func wait(_ duration: Duration) throws {
            now = now + duration
            try take(router.handle(.timer, at: now))
        }

        mutating func take(_ effects: [MeshEffect]) throws {
            for effect in effects {
                switch effect {
                case .send(let to, let bytes) where to == link:
                    for output in try wire.receive(bytes) {
                        if case .message(let message) = output { received.append(message) }
                    }
                case .close(let which, let reason) where which == link: closeReason = reason
                case .finish(let which, let reason) where which == link: closeReason = reason
                default: break
                }
            }
        }
    }

    private func topology(_ records: PeerRecord...) -> MeshMessage {
        .gossip(channel: "topology", source: TestNetwork.name(9), payload: TopologyCodec.encode(records))
    }

    private func record(_ number: UInt8, version: UInt64 = 1, to remotes: [UInt8] = []) -> PeerRecord {
        PeerRecord(
            name: TestNetwork.name(number), nickname: "n", uid: 5, version: version, shortID: nil,
            connections: remotes.map {
                ConnectionRecord(
                    remote: TestNetwork.name($0), address: "10.0.0.\($0):6783", isOutbound: true, isEstablished: true)
            })
    }

    @Test("a topology payload that is not gob closes the connection, and says so")
    func badTopology() throws {
        var puppet = try Puppet()
        try puppet.say(.gossip(channel: "topology", source: TestNetwork.name(9), payload: [1, 2, 3]))
        #expect(puppet.closeReason?.contains("topology") == true)
        #expect(puppet.router.counters.closures["protocol"] == 1)
    }

    @Test("a topology unicast closes the connection")
    func topologyUnicast() throws {
        var puppet = try Puppet()
        try puppet.say(
            .unicast(channel: "topology", source: TestNetwork.name(9), destination: TestNetwork.name(1), payload: []))
        #expect(puppet.closeReason?.contains("unicast") == true)
    }

    @Test("foreign payloads are never decoded, whatever they hold", arguments: ["IPallocation", "nameserver", ""])
    func foreignPayload(channel: String) throws {
        var puppet = try Puppet()
        try puppet.say(.broadcast(channel: channel, source: TestNetwork.name(9), payload: [0xff, 0xff]))
        try puppet.say(.gossip(channel: channel, source: TestNetwork.name(9), payload: []))
        #expect(puppet.closeReason == nil)
        #expect(puppet.router.carriedChannels == [channel])
    }

    @Test("channels beyond the limit are dropped")
    func tooManyChannels() throws {
        var puppet = try Puppet()
        for number in 0..<40 {
            try puppet.say(.broadcast(channel: "c\(number)", source: TestNetwork.name(9), payload: [1]))
        }
        #expect(puppet.closeReason == nil)
        #expect(puppet.router.carriedChannels.count == 16)
    }

    @Test("a forged version near the end of the numbers cannot freeze a name, not even ours")
    func forgedVersion() throws {
        var puppet = try Puppet()
        try puppet.say(topology(record(1, version: .max), record(9, version: 1, to: [4]), record(4, version: .max - 1)))
        #expect(puppet.router.peers().map(\.version).max() ?? .max < 100)
        #expect(puppet.router.counters.recordsRefused == 2)
    }

    @Test("a name forged up to the limit is heard again: its owner goes beyond, and is believed")
    func forgedToTheLimit() throws {
        let limit = UInt64(1) << 63
        var puppet = try Puppet()
        try puppet.say(
            topology(record(1, version: limit), record(9, version: 1, to: [1, 4]), record(4, version: limit)))
        let own = try #require(puppet.router.peers().first { $0.name == TestNetwork.name(1) })
        #expect(own.version > limit)
        try puppet.say(topology(record(4, version: limit + 1)))
        #expect(puppet.router.peers().first { $0.name == TestNetwork.name(4) }?.version == limit + 1)
        try puppet.say(topology(record(4, version: .max)))
        #expect(puppet.router.peers().first { $0.name == TestNetwork.name(4) }?.version == limit + 1)
    }

    @Test("a unicast to an unknown peer, or back to where it came from, is dropped and counted")
    func unicastWithoutWay() throws {
        var puppet = try Puppet()
        try puppet.say(topology(record(9, to: [1, 4]), record(4)))
        try puppet.wait(.milliseconds(200))
        puppet.received = []
        for number in [4, 8] as [UInt8] {
            try puppet.say(
                .unicast(channel: "x", source: TestNetwork.name(9), destination: TestNetwork.name(number), payload: [1])
            )
        }
        #expect(puppet.received.isEmpty)
        #expect(puppet.router.counters.unicastsDropped == 2)
        #expect(puppet.closeReason == nil)
    }

    @Test("overlay control for an overlay that was not agreed on closes the connection")
    func overlayIndex() throws {
        var puppet = try Puppet()
        try puppet.say(.overlayControl(index: 1, tag: 1, body: []))
        #expect(puppet.closeReason?.contains("not agreed") == true)
    }

    @Test("a handshake that drips is cut off after 10 seconds in all")
    func slowHandshake() throws {
        var router = MeshRouter(
            configuration: MeshConfiguration(name: TestNetwork.name(1), nickname: "", uid: 1),
            cryptography: SodiumCryptography(), random: SeededGenerator(seed: 1), at: MonotonicInstant(nanoseconds: 0))
        var now = MonotonicInstant(nanoseconds: 0)
        let end = Endpoint(.v4(.loopback), .mesh)
        let link = LinkID.accepted(1)
        _ = router.handle(.accepted(link, local: end, remote: end), at: now)
        for byte in Array("weave".utf8) + [1, 2, 0] {
            now = now + .seconds(1)
            _ = router.handle(.received(link, [byte]), at: now)
        }
        #expect(router.connections().count == 1)
        let effects = router.handle(.timer, at: now + .seconds(3))
        let reasons = effects.compactMap { if case .close(link, let reason) = $0 { reason } else { nil } }
        #expect(reasons.count == 1 && reasons[0].contains("10 s"))
    }

    @Test("only so many handshakes of one address are under way at once")
    func handshakeBudget() throws {
        let now = MonotonicInstant(nanoseconds: 0)
        var router = MeshRouter(
            configuration: MeshConfiguration(name: TestNetwork.name(1), nickname: "", uid: 1),
            cryptography: SodiumCryptography(), random: SeededGenerator(seed: 1), at: now)
        let end = Endpoint(.v4(.loopback), .mesh)
        var closed: [LinkID] = []
        func accept(_ number: Int) {
            let effects = router.handle(.accepted(.accepted(UInt64(number)), local: end, remote: end), at: now)
            for case .close(let link, _) in effects { closed.append(link) }
        }
        for number in 1...32 {
            accept(number)
            // The second one talks.
            if number == 2 { _ = router.handle(.received(.accepted(2), Array("weave".utf8)), at: now) }
        }
        #expect(closed.isEmpty)
        for number in 33...34 { accept(number) }
        #expect(closed == [.accepted(1), .accepted(3)])
        _ = router.handle(.closed(.accepted(4), reason: "reset"), at: now)
        accept(35)
        #expect(closed.count == 2)
    }

    @Test("ten thousand connections that say nothing keep no honest peer out, and fill no log")
    func idleFlood() throws {
        var puppet = try Puppet()
        let local = Endpoint(.v4(IPv4Address(rawValue: 0x0a00_0001)), .mesh)
        var notes = 0
        var closed: Set<LinkID> = []
        for number in UInt64(100)..<10_100 {
            let remote = Endpoint(
                .v4(IPv4Address(rawValue: 0x0a01_0000 + UInt32(number % 600))), PortNumber(rawValue: 4_000))
            for effect in puppet.router.handle(
                .accepted(.accepted(number), local: local, remote: remote), at: puppet.now)
            {
                if case .note(let note) = effect, note.level != .debug { notes += 1 }
                if case .close(let link, _) = effect { closed.insert(link) }
            }
            // An honest peer speaks at once, and has its handshake done before the flood has gone once around.
            if number == 5_000 { puppet.router = try honest(puppet.router, at: puppet.now, closed: &closed) }
        }
        #expect(notes < 30)
        #expect(puppet.router.connections().count <= 2 + 128)
        #expect(!closed.contains(.accepted(7)))
        #expect(puppet.router.connections().contains { $0.peer == TestNetwork.name(7) })
    }

    /// The router after another puppet has shaken hands with it.
    private func honest(_ router: MeshRouter, at now: MonotonicInstant, closed: inout Set<LinkID>) throws -> MeshRouter
    {
        var other = try Puppet(number: 7)
        other.router = router
        other.now = now
        try other.greetAgain()
        return other.router
    }

    @Test("a peer that takes nothing for 60 seconds is closed, however much it talks")
    func stalled() throws {
        var puppet = try Puppet()
        for _ in 0..<70 where puppet.closeReason == nil {
            try puppet.say(.heartbeat)
            try puppet.wait(.seconds(1))
        }
        #expect(puppet.closeReason?.contains("taken nothing") == true)
    }

    @Test("gossip waits in its slots while the connection takes nothing, and is sent once it does")
    func slowReader() throws {
        var puppet = try Puppet()
        for version in 1...2_000 as ClosedRange<UInt64> {
            try puppet.say(topology(record(9, version: version, to: [1])))
            _ = puppet.router.handle(.overlay(puppet.link, .control(tag: 3, body: [1, 2])), at: puppet.now)
        }
        #expect(puppet.closeReason == nil)
        let effects = puppet.router.handle(.drained(puppet.link), at: puppet.now)
        #expect(effects.count < 20)
    }
}
