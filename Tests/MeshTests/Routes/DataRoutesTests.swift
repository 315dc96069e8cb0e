import Mesh
import TestSupport
import Testing
import Wire

@Suite struct DataRoutesTests {
    @Test(
        "however a mesh changes, what is kept up to date equals what the protocol's algorithm finds from scratch",
        arguments: 1...24 as ClosedRange<UInt64>)
    func equalsPlain(seed: UInt64) {
        let percent = [3, 8, 15, 30, 60, 100][Int(seed % 6)]
        var mesh = ChangingMesh(seed: seed, peers: 2 + Int(seed % 17), percent: percent)
        let own = mesh.someone()
        var tables = RouteTables(ownName: own, records: mesh.records)
        var kept = DataRoutes(tables)
        // Too many counts to keep them.
        var frugal = DataRoutes(keptCounts: 0)
        for step in 0..<30 {
            // Sometimes several changes come at once.
            for _ in 0...(step % 4) { mesh.change(keeping: own) }
            let before = tables
            let isOther = tables.update(mesh.records)
            kept.update(to: tables)
            frugal.update(to: tables)
            let plain = PlainRoutes(records: mesh.records)
            #expect(tables.knownPeers == Set(mesh.names))
            #expect(tables.unicast == plain.unicast(of: own, .data), "step \(step)")
            #expect(tables.gossipUnicast == plain.unicast(of: own, .gossip), "step \(step)")
            #expect(tables.neighbours == plain.edges(own, .data).sorted())
            #expect(kept.broadcast == plain.broadcast(of: own), "step \(step)")
            #expect(kept.firstHops == plain.firstHops(of: own), "step \(step)")
            #expect(frugal.broadcast == kept.broadcast && frugal.firstHops == kept.firstHops)
            for source in mesh.names {
                #expect(tables.broadcastHops(from: source) == plain.hops(from: source, at: own, .data))
                // Asked twice: the second answer is a remembered one.
                let gossip = [tables.gossipHops(from: source), tables.gossipHops(from: source)]
                #expect(gossip.allSatisfy { $0 == plain.hops(from: source, at: own, .gossip) })
            }
            if !isOther {
                #expect(before.unicast == tables.unicast && before.broadcast == tables.broadcast)
                #expect(before.knownPeers == tables.knownPeers)
            }
        }
    }

    @Test("the usual next hop is one of the first hops, and each of them is nearer to the destination")
    func firstHopsHoldTheUsual() {
        let mesh = ChangingMesh(seed: 7, peers: 60, trees: 2)
        for own in mesh.names.prefix(10) {
            let tables = RouteTables(ownName: own, records: mesh.records)
            let hops = DataRoutes(tables).firstHops
            #expect(Set(hops.keys) == Set(tables.unicast.keys))
            for (destination, hop) in tables.unicast { #expect(hops[destination]?.contains(hop) == true) }
        }
    }

    @Test("equal records change nothing, and a change elsewhere in a mesh of a thousand costs few walks")
    func fewWalks() {
        var mesh = ChangingMesh(seed: 3, peers: 1_000, trees: 3)
        let own = mesh.someone()
        var tables = RouteTables(ownName: own, records: mesh.records)
        var kept = DataRoutes(tables)
        let first = kept.walksDone
        // Ourselves, our neighbours, and some of theirs: not one for each of the thousand sources.
        #expect((7...120).contains(first), "\(first)")
        let isOther = tables.update(mesh.records)
        #expect(!isOther)
        kept.update(to: tables)
        #expect(kept.walksDone == first)

        var walks: [Int] = []
        for _ in 0..<40 {
            let (a, b) = (mesh.someone(), mesh.someone())
            guard a != own, b != own else { continue }
            mesh.join(a, b)
            _ = tables.update(mesh.records)
            let before = kept.walksDone
            kept.update(to: tables)
            walks.append(kept.walksDone - before)
        }
        #expect(walks.contains(0))
        #expect(walks.reduce(0, +) < walks.count * first / 2, "\(walks)")
        #expect(kept.broadcast == DataRoutes(tables).broadcast)
        #expect(kept.firstHops == DataRoutes(tables).firstHops)
    }

    @Test("in a full mesh of sixty a peer that joins or leaves is in every table, and nobody relays")
    func fullMesh() {
        var mesh = ChangingMesh(seed: 1, peers: 60, percent: 100)
        let own = mesh.someone()
        var tables = RouteTables(ownName: own, records: mesh.records)
        var kept = DataRoutes(tables)
        #expect(kept.broadcast == [own: mesh.names.filter { $0 != own }])
        let leaving = mesh.names.first { $0 != own } ?? own
        mesh.removePeer(leaving)
        let isOther = tables.update(mesh.records)
        #expect(isOther)
        kept.update(to: tables)
        #expect(kept.broadcast == [own: mesh.names.filter { $0 != own }])
        #expect(kept.firstHops[leaving] == nil && kept.firstHops.count == 58)
    }
}
