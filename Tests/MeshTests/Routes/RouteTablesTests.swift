import Mesh
import TestSupport
import Testing
import Wire

@Suite struct RouteTablesTests {
    /// Records from undirected edges; `oneSided` are listed by their first end only.
    static func records(_ edges: [(UInt8, UInt8)], oneSided: [(UInt8, UInt8)] = []) -> [PeerName: PeerRecord] {
        var lists: [UInt8: [UInt8]] = [:]
        for (a, b) in edges {
            lists[a, default: []].append(b)
            lists[b, default: []].append(a)
        }
        for (a, b) in oneSided {
            lists[a, default: []].append(b)
            if lists[b] == nil { lists[b] = [] }
        }
        var records: [PeerName: PeerRecord] = [:]
        for (number, list) in lists {
            let name = TestNetwork.name(number)
            records[name] = PeerRecord(
                name: name, nickname: "", uid: 1, version: 1, shortID: nil,
                connections: list.map {
                    ConnectionRecord(
                        remote: TestNetwork.name($0), address: "", isOutbound: true, isEstablished: true)
                })
        }
        return records
    }

    private func tables(_ own: UInt8, _ records: [PeerName: PeerRecord]) -> RouteTables {
        RouteTables(ownName: TestNetwork.name(own), records: records)
    }

    private func names(_ numbers: UInt8...) -> [PeerName] { numbers.map { TestNetwork.name($0) } }

    @Test("in a square the lower of two peers at one distance forwards to the far corner")
    func square() {
        let square = Self.records([(1, 2), (1, 3), (2, 4), (3, 4)])
        #expect(tables(1, square).broadcastHops(from: TestNetwork.name(1)) == names(2, 3))
        #expect(tables(2, square).broadcastHops(from: TestNetwork.name(1)) == names(4))
        #expect(tables(3, square).broadcastHops(from: TestNetwork.name(1)).isEmpty)
        #expect(tables(4, square).broadcastHops(from: TestNetwork.name(1)).isEmpty)
        #expect(tables(1, square).unicast[TestNetwork.name(4)] == TestNetwork.name(2))
        #expect(tables(4, square).unicast[TestNetwork.name(1)] == TestNetwork.name(2))
    }

    @Test("in a line everything goes along, and nothing back")
    func line() {
        let line = Self.records([(1, 2), (2, 3), (3, 4)])
        #expect(tables(2, line).broadcastHops(from: TestNetwork.name(1)) == names(3))
        #expect(tables(2, line).broadcastHops(from: TestNetwork.name(4)) == names(1))
        #expect(tables(2, line).broadcastHops(from: TestNetwork.name(2)) == names(1, 3))
        #expect(
            tables(1, line).unicast == [2, 3, 4].reduce(into: [:]) { $0[TestNetwork.name($1)] = TestNetwork.name(2) })
    }

    @Test("a connection that one end does not list carries gossip, but no data")
    func oneSided() {
        let records = Self.records([(1, 2)], oneSided: [(2, 3)])
        #expect(tables(1, records).unicast.keys.sorted() == names(2))
        #expect(tables(1, records).gossipUnicast.keys.sorted() == names(2, 3))
        #expect(tables(2, records).neighbours == names(1))
        var second = tables(2, records)
        let gossipHops = second.gossipHops(from: TestNetwork.name(1))
        #expect(gossipHops == names(3))
        #expect(tables(2, records).broadcast[TestNetwork.name(1)] == nil)
        #expect(tables(1, records).knownPeers.count == 3)
    }

    @Test("a source that is unknown, or does not reach us, has no hops")
    func unknownSource() {
        let records = Self.records([(1, 2), (3, 4)])
        #expect(tables(1, records).broadcastHops(from: TestNetwork.name(9)).isEmpty)
        #expect(tables(1, records).broadcastHops(from: TestNetwork.name(3)).isEmpty)
        #expect(tables(1, records).unicast[TestNetwork.name(3)] == nil)
    }

    @Test(
        "in random meshes a broadcast reaches every peer of its part exactly once",
        arguments: 1...40 as ClosedRange<UInt64>)
    func everyPeerOnce(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let count = UInt8.random(in: 2...14, using: &random)
        var edges: [(UInt8, UInt8)] = []
        for a in 1...count {
            for b in 1...count where a < b && Int.random(in: 0..<100, using: &random) < 30 { edges.append((a, b)) }
        }
        let records = Self.records(edges)
        let all = records.keys.reduce(into: [:]) { $0[$1] = RouteTables(ownName: $1, records: records) }
        for source in records.keys {
            var received: [PeerName: Int] = [source: 1]
            var waiting = [source]
            while let peer = waiting.popLast() {
                for hop in all[peer]?.broadcastHops(from: source) ?? [] {
                    received[hop, default: 0] += 1
                    if received[hop] == 1 { waiting.append(hop) }
                }
            }
            let part = Set(all[source]?.unicast.keys.map { $0 } ?? []).union([source])
            #expect(Set(received.keys) == part)
            #expect(received.values.allSatisfy { $0 == 1 }, "source \(source), \(received)")
            // Following next hops arrives, and needs fewer steps each time.
            for destination in part where destination != source {
                var at = source
                for _ in 0..<part.count where at != destination { at = all[at]?.unicast[destination] ?? at }
                #expect(at == destination)
            }
        }
    }

    @Test(
        "the records alone say of each peer whether a way leads to it, as the tables do",
        arguments: 1...20 as ClosedRange<UInt64>)
    func reach(seed: UInt64) throws {
        var mesh = ChangingMesh(seed: seed, peers: 12, percent: 12)
        let own = try #require(mesh.names.first)
        for _ in 0..<40 {
            mesh.change(keeping: own)
            var table = PeerTable(own: try #require(mesh.records[own]))
            _ = table.merge(mesh.names.compactMap { $0 == own ? nil : mesh.records[$0] })
            let unicast = RouteTables(ownName: own, records: mesh.records).unicast
            for name in mesh.names where name != own { #expect(table.reaches(name) == (unicast[name] != nil)) }
        }
    }

    @Test("the number of neighbours that get gossip is floor(2 log2 n)")
    func subsetSize() {
        let expected = [1: 0, 2: 2, 3: 3, 4: 4, 5: 4, 6: 5, 8: 6, 11: 6, 12: 7, 16: 8, 100: 13, 1_000: 19]
        for (peers, size) in expected { #expect(NeighbourChoice.wanted(peers: peers) == size, "\(peers)") }
    }

    @Test("the subset leaves out where the news came from, and prefers those who lead to many")
    func subset() {
        var random = MeshRandom(SeededGenerator(seed: 1))
        var unicast: [PeerName: PeerName] = [:]
        for number in 10..<40 as Range<UInt8> { unicast[TestNetwork.name(number)] = TestNetwork.name(2) }
        for number in 2...9 as ClosedRange<UInt8> { unicast[TestNetwork.name(number)] = TestNetwork.name(number) }
        var drawnFirst = 0
        let weights = NeighbourWeights(hops: unicast)
        for _ in 0..<200 {
            var choice = NeighbourChoice(weights, except: TestNetwork.name(9))
            let drawn = choice.draw(using: &random)
            #expect(Set(drawn).count == drawn.count && drawn.count == 7)
            #expect(!drawn.contains(TestNetwork.name(9)))
            if drawn.first == TestNetwork.name(2) { drawnFirst += 1 }
        }
        // 31 of 38 tickets.
        #expect((140...185).contains(drawnFirst))
    }
}
