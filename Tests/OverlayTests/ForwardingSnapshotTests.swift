import Overlay
import TestSupport
import Testing
import Wire

@Suite("Forwarding snapshots")
struct ForwardingSnapshotTests {
    private let peers: [PeerName]

    init() throws {
        peers = try (1...6).map { try #require(PeerName(rawValue: 0x0200_0000_0000 + $0)) }
    }

    private func slot(_ index: Int) -> PeerSlot {
        PeerSlot(index: index, generation: 1)
    }

    @Test("routes over confirmed neighbours are kept, and lead to their slots")
    func build() {
        let snapshot = ForwardingSnapshot.build(
            ownName: peers[0], knownPeers: Set(peers[0...3]),
            unicast: [peers[1]: peers[1], peers[2]: peers[1], peers[3]: peers[3]],
            broadcast: [peers[0]: [peers[1], peers[3]], peers[2]: [peers[3]]],
            neighbours: [peers[1]: slot(4), peers[3]: slot(7)])
        #expect(snapshot.isConsistent)
        #expect(snapshot.slot(toward: peers[2]) == slot(4) && snapshot.slot(toward: peers[3]) == slot(7))
        #expect(snapshot.slot(toward: peers[0]) == nil && snapshot.slot(toward: peers[4]) == nil)
        #expect(snapshot.broadcastSlots(from: peers[0]) == [slot(4), slot(7)])
        #expect(snapshot.broadcastSlots(from: peers[1]).isEmpty)
    }

    @Test("hops without a slot, unknown peers and routes to ourselves are left out")
    func leavesOut() {
        let snapshot = ForwardingSnapshot.build(
            ownName: peers[0], knownPeers: Set(peers[1...2]),
            unicast: [peers[0]: peers[1], peers[1]: peers[1], peers[2]: peers[2], peers[4]: peers[1]],
            broadcast: [peers[0]: [peers[2], peers[1]], peers[1]: [peers[2]], peers[5]: [peers[1]]],
            neighbours: [peers[1]: slot(0)])
        #expect(snapshot.isConsistent)
        #expect(snapshot.knownPeers == Set(peers[0...2]))
        #expect(snapshot.unicast == [peers[1]: peers[1]])
        #expect(snapshot.broadcast == [peers[0]: [peers[1]]])
    }

    @Test("alone, only we are known and nothing is forwarded")
    func alone() {
        let snapshot = ForwardingSnapshot.alone(peers[0])
        #expect(snapshot.isConsistent && snapshot.knownPeers == [peers[0]])
        #expect(snapshot.unicast.isEmpty && snapshot.broadcast.isEmpty && snapshot.neighbours.isEmpty)
    }

    @Test("a snapshot made by hand is told to be inconsistent by each of its faults")
    func faults() {
        func snapshot(
            known: [PeerName]? = nil, neighbours: [PeerName: PeerSlot]? = nil, unicast: [PeerName: PeerName] = [:],
            broadcast: [PeerName: [PeerName]] = [:]
        ) -> ForwardingSnapshot {
            ForwardingSnapshot(
                ownName: peers[0], knownPeers: Set(known ?? Array(peers[0...2])),
                neighbours: neighbours ?? [peers[1]: slot(1), peers[2]: slot(2)], unicast: unicast,
                broadcast: broadcast)
        }
        #expect(snapshot().isConsistent)
        let faulty = [
            snapshot(known: [peers[1], peers[2]]),
            snapshot(neighbours: [peers[0]: slot(1)]),
            snapshot(neighbours: [peers[1]: slot(1), peers[2]: slot(1)]),
            snapshot(unicast: [peers[0]: peers[1]]),
            snapshot(unicast: [peers[2]: peers[3]]),
            snapshot(unicast: [peers[4]: peers[1]]),
            snapshot(broadcast: [peers[1]: [peers[3]]]),
            snapshot(broadcast: [peers[4]: [peers[1]]]),
            snapshot(broadcast: [peers[1]: [peers[2], peers[2]]]),
        ]
        for (index, snapshot) in faulty.enumerated() { #expect(!snapshot.isConsistent, "fault \(index)") }
    }

    @Test("whatever the routes hold, what is built is consistent and equal to itself built again", arguments: 1...50)
    func random(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        func subset() -> [PeerName] { peers.filter { _ in Bool.random(using: &random) } }
        let known = Set(subset())
        var neighbours: [PeerName: PeerSlot] = [:]
        for (index, peer) in subset().enumerated() { neighbours[peer] = slot(index) }
        var unicast: [PeerName: PeerName] = [:]
        var broadcast: [PeerName: [PeerName]] = [:]
        for peer in subset() { unicast[peer] = peers[Int.random(in: 0..<6, using: &random)] }
        for peer in subset() { broadcast[peer] = subset() + subset() }
        func built() -> ForwardingSnapshot {
            .build(
                ownName: peers[0], knownPeers: known, unicast: unicast, broadcast: broadcast, neighbours: neighbours)
        }
        #expect(built().isConsistent)
        #expect(built() == built())
        for (destination, hop) in built().unicast {
            #expect(unicast[destination] == hop && built().slot(toward: destination) == neighbours[hop])
        }
    }
}
