import Mesh
import Overlay
import Simulation
import Testing
import Wire

/// A check that cannot fail checks nothing.
@Suite struct CheckTests {
    private static func name(_ number: UInt64) -> PeerName { PeerName(rawValue: 0x0200_0000_0000 + number) ?? .unknown }
    private static let (a, b, c, d) = (name(1), name(2), name(3), name(4))

    private func snapshot(
        _ own: PeerName, neighbours: [PeerName], unicast: [PeerName: PeerName], broadcast: [PeerName: [PeerName]]
    ) -> ForwardingSnapshot {
        var slots: [PeerName: PeerSlot] = [:]
        for (index, name) in neighbours.enumerated() { slots[name] = PeerSlot(index: index, generation: 1) }
        return ForwardingSnapshot(
            ownName: own, knownPeers: [Self.a, Self.b, Self.c], neighbours: slots, unicast: unicast,
            broadcast: broadcast)
    }

    /// A–B–C.
    private var line: [PeerName: ForwardingSnapshot] {
        let (a, b, c) = (Self.a, Self.b, Self.c)
        return [
            a: snapshot(a, neighbours: [b], unicast: [b: b, c: b], broadcast: [a: [b]]),
            b: snapshot(b, neighbours: [a, c], unicast: [a: a, c: c], broadcast: [a: [c], b: [a, c], c: [a]]),
            c: snapshot(c, neighbours: [b], unicast: [a: b, b: b], broadcast: [c: [b]]),
        ]
    }

    @Test("forwarding in a line is found to be right")
    func right() {
        #expect(ForwardingWalk.fault(among: [Self.a, Self.b, Self.c], line) == nil)
    }

    @Test("a loop, a dead end, a second copy and a missing one are found")
    func wrong() {
        let (a, b, c) = (Self.a, Self.b, Self.c)
        var broken = line
        broken[b] = snapshot(b, neighbours: [a, c], unicast: [a: a, c: a], broadcast: [a: [c], b: [a, c], c: [a]])
        #expect(ForwardingWalk.fault(among: [a, b, c], broken)?.contains("loop") == true)
        broken[b] = snapshot(b, neighbours: [a], unicast: [a: a, c: c], broadcast: [a: [c], b: [a, c], c: [a]])
        #expect(ForwardingWalk.fault(among: [a, b, c], broken)?.contains("no way") == true)
        broken[b] = snapshot(
            b, neighbours: [a, c], unicast: [a: a, c: c], broadcast: [a: [a, c], b: [a, c], c: [a]])
        #expect(ForwardingWalk.fault(among: [a, b, c], broken)?.contains("twice") == true)
        broken[b] = snapshot(b, neighbours: [a, c], unicast: [a: a, c: c], broadcast: [b: [a, c], c: [a]])
        #expect(ForwardingWalk.fault(among: [a, b, c], broken)?.contains("does not come") == true)
    }

    /// The square A–B, A–C, B–D, C–D; C–D is established for C only if `isWhole` is false.
    private func square(isWhole: Bool = true) -> [PeerName: PeerRecord] {
        let (a, b, c, d) = (Self.a, Self.b, Self.c, Self.d)
        func record(_ name: PeerName, _ others: [(PeerName, Bool)]) -> PeerRecord {
            PeerRecord(
                name: name, nickname: "", uid: 1, version: 1, shortID: nil,
                connections: others.map {
                    ConnectionRecord(remote: $0.0, address: "", isOutbound: true, isEstablished: $0.1)
                })
        }
        return [
            a: record(a, [(b, true), (c, true)]), b: record(b, [(a, true), (d, true)]),
            c: record(c, [(a, true), (d, true)]), d: record(d, [(b, true), (c, isWhole)]),
        ]
    }

    @Test("next hops of either shortest way are right, a detour, a missing and an impossible one are not")
    func views() {
        let (a, b, c, d) = (Self.a, Self.b, Self.c, Self.d)
        let names: Set<PeerName> = [a, b, c, d]
        func fault(_ unicast: [PeerName: PeerName], isWhole: Bool = true) -> String? {
            ViewChecker.fault(own: a, records: square(isWhole: isWhole), knownPeers: names, unicast: unicast)
        }
        #expect(fault([b: b, c: c, d: b]) == nil)
        #expect(fault([b: b, c: c, d: c]) == nil)
        #expect(fault([b: b, c: c, d: b], isWhole: false) == nil)
        #expect(fault([b: b, c: c, d: c], isWhole: false)?.contains("does not lead") == true)
        #expect(fault([b: c, c: c, d: b])?.contains("does not lead") == true)
        #expect(fault([b: b, c: c])?.contains("can be reached") == true)
        #expect(fault([b: b, c: c, d: d])?.contains("does not lead") == true)
    }
}
