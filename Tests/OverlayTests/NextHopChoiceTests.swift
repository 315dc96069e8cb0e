import Overlay
import TestSupport
import Testing
import Wire

@Suite("Choosing among next hops")
struct NextHopChoiceTests {
    private let hops: [PeerName]

    init() throws {
        hops = try (1...4).map { try #require(PeerName(rawValue: 0x0200_0000_0000 + $0)) }
    }

    private func choice(
        among hops: [PeerName]? = nil, usual: Int? = nil, former: Int? = nil, milliseconds: [Int: Double]
    ) -> PeerName? {
        NextHopChoice.hop(
            among: hops ?? self.hops, usual: usual.map { self.hops[$0] }, former: former.map { self.hops[$0] },
            roundTrips: Dictionary(
                uniqueKeysWithValues: milliseconds.map { (self.hops[$0], .microseconds(Int64($1 * 1_000))) }))
    }

    @Test("the lowest round trip wins; of equal ones the lower name")
    func lowest() {
        #expect(choice(usual: 0, milliseconds: [0: 20, 1: 5, 2: 5, 3: 9]) == hops[1])
        #expect(choice(usual: 0, milliseconds: [3: 9]) == hops[3])
    }

    @Test("without measurements it is the protocol's hop, and without that the lowest name")
    func unmeasured() {
        #expect(choice(usual: 2, milliseconds: [:]) == hops[2])
        #expect(choice(among: [hops[1], hops[3]], usual: 2, milliseconds: [:]) == hops[1])
        #expect(choice(among: [hops[3]], usual: 2, former: 2, milliseconds: [2: 1]) == hops[3])
        #expect(choice(among: [], usual: 2, milliseconds: [2: 1]) == nil)
    }

    @Test(
        "a hop in use stays until another has three quarters of its round trip and is a millisecond better",
        arguments: [
            (20.0, 15.1, false), (20.0, 15.0, true), (20.0, 1.0, true), (1.2, 0.3, false), (1.2, 0.2, true),
            (0.4, 0.05, false), (5.0, 5.0, false), (5.0, 9.0, false),
        ])
    func margin(current: Double, other: Double, changes: Bool) {
        #expect(choice(former: 1, milliseconds: [1: current, 2: other]) == hops[changes ? 2 : 1])
    }

    @Test("a hop in use that is not measured stays, and one that is gone does not")
    func formerGone() {
        #expect(choice(usual: 0, former: 1, milliseconds: [2: 1]) == hops[1])
        #expect(choice(among: [hops[0], hops[2]], usual: 0, former: 1, milliseconds: [0: 5, 2: 4]) == hops[2])
    }

    @Test("round trips that waver within the margin never change a hop", arguments: 1...20 as ClosedRange<UInt64>)
    func noFlapping(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var current = choice(usual: 0, milliseconds: [0: 10, 1: 10, 2: 10])
        let first = current
        for _ in 0..<200 {
            let wavering = (0...2).map { ($0, Double.random(in: 8.6...11.4, using: &random)) }
            current = choice(
                former: current.flatMap { hops.firstIndex(of: $0) },
                milliseconds: Dictionary(uniqueKeysWithValues: wavering))
            #expect(current == first)
        }
    }

    @Test("a longer way is believed after four measurements, a shorter one at once")
    func window() {
        var window = RoundTripWindow()
        #expect(window.lowest == nil)
        for milliseconds in [10, 80, 90, 100] { window.add(.milliseconds(milliseconds)) }
        #expect(window.lowest == .milliseconds(10))
        window.add(.milliseconds(70))
        #expect(window.lowest == .milliseconds(70))
        window.add(.milliseconds(3))
        #expect(window.lowest == .milliseconds(3))
    }

    @Test("a snapshot sends by the fastest open next hop, keeps it, and leaves the trees alone")
    func snapshots() throws {
        let own = try #require(PeerName(rawValue: 0x0200_0000_00aa))
        let far = try #require(PeerName(rawValue: 0x0200_0000_00bb))
        let slots = Dictionary(
            uniqueKeysWithValues: hops.enumerated().map { ($1, PeerSlot(index: $0, generation: 1)) })
        func built(
            _ roundTrips: [PeerName: Duration], without: PeerName? = nil, former: ForwardingSnapshot?
        ) -> ForwardingSnapshot {
            .build(
                ownName: own, knownPeers: Set(hops + [own, far]),
                unicast: [hops[0]: hops[0], far: hops[0]], firstHops: [hops[0]: [hops[0]], far: Array(hops[0...2])],
                broadcast: [own: hops, hops[1]: [hops[2]]], neighbours: slots.filter { $0.key != without },
                roundTrips: roundTrips, former: former)
        }
        let start = built([:], former: nil)
        #expect(start.isConsistent && start.unicast == [hops[0]: hops[0], far: hops[0]])
        let fast = built([hops[0]: .milliseconds(30), hops[2]: .milliseconds(3)], former: start)
        #expect(fast.unicast == [hops[0]: hops[0], far: hops[2]])
        #expect(fast.broadcast == start.broadcast)
        let nearly = built([hops[0]: .microseconds(2_500), hops[2]: .milliseconds(3)], former: fast)
        #expect(nearly == fast)
        let closed = built([hops[0]: .milliseconds(2), hops[2]: .milliseconds(1)], without: hops[2], former: fast)
        #expect(closed.unicast[far] == hops[0] && closed.isConsistent)
    }
}
