@testable import DataPlane
import Overlay
import PacketIO
import Sleeve
import TestSupport
import Testing
import Wire

/// Whole meshes of data planes in one process, each a host of its own.
@Suite("relaying")
struct RelayTests {
    /// How the links of a mesh are sealed.
    enum Sealing: CaseIterable {
        case clear, sealed, mixed

        func isSealed(_ link: HostMesh.Link) -> Bool {
            switch self {
            case .clear: false
            case .sealed: true
            case .mixed: link.0.isMultiple(of: 2)
            }
        }
    }

    private let first = HostMesh.container(1)

    @Test(
        "frames of every kind arrive over relays as sent, in order, byte for byte, and none of them on the way",
        arguments: [3, 5], Sealing.allCases)
    func everyKind(count: Int, sealing: Sealing) throws {
        for carriesFragments in [false, true] {
            let mesh = try HostMesh(count, HostMesh.line(count)) {
                Pair.Options(isSealed: sealing.isSealed($0), carriesFragments: carriesFragments)
            }
            try mesh.teach(count)
            var frames = RandomFrames(
                random: SeededGenerator(seed: UInt64(count)), mtu: 1_300, destination: HostMesh.container(count))
            let path = ModelPath(mtu: 1_414, carriesFragments: carriesFragments, isFlood: false)
            var expected = ModelPath.Outcome()
            for _ in 0..<30 {
                for frame in frames.next() where frame.bytes[0] & 1 == 0 {
                    try #require(mesh[1].port.write(frame))
                    let outcome = path.send([frame])
                    expected.unfragmented += outcome.unfragmented
                    expected.plain += outcome.plain
                }
                try #require(mesh.carry())
            }
            let segments = mesh[count].port.readAll().flatMap { $0.segments() }
            let unfragmented = segments.filter { path.isUnfragmented($0) }.map(\.withoutMeaninglessNumber)
            let plain = segments.filter { !path.isUnfragmented($0) }
            #expect(unfragmented == expected.unfragmented.map(\.withoutMeaninglessNumber))
            #expect(plain == expected.plain)
            #expect(unfragmented.count + plain.count > 100)
            for relay in 2..<count { #expect(mesh[relay].port.readAll() == []) }
        }
    }

    @Test(
        "a relay sends what arrived as rows as rows: a super-frame is one call, and nothing touches the bridge",
        arguments: Sealing.allCases)
    func rows(sealing: Sealing) throws {
        let mesh = try HostMesh(5, HostMesh.line(5)) { Pair.Options(isSealed: sealing.isSealed($0)) }
        try mesh.teach(5)
        let frame = RandomFrames.superFrame(46, of: 1_380, from: first, to: HostMesh.container(5))
        let before = mesh.numbers.map { mesh[$0].plane.counters() }
        try #require(mesh[1].port.write(frame))
        _ = mesh[1].plane.loop.carryToPeers(at: 1_000_000_000)
        for relay in 2...4 {
            // 46 datagrams of 1,428 to 1,452 bytes are more than one row holds.
            #expect(mesh[relay].plane.loop.carryToBridge(at: 1_000_000_000) == 2, "messages at \(relay)")
            let (now, then) = (mesh[relay].plane.counters(), before[relay - 1])
            #expect(now.value("datagrams-sent") - then.value("datagrams-sent") == 46)
            #expect(now.value("send-calls") - then.value("send-calls") == 1)
            #expect(now.value("frames-relayed") - then.value("frames-relayed") == 46)
            #expect(now.value("frames-injected") == then.value("frames-injected"))
        }
        #expect(mesh[5].plane.loop.carryToBridge(at: 1_000_000_000) == 2)
        // All of it is one super-frame again.
        let got = mesh[5].port.readAll()
        #expect(got.count == 1)
        #expect(got.flatMap { $0.segments() } == frame.segments())
    }

    @Test("under load a relay sends at the end of messages, and its rows stay whole")
    func load() throws {
        let mesh = try HostMesh(3, HostMesh.line(3))
        try mesh.teach(3)
        var expected: [[UInt8]] = []
        for salt in 0..<6 {
            let frame = RandomFrames.superFrame(44, of: 1_380, from: first, to: HostMesh.container(3), salt: salt)
            expected += frame.segments()
            try #require(mesh[1].port.write(frame))
            _ = mesh[1].plane.loop.carryToPeers(at: 1_000_000_000)
        }
        let before = mesh[2].plane.counters()
        #expect(mesh[2].plane.loop.carryToBridge(at: 1_000_000_000) == 6)
        #expect(mesh[2].plane.counters().value("send-calls") - before.value("send-calls") == 3)
        #expect(mesh[3].plane.loop.carryToBridge(at: 1_000_000_000) == 6)
        #expect(mesh[3].port.readAll().flatMap { $0.segments() } == expected)
    }

    @Test("a flood leaves a relay in rows for each neighbour, not frame by frame")
    func floodRows() throws {
        // 1 – 2, and 3, 4, 5 behind 2.
        let mesh = try HostMesh(5, [(1, 2), (2, 3), (2, 4), (2, 5)])
        let group: [UInt8] = [0x01, 0, 0x5e, 1, 2, 3]
        let frame = RandomFrames.superFrame(40, of: 1_380, from: first, to: group)
        try #require(mesh[1].port.write(frame))
        _ = mesh[1].plane.loop.carryToPeers(at: 1_000_000_000)
        _ = mesh[2].plane.loop.carryToBridge(at: 1_000_000_000)
        #expect(mesh[2].plane.counters().value("datagrams-sent") == 120)
        for leaf in 3...5 {
            #expect(mesh[leaf].plane.loop.carryToBridge(at: 1_000_000_000) == 1, "one message of 40 datagrams")
            #expect(mesh[leaf].port.readAll().flatMap { $0.segments() } == frame.segments())
        }
        #expect(mesh[2].port.readAll().flatMap { $0.segments() } == frame.segments())
    }

    @Test("each host gets each broadcast once, in lines, rings, stars, trees and random meshes", arguments: 0..<14)
    func broadcastOnce(shape: Int) throws {
        var random = SeededGenerator(seed: UInt64(shape) + 1)
        let (count, links): (Int, [HostMesh.Link]) =
            switch shape {
            case 0: (5, HostMesh.line(5))
            case 1...5: (shape + 2, HostMesh.ring(shape + 2))
            case 6: (6, (2...6).map { (1, $0) })
            case 7: (7, (2...7).map { ($0 / 2, $0) })
            case 8: (6, (1...5).flatMap { a in ((a + 1)...6).map { (a, $0) } })
            // Two islands and one host between them.
            case 9: (7, [(1, 2), (2, 3), (1, 3), (3, 4), (4, 5), (5, 6), (6, 7), (5, 7)])
            default:
                (
                    8,
                    HostMesh.line(8)
                        + (1...6).flatMap { a in ((a + 2)...8).map { (a, $0) } }
                        .filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
                )
            }
        let mesh = try HostMesh(count, links) { Pair.Options(isSealed: Sealing.mixed.isSealed($0)) }
        for source in mesh.numbers {
            let hello = HostMesh.hello(source)
            try #require(mesh[source].port.write(hello))
            try #require(mesh.carry())
            for (number, got) in mesh.readAll() { #expect(got == (number == source ? [] : [hello])) }
        }
        // As many copies as there are other hosts: no tree sends one in vain.
        #expect(mesh.total("datagrams-sent") == UInt64(count * (count - 1)))
        #expect(mesh.total("dropped-returning") == 0)
    }
}
