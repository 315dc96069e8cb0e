import AllocationCounter
@testable import DataPlane
import PacketIO
import Sleeve
import TestSupport
import Testing

@Suite(
    "memory of the packet path", .serialized,
    .enabled(if: allocations_are_counted() != 0, "a sanitizer has its own allocation functions"))
struct AllocationTests {
    /// What the given work asks for, run a few times before so that lazily made things are there.
    private func allocations(_ body: () -> Void) -> Int {
        for _ in 0..<4 { body() }
        let before = allocations_of_this_thread()
        for _ in 0..<50 { body() }
        return allocations_of_this_thread() - before
    }

    @Test("the counter counts")
    func counter() {
        // Fifty arrays; the count is at least that.
        #expect(allocations { withExtendedLifetime([UInt8](repeating: 1, count: 100)) {} } >= 50)
    }

    /// Encoded frames that take every branch: super-frames of both kinds, small packets, floods, too big ones.
    private func frames(_ pair: Pair) -> [[UInt8]] {
        var superFrame = ModelFrame(bytes: RandomFrames.datagram(bytes: 40_000, 3))
        superFrame.leaveUnfinished()
        superFrame.kind = 5
        superFrame.segmentBytes = 1_000
        var random = RandomFrames(random: SeededGenerator(seed: 9), mtu: 1_400, destination: PathTests.container)
        return [superFrame.encoded, ModelFrame(bytes: RandomFrames.datagram(bytes: 3_000, 1)).encoded]
            + (0..<60).flatMap { _ in random.next().map(\.encoded) }
    }

    @Test("neither direction asks for memory, whatever the frames", arguments: [false, true], [false, true])
    func everyBatch(isSealed: Bool, carriesFragments: Bool) throws {
        let pair = try Pair(Pair.Options(isSealed: isSealed, carriesFragments: carriesFragments))
        let teach = ModelFrame(bytes: [UInt8](repeating: 0xff, count: 6) + PathTests.container + [0x90, 0, 1, 2, 3, 4])
        #expect(pair.second.port.write(teach))
        pair.carry()
        let frames = frames(pair)
        var toPeers = 0
        var toBridge = 0
        for _ in 0..<10 {
            for frame in frames {
                #expect(pair.first.port.write(encoded: frame))
                let start = allocations_of_this_thread()
                _ = pair.first.plane.loop.carryToPeers(at: 1_000_000_000)
                let middle = allocations_of_this_thread()
                _ = pair.second.plane.loop.carryToBridge(at: 1_000_000_000)
                let end = allocations_of_this_thread()
                toPeers += middle - start
                toBridge += end - middle
                pair.first.port.drain()
                pair.second.port.drain()
            }
        }
        #expect(toPeers == 0)
        #expect(toBridge == 0)
        #expect(pair.first.plane.counters().value("datagrams-sent") > 1_000)
        #expect(pair.second.plane.counters().value("super-frames-injected") > 10)
    }

    @Test("a relay asks for no memory, for unicasts, floods and answers", arguments: RelayTests.Sealing.allCases)
    func relay(sealing: RelayTests.Sealing) throws {
        let mesh = try HostMesh(4, HostMesh.line(3) + [(2, 4)]) {
            Pair.Options(isSealed: sealing.isSealed($0), underlayMTU: $0 == (2, 3) ? 1_300 : 1_500)
        }
        try mesh.teach(3)
        var random = RandomFrames(
            random: SeededGenerator(seed: 9), mtu: 1_400, destination: HostMesh.container(3))
        let frames =
            [
                RandomFrames.superFrame(40, of: 1_380, from: HostMesh.container(1), to: HostMesh.container(3)),
                RandomFrames.superFrame(40, of: 1_000, from: HostMesh.container(1), to: HostMesh.container(3)),
            ].map(\.encoded) + (0..<60).flatMap { _ in random.next().map(\.encoded) }
        var asked = 0
        for _ in 0..<10 {
            for frame in frames {
                #expect(mesh[1].port.write(encoded: frame))
                _ = mesh[1].plane.loop.carryToPeers(at: 1_000_000_000)
                let start = allocations_of_this_thread()
                _ = mesh[2].plane.loop.carryToBridge(at: 1_000_000_000)
                asked += allocations_of_this_thread() - start
                mesh.carry(at: 1)
                for number in mesh.numbers { mesh[number].port.drain() }
            }
        }
        #expect(asked == 0)
        let counters = mesh[2].plane.counters()
        #expect(counters.value("frames-relayed") > 1_000)
        #expect(counters.value("too-big-replies") > 5)
    }
}
