@testable import DataPlane
import Overlay
import PacketIO
import Sleeve
import TestSupport
import Testing
import Wire

/// Relays where something does not fit: packets, routes, or the amount.
@Suite("relaying within limits")
struct RelayLimitsTests {
    private let first = HostMesh.container(1)

    private func datagram(_ bytes: Int, from: [UInt8], to: [UInt8], salt: Int = 1) -> ModelFrame {
        var frame = ModelFrame(bytes: RandomFrames.datagram(bytes: bytes, salt))
        frame.bytes.replaceSubrange(0..<12, with: to + from)
        return frame
    }

    @Test(
        "over links of different sizes each relay does what the model says for its next link",
        arguments: [false, true], [[1_500, 1_200, 700], [700, 9_000, 1_500], [9_000, 1_500, 1_400]])
    func differentLinks(carriesFragments: Bool, sizes: [Int]) throws {
        let mesh = try HostMesh(4, HostMesh.line(4)) {
            Pair.Options(
                isSealed: $0.0 == 2, underlayMTU: sizes[$0.0 - 1], carriesFragments: carriesFragments)
        }
        try mesh.teach(4)
        let paths = (1...3).map {
            ModelPath(
                mtu: sizes[$0 - 1] - SleeveLayout.overhead(isSealed: $0 == 2), carriesFragments: carriesFragments,
                isFlood: false)
        }
        var frames = RandomFrames(
            random: SeededGenerator(seed: UInt64(sizes[0])), mtu: 1_600, destination: HostMesh.container(4))
        var (unfragmented, plain, replies): ([[UInt8]], [[UInt8]], [[UInt8]]) = ([], [], [])
        for _ in 0..<60 {
            for frame in frames.next() where frame.bytes[0] & 1 == 0 {
                try #require(mesh[1].port.write(frame))
                var outcome = paths[0].send([frame])
                replies += outcome.replies
                for path in paths.dropFirst() {
                    // Singly: a relay knows nothing of super-frames.
                    let next = (outcome.unfragmented + outcome.plain).map { path.send([ModelFrame(bytes: $0)]) }
                    replies += next.flatMap(\.replies)
                    outcome.unfragmented = next.flatMap(\.unfragmented)
                    outcome.plain = next.flatMap(\.plain)
                }
                unfragmented += outcome.unfragmented
                plain += outcome.plain
            }
            try #require(mesh.carry())
        }
        let got = mesh[4].port.readAll().flatMap { $0.segments() }
        #expect(
            got.filter { paths[0].isUnfragmented($0) }.map(\.withoutMeaninglessNumber)
                == unfragmented.map(\.withoutMeaninglessNumber))
        #expect(got.filter { !paths[0].isUnfragmented($0) } == plain)
        #expect(unfragmented.count + plain.count > 100)
        // Of equal packets in a batch one is answered.
        let answers = mesh[1].port.readAll().map(\.bytes)
        #expect(Set(answers).isSubset(of: Set(replies)))
        #expect(!answers.isEmpty)
        for relay in 2...3 { #expect(mesh[relay].port.readAll() == []) }
    }

    @Test("“fragmentation needed” of a relay in the middle reaches the source over other relays, once for a batch")
    func answer() throws {
        let mesh = try HostMesh(5, HostMesh.line(5)) { Pair.Options(underlayMTU: $0.0 == 3 ? 1_000 : 1_500) }
        try mesh.teach(5)
        let far = HostMesh.container(5)
        let path = ModelPath(mtu: 938, carriesFragments: false, isFlood: false)
        let single = datagram(1_200, from: first, to: far)
        try #require(mesh[1].port.write(single))
        try #require(mesh.carry())
        #expect(mesh[1].port.readAll().map(\.bytes) == path.send([single]).replies)
        #expect(mesh[3].plane.counters().value("too-big-replies") == 1)

        // The segments of a super-frame are so many packets to a relay.
        let many = RandomFrames.superFrame(30, of: 1_200, from: first, to: far)
        try #require(mesh[1].port.write(many))
        try #require(mesh.carry())
        #expect(mesh[1].port.readAll().map(\.bytes) == path.send([ModelFrame(bytes: many.segments()[0])]).replies)
        #expect(mesh[3].dropped("too-big") == 31)
        // What fits goes through as before.
        let small = datagram(800, from: first, to: far)
        try #require(mesh[1].port.write(small))
        try #require(mesh.carry())
        #expect(mesh[5].port.readAll() == [small])
    }

    @Test("a neighbour that hands over nothing but too large packets is answered 256 times a second")
    func answerFlood() throws {
        let mesh = try HostMesh(3, HostMesh.line(3)) { Pair.Options(underlayMTU: $0.0 == 2 ? 1_000 : 1_500) }
        try mesh.teach(3)
        func answers(at second: Int64) throws -> Int {
            for number in 0..<300 {
                // As from ever other containers.
                var frame = datagram(1_200, from: first, to: HostMesh.container(3))
                frame.setWord(28, number)
                frame.finishNetwork()
                frame.finishTransport()
                try #require(mesh[1].port.write(frame))
                try #require(mesh.carry(at: second))
            }
            return mesh[1].port.readAll().count
        }
        #expect(try answers(at: 100) == 256)
        #expect(try answers(at: 101) == 256)
    }

    @Test("two hosts that each think the other nearer do not throw a frame to and fro")
    func unicastLoop() throws {
        let mesh = try HostMesh(3, HostMesh.line(3))
        try mesh.teach(3)
        // The second host has heard that the third is behind the first.
        mesh.route([(1, 2), (1, 3)], of: [2])
        let sent = mesh.total("datagrams-sent")
        try #require(mesh[1].port.write(datagram(100, from: first, to: HostMesh.container(3))))
        try #require(mesh.carry())
        #expect(mesh.total("datagrams-sent") - sent == 1)
        #expect(mesh[2].dropped("returning") == 1)
        #expect(mesh[2].port.readAll() == [])
    }

    @Test("a frame that went in a circle ends where it entered the overlay")
    func circle() throws {
        let mesh = try HostMesh(4, HostMesh.ring(3) + [(3, 4)])
        try mesh.teach(4)
        for number in 1...3 {
            let next = Host.name(number % 3 + 1)
            mesh[number].publish(
                unicast: Dictionary(uniqueKeysWithValues: (1...4).map { (Host.name($0), next) }), broadcast: [:])
        }
        let sent = mesh.total("datagrams-sent")
        try #require(mesh[1].port.write(datagram(100, from: first, to: HostMesh.container(4))))
        try #require(mesh.carry())
        #expect(mesh.total("datagrams-sent") - sent == 3)
        #expect(mesh[1].dropped("own-returned") == 1)
        for number in mesh.numbers { #expect(mesh[number].port.readAll() == []) }
    }

    @Test("a flood is not sent back to where it came from, whatever tree a host believes in")
    func floodLoop() throws {
        let mesh = try HostMesh(3, HostMesh.ring(3))
        mesh.route([(1, 3), (1, 2)], of: [1, 3])
        mesh.route([(2, 3), (1, 2)], of: [2])
        try #require(mesh[3].port.write(HostMesh.hello(3)))
        try #require(mesh.carry())
        #expect(mesh.total("datagrams-sent") == 2)
        #expect(mesh[2].dropped("returning") == 1)
        #expect(mesh[1].port.readAll().count == 1 && mesh[2].port.readAll().count == 1)
    }

    /// Super-frames of 60 KiB to an address that nobody has; returns how many of them the last host got whole.
    private func floodUnknown(_ mesh: HostMesh, count: Int, at second: Int64) throws -> Int {
        let last = mesh.numbers.upperBound
        let frame = RandomFrames.superFrame(48, of: 1_280, from: first, to: HostMesh.container(200))
        let bytes = frame.encoded
        var whole = 0
        for _ in 0..<count {
            try #require(mesh[1].port.write(encoded: bytes))
            try #require(mesh.carry(at: second))
            if mesh[last].port.readAll().map(\.bytes.count) == [frame.bytes.count] { whole += 1 }
            for number in 2..<last { mesh[number].port.drain() }
        }
        return whole
    }

    @Test("frames to an unknown address go to everybody, 8 MiB at once and 4 MiB a second, and no more")
    func unknownAddress() throws {
        let mesh = try HostMesh(4, [(1, 2), (1, 3), (1, 4)])
        // A super-frame of 61,482 bytes is 61 KiB begun.
        #expect(try floodUnknown(mesh, count: 200, at: 100) == 8_192 / 61 + 1)
        #expect(mesh[1].dropped("unknown-flood") == 200 - (8_192 / 61 + 1))
        #expect(try floodUnknown(mesh, count: 100, at: 101) == 4_096 / 61 + 1)
        // Broadcasts, and what is known, are not concerned.
        try #require(mesh[1].port.write(HostMesh.hello(1)))
        try #require(mesh.carry(at: 101))
        #expect(mesh[2].port.readAll() == [HostMesh.hello(1)])
    }

    @Test("a relay bounds what a source behind it floods for want of an address, and gives its own bridge all of it")
    func unknownAddressAtRelay() throws {
        // The first host has one neighbour, and so no bound of its own.
        let mesh = try HostMesh(3, HostMesh.line(3))
        let whole = try floodUnknown(mesh, count: 160, at: 100)
        // Segments of 1,322 bytes are two KiB begun each.
        #expect(whole == 8_192 / 96)
        #expect(mesh[1].dropped("unknown-flood") == 0)
        #expect(mesh[2].dropped("unknown-flood") == UInt64(160 * 48 - 8_192 / 2))
        #expect(mesh[2].plane.counters().value("bytes-injected") > 160 * 60_000)
    }
}
