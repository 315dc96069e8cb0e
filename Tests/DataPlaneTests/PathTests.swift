import DataPlane
import PacketIO
import Sleeve
import TestSupport
import Testing

/// Random frames through two whole data planes, compared byte for byte with the naive model.
@Suite("the packet path against the model")
struct PathTests {
    static let container: [UInt8] = [0x02, 0xdd, 0, 0, 0, 1]
    static let offloads: [Set<PacketFacility.Kind>] = [
        [], [.udpSegmentation], [.udpReceiveOffload],
        [.udpSegmentation, .udpReceiveOffload, .separateSocket, .tapOffloads],
    ]

    @Test(
        "every kind of frame arrives as the model says, in order, byte for byte",
        arguments: offloads, [1_500, 700, 9_000])
    func everyKind(disabled: Set<PacketFacility.Kind>, underlayMTU: Int) throws {
        for isSealed in [false, true] {
            for carriesFragments in [false, true] {
                for isFlood in [false, true] {
                    let options = Pair.Options(
                        disabled: disabled, isSealed: isSealed, underlayMTU: underlayMTU,
                        carriesFragments: carriesFragments)
                    for containerMTU in [underlayMTU - 100, underlayMTU + 500] {
                        try compare(options, containerMTU: containerMTU, isFlood: isFlood, seed: UInt64(containerMTU))
                    }
                }
            }
        }
    }

    private func compare(_ options: Pair.Options, containerMTU: Int, isFlood: Bool, seed: UInt64) throws {
        let pair = try Pair(options)
        if !isFlood { try teach(pair) }
        var frames = RandomFrames(
            random: SeededGenerator(seed: seed), mtu: containerMTU, destination: PathTests.container)
        let path = ModelPath(mtu: options.path.mtu, carriesFragments: options.carriesFragments, isFlood: isFlood)
        var expected = ModelPath.Outcome()
        var got = ModelPath.Outcome()
        for round in 0..<3 {
            for _ in 0..<6 {
                for frame in frames.next() {
                    try #require(pair.first.port.write(frame))
                    // Groups are flooded even where the rest is not.
                    var own = path
                    own.isFlood = isFlood || frame.bytes[0] & 1 != 0
                    let outcome = own.send([frame])
                    expected.unfragmented += outcome.unfragmented
                    expected.plain += outcome.plain
                    expected.replies += outcome.replies
                }
            }
            pair.carry()
            for frame in pair.second.port.readAll() {
                for bytes in frame.segments() {
                    if path.isUnfragmented(bytes) { got.unfragmented.append(bytes) } else { got.plain.append(bytes) }
                }
            }
            got.replies += pair.first.port.readAll().map(\.bytes)
            let comment = Comment(rawValue: "\(options), container \(containerMTU), flood \(isFlood), round \(round)")
            try #require(difference(expected.unfragmented, got.unfragmented) == nil, comment)
            try #require(difference(expected.plain, got.plain) == nil, comment)
            try #require(difference(expected.replies, got.replies) == nil, comment)
        }
        #expect(expected.unfragmented.count + expected.plain.count > 15, "the model sent something to compare")
    }

    /// Where two lists of frames differ first, nil if nowhere.
    private func difference(_ expected: [[UInt8]], _ got: [[UInt8]]) -> String? {
        func hex(_ bytes: [UInt8]?) -> String {
            guard let bytes else { return "nothing" }
            return "\(bytes.count): " + bytes.prefix(80).map { String(Int($0) + 256, radix: 16).dropFirst() }.joined()
        }
        for index in 0..<max(expected.count, got.count) {
            let left = index < expected.count ? expected[index].withoutMeaninglessNumber : nil
            let right = index < got.count ? got[index].withoutMeaninglessNumber : nil
            if left != right { return "frame \(index): expected \(hex(left)), got \(hex(right))" }
        }
        return nil
    }

    /// Lets the first host learn that the container is at the second.
    private func teach(_ pair: Pair) throws {
        let frame = ModelFrame(bytes: [UInt8](repeating: 0xff, count: 6) + PathTests.container + [0x90, 0, 1, 2, 3, 4])
        try #require(pair.second.port.write(frame))
        pair.carry()
        try #require(pair.first.port.readAll() == [frame])
    }

    @Test("UDP super-frames of every segment size from 1 on arrive whole")
    func everySize() throws {
        let pair = try Pair()
        let path = ModelPath(mtu: 1_438, carriesFragments: false, isFlood: true)
        for size in 1...1_400 {
            var frame = ModelFrame(bytes: RandomFrames.datagram(bytes: size * 5 + size / 2 + 1, size))
            frame.leaveUnfinished()
            frame.kind = 5
            frame.segmentBytes = size
            try #require(pair.first.port.write(frame))
            pair.carry()
            let got = pair.second.port.readAll().flatMap { $0.segments() }
            try #require(got == path.send([frame]).unfragmented, "segments of \(size) bytes")
        }
    }

    @Test("two full super-frames leave in one call")
    func oneCall() throws {
        let pair = try Pair()
        for salt in 0..<2 {
            var frame = ModelFrame(bytes: RandomFrames.datagram(bytes: 47 * 1_386, salt))
            frame.leaveUnfinished()
            frame.kind = 5
            frame.segmentBytes = 1_386
            try #require(pair.first.port.write(frame))
        }
        pair.carry()
        #expect(pair.first.plane.counters().value("datagrams-sent") == 94)
        #expect(pair.first.plane.counters().value("send-calls") == 1)
        #expect(pair.second.port.readAll().flatMap { $0.segments() }.count == 94)
    }

    @Test("segments of one super-frame come out as one super-frame again")
    func joined() throws {
        let pair = try Pair()
        var frame = ModelFrame(bytes: RandomFrames.datagram(bytes: 30 * 1_000, 3))
        frame.leaveUnfinished()
        frame.kind = 5
        frame.segmentBytes = 1_000
        try #require(pair.first.port.write(frame))
        pair.carry()
        let got = pair.second.port.readAll()
        #expect(got.count == 1)
        #expect(got.first?.segmentBytes == 1_000)
        #expect(got.first?.kind == 5)
        #expect(pair.second.plane.counters().value("super-frames-injected") == 1)
    }
}

extension RandomFrames {
    /// An IPv4 UDP datagram with DF and a number, its payload a pattern.
    static func datagram(bytes: Int, _ salt: Int) -> [UInt8] {
        let total = 28 + bytes
        let head: [UInt8] =
            [0x02, 0xdd, 0, 0, 0, 1, 0x02, 0xcc, 0, 0, 0, 1, 8, 0]
            + [
                0x45, 0, UInt8(total >> 8), UInt8(total & 255), 0x12, 0x34, 0x40, 0, 64, 17, 0, 0, 10, 32, 0, 1, 10, 32,
                0, 2,
            ]
            + [0x13, 0x88, 0, 53, UInt8((total - 20) >> 8), UInt8((total - 20) & 255), 0, 0]
        var frame = ModelFrame(bytes: head + (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ salt) })
        frame.finishNetwork()
        frame.finishTransport()
        return frame.bytes
    }
}
