import Mesh
import TestSupport
import Testing
import Wire

@Suite struct GossipQueueTests {
    private func peers(_ numbers: UInt8...) -> GossipNews {
        .items(Set(numbers.map { .peer(TestNetwork.name($0)) }))
    }

    @Test("news join what waits in their slot; neighbour gossip goes first, then sources in their order")
    func slots() {
        var queue = GossipQueue()
        let sources = [TestNetwork.name(7), TestNetwork.name(3)]
        _ = queue.add(peers(1), channel: "a", source: sources[0])
        _ = queue.add(peers(2), channel: "b", source: nil)
        _ = queue.add(peers(3), channel: "a", source: sources[1])
        _ = queue.add(peers(4), channel: "a", source: sources[0])
        _ = queue.add(peers(5), channel: "a", source: nil)
        _ = queue.add(peers(6), channel: "a", source: nil)
        var parcels: [GossipQueue.Parcel] = []
        while let parcel = queue.next() { parcels.append(parcel) }
        #expect(
            parcels == [
                .init(channel: "a", source: nil, news: peers(5, 6)),
                .init(channel: "a", source: sources[0], news: peers(1, 4)),
                .init(channel: "a", source: sources[1], news: peers(3)),
                .init(channel: "b", source: nil, news: peers(2)),
            ])
        #expect(queue.isEmpty)
    }

    @Test("everything swallows items, before and after")
    func everything() {
        var queue = GossipQueue()
        _ = queue.add(peers(1), channel: "a", source: nil)
        _ = queue.add(.everything, channel: "a", source: nil)
        _ = queue.add(peers(2), channel: "a", source: nil)
        #expect(queue.next()?.news == .everything)
        #expect(queue.next() == nil)
    }

    @Test("foreign payloads wait up to 64 and 1 MiB, the oldest go first, and are counted")
    func bounds() {
        var queue = GossipQueue()
        var dropped = 0
        for number in 0..<70 as Range<UInt8> {
            dropped += queue.add(.payloads([[number]]), channel: "x", source: nil)
        }
        #expect(dropped == 6)
        #expect(queue.next()?.news == .payloads((6..<70).map { [$0] }))
        let large = [UInt8](repeating: 0, count: 400 << 10)
        for _ in 0..<3 { dropped += queue.add(.payloads([large]), channel: "x", source: nil) }
        #expect(dropped == 7)
        #expect(queue.next()?.news == .payloads([large, large]))
    }

    @Test("foreign neighbour gossip is passed on once in an interval, broadcasts always")
    func surrogates() {
        var surrogates = SurrogateChannels()
        let start = MonotonicInstant(nanoseconds: 0)
        let payload: [UInt8] = [1, 2]
        #expect(surrogates.receive(payload, as: .neighbour, channel: "x", at: start) == .payloads([payload]))
        #expect(surrogates.receive(payload, as: .neighbour, channel: "x", at: start + .seconds(29)) == nil)
        #expect(surrogates.receive(payload, as: .neighbour, channel: "y", at: start) == .payloads([payload]))
        #expect(
            surrogates.receive(payload, as: .neighbour, channel: "x", at: start + .seconds(30)) == .payloads([payload]))
        #expect(surrogates.receive(payload, as: .broadcast, channel: "x", at: start) == .payloads([payload]))
        #expect(surrogates.receive(payload, as: .broadcast, channel: "x", at: start) == .payloads([payload]))
        #expect(surrogates.receive([], as: .neighbour, channel: String(repeating: "n", count: 65), at: start) == nil)
        #expect(surrogates.refused == 1)
    }

    @Test("16 foreign channels have room besides the two of Weave Net, which always have, whoever comes first")
    func surrogateRoom() {
        let start = MonotonicInstant(nanoseconds: 0)
        let strange = (0..<17).map { "c\($0)" }
        for names in [["IPallocation", "nameserver"] + strange, strange + ["IPallocation", "nameserver"]] {
            var surrogates = SurrogateChannels()
            for name in names { _ = surrogates.receive([1], as: .broadcast, channel: name, at: start) }
            #expect(surrogates.names == (["IPallocation", "nameserver"] + strange.dropLast()).sorted())
            #expect(surrogates.refused == 1)
        }
    }
}
