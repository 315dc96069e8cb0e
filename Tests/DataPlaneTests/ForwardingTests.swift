@testable import DataPlane
import Overlay
import PacketIO
import Sleeve
import TestSupport
import Testing
import Wire

@Suite("the forwarding table and its reclamation")
struct ForwardingTests {
    @Test("a compiled snapshot answers like the snapshot", arguments: [1, 2, 7, 300])
    func compiled(peers: Int) throws {
        var random = SeededGenerator(seed: UInt64(peers))
        let names = (0..<peers).map { _ in PeerName(rawValue: random.next() >> 16) ?? .unknown }
        let own = names[0]
        var slots: [PeerName: PeerSlot] = [:]
        for (index, name) in names.enumerated() where index > 0 && index % 3 != 0 {
            slots[name] = PeerSlot(index: index, generation: 1)
        }
        let neighbours = Array(slots.keys)
        var unicast: [PeerName: PeerName] = [:]
        var broadcast: [PeerName: [PeerName]] = [:]
        for name in names.dropFirst() {
            unicast[name] = neighbours.randomElement(using: &random)
            broadcast[name] = neighbours.filter { _ in Bool.random(using: &random) }
        }
        let snapshot = ForwardingSnapshot(
            ownName: own, knownPeers: Set(names), neighbours: slots, unicast: unicast, broadcast: broadcast)
        let table = try ForwardingTable(snapshot) { $0.index != 1 }
        let view = table.view
        slots = slots.filter { $0.value.index != 1 }
        #expect(view.ownName == own.rawValue)
        for name in names {
            let entry = try #require(view.peer(name.rawValue))
            #expect(entry.ownSlot == slots[name]?.index)
            #expect(entry.nextHop == unicast[name].flatMap { slots[$0]?.index })
            let list = (0..<entry.broadcastCount).map { view.slot(entry, $0) }
            #expect(list == (broadcast[name] ?? []).compactMap { slots[$0]?.index })
        }
        #expect(view.peer(0) == nil)
        #expect(view.peer(random.next() >> 16) == nil)
    }

    @Test("an epoch has passed only when no thread is inside it or before it")
    func epochs() throws {
        let clock = try EpochClock(threads: 2)
        let (first, second) = (clock.announcer(0), clock.announcer(1))
        // The macro cannot take a value with one owner.
        func passed(_ epoch: UInt64) -> Bool { clock.hasPassed(epoch) }
        let before = clock.advance()
        #expect(passed(before))
        first.enter()
        let ended = clock.advance()
        #expect(!passed(ended))
        second.enter()
        #expect(!passed(ended))
        first.leave()
        // The second began after the change.
        #expect(passed(ended))
        let next = clock.advance()
        first.enter()
        #expect(!passed(next))
        second.leave()
        #expect(passed(next))
    }

    @Test("a closed slot is used again only after every thread has passed")
    func slotReuse() throws {
        let host = try Host(1, maximumPeers: 1)
        let other = try Host(2)
        let options = Pair.Options(isSealed: true)
        let slot = try host.connect(to: other, key: options.key, path: options.path)
        #expect(throws: DataPlaneError.tooManyPeers(limit: 1)) {
            try host.connect(to: other, key: nil, path: options.path)
        }
        host.plane.closeSlot(slot)
        #expect(host.plane.slotCounters(slot) == nil)
        #expect(host.plane.send(.heartbeat(connectionUID: 1), on: slot) == .noRemote)
        let again = try host.connect(to: other, key: options.key, path: options.path)
        #expect(again.index == slot.index && again.generation != slot.generation)
        // A late call for the former connection changes nothing.
        host.plane.closeSlot(slot)
        #expect(host.plane.send(.heartbeat(connectionUID: 1), on: again) == .sent)
    }
}
