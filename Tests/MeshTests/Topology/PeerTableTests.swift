import Mesh
import TestSupport
import Testing
import Wire

@Suite struct PeerTableTests {
    private let own = TestNetwork.name(1)
    private let other = TestNetwork.name(2)

    private func table(version: UInt64 = 5, uid: UInt64 = 50, shortID: UInt16? = 1) -> PeerTable {
        PeerTable(own: record(1, version: version, uid: uid, shortID: shortID))
    }

    private func record(
        _ number: UInt8, version: UInt64, uid: UInt64, shortID: UInt16? = nil, to remotes: [UInt8] = []
    ) -> PeerRecord {
        PeerRecord(
            name: TestNetwork.name(number), nickname: "v\(version)", uid: uid, version: version,
            shortID: shortID.flatMap { ShortID(rawValue: $0) },
            connections: remotes.map {
                ConnectionRecord(
                    remote: TestNetwork.name($0), address: "10.0.0.\($0):1", isOutbound: true, isEstablished: true)
            })
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let version: UInt64
        let uid: UInt64
        var shortID: UInt16?
        let isTaken: Bool
    }

    @Test(
        "a record of a known peer is taken if and only if it is newer",
        arguments: [
            Case(testDescription: "higher version", version: 8, uid: 1, isTaken: true),
            Case(testDescription: "lower version, higher uid", version: 6, uid: 99, isTaken: false),
            Case(testDescription: "same version, higher uid", version: 7, uid: 71, isTaken: true),
            Case(testDescription: "same version, lower uid", version: 7, uid: 69, isTaken: false),
            Case(testDescription: "the same record", version: 7, uid: 70, isTaken: false),
            Case(testDescription: "the same record with a short id", version: 7, uid: 70, shortID: 4, isTaken: true),
        ])
    func knownPeer(_ example: Case) {
        var table = table()
        _ = table.merge([record(2, version: 7, uid: 70)])
        let update = record(2, version: example.version, uid: example.uid, shortID: example.shortID, to: [1])
        let outcome = table.merge([update])
        #expect(outcome.accepted == (example.isTaken ? [other] : []))
        #expect((table[other] == update) == example.isTaken)
        #expect(outcome.named == [other])
    }

    @Test("a record about ourselves is ignored with our uid, and jumped over with another, unless ours is newer")
    func ownRecord() {
        for (version, uid, expected) in [(9, 50, 5), (9, 51, 10), (5, 49, 6), (4, 51, 5)] as [(UInt64, UInt64, UInt64)]
        {
            var table = table()
            let outcome = table.merge([record(1, version: version, uid: uid, to: [2])])
            #expect(table.own.version == expected)
            #expect(table.own.uid == 50)
            #expect(table.own.connections.isEmpty)
            #expect(outcome.accepted.isEmpty)
            #expect(outcome.jumpedOverRival == (expected != 5))
        }
    }

    @Test("peers that only occur in a list get a placeholder, which any record replaces")
    func placeholder() {
        var table = table()
        _ = table.merge([record(2, version: 1, uid: 1, to: [3])])
        #expect(table[TestNetwork.name(3)] == PeerRecord(placeholder: TestNetwork.name(3)))
        let outcome = table.merge([record(3, version: 0, uid: 1)])
        #expect(outcome.accepted == [TestNetwork.name(3)])
    }

    @Test("the same peer twice in an update is applied in turn; of a name twice in a list the last entry stays")
    func twice() {
        var table = table()
        let outcome = table.merge([
            record(2, version: 1, uid: 1), record(2, version: 3, uid: 1), record(2, version: 2, uid: 1),
        ])
        #expect(table[other]?.version == 3)
        #expect(outcome.accepted == [other])
        let twice = PeerRecord(
            name: other, nickname: "", uid: 1, version: 4, shortID: nil,
            connections: ["a", "b"].map {
                ConnectionRecord(remote: own, address: $0, isOutbound: true, isEstablished: true)
            })
        #expect(twice.connections.map(\.address) == ["b"])
    }

    @Test("names that no peer can have, and versions that no peer can reach, are refused")
    func refused() throws {
        var table = table()
        let multicast = try #require(PeerName(text: "01:00:00:00:00:01"))
        let bad = [PeerName.unknown, multicast].map {
            PeerRecord(name: $0, nickname: "", uid: 1, version: 1, shortID: nil)
        }
        let outcome = table.merge(bad + [record(2, version: 1 << 63 + 1 << 48 + 1, uid: 1)])
        #expect(outcome.refused == 3)
        #expect(table.records.count == 1)
        let edges = [PeerName.unknown, multicast, own].map {
            ConnectionRecord(remote: $0, address: "", isOutbound: true, isEstablished: true)
        }
        _ = table.merge([PeerRecord(name: other, nickname: "", uid: 1, version: 1, shortID: nil, connections: edges)])
        #expect(table[other]?.connections.map(\.remote) == [own])
    }

    @Test("long nicknames are cut and long addresses dropped")
    func bounds() {
        var table = table()
        let long = String(repeating: "x", count: 300)
        let edge = ConnectionRecord(remote: own, address: long, isOutbound: true, isEstablished: true)
        _ = table.merge([
            PeerRecord(name: other, nickname: long, uid: 1, version: 1, shortID: nil, connections: [edge])
        ])
        #expect(table[other]?.nickname.utf8.count == 256)
        #expect(table[other]?.connections.first?.address == "")
    }

    @Test("the number of known peers is bounded")
    func manyPeers() {
        var table = table()
        let update = (2...9_000).compactMap { PeerName(rawValue: 0x0200_0000_0000 + UInt64($0)) }.map {
            PeerRecord(name: $0, nickname: "", uid: 1, version: 1, shortID: nil)
        }
        let outcome = table.merge(update)
        #expect(table.records.count == 8_192)
        #expect(outcome.refused == update.count - 8_191)
    }

    @Test("garbage is what no listed connection leads to, in any state, and no live connection keeps")
    func garbage() {
        var table = table()
        _ = table.merge([
            record(2, version: 1, uid: 1, to: [3]), record(3, version: 1, uid: 1),
            record(4, version: 1, uid: 1, to: [1]),
            record(5, version: 1, uid: 1, to: [6]),
        ])
        table.setOwnConnection(ConnectionRecord(remote: other, address: "", isOutbound: true, isEstablished: false))
        #expect(table.collectGarbage(keeping: [TestNetwork.name(5)]) == [TestNetwork.name(4)])
        let result8 = table.removeOwnConnection(to: other)
        #expect(result8)
        #expect(table.collectGarbage(keeping: []) == [2, 3, 5, 6].map { TestNetwork.name($0) })
        #expect(table.records.keys.sorted() == [own])
    }

    @Test("each change of our own connections counts our version up by one")
    func ownVersion() {
        var table = table()
        table.setOwnConnection(ConnectionRecord(remote: other, address: "", isOutbound: true, isEstablished: false))
        table.setOwnConnection(ConnectionRecord(remote: other, address: "", isOutbound: true, isEstablished: true))
        #expect(table.own.version == 7)
        let result9 = table.removeOwnConnection(to: other)
        #expect(result9)
        let result10 = table.removeOwnConnection(to: other)
        #expect(!result10)
        #expect(table.own.version == 8)
    }
}
