import Foundation
import Mesh
import TestSupport
import Testing
import Wire

@Suite struct TopologyCodecTests {
    private func sample(_ name: String) throws -> [UInt8] {
        let data = try Data(contentsOf: Fixture.root.appending(path: "mesh/gob-samples.json"))
        let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let samples = try #require(json["samples"] as? [[String: Any]])
        let hex = try #require(samples.first { $0["name"] as? String == name }?["hex"] as? String)
        let decoded = bytes(hexadecimal: hex)
        return try #require(decoded)
    }

    @Test(
        "recorded payloads decode, and encode to the same bytes",
        arguments: [("topology-lonely", 1), ("topology-placeholder", 1)])
    func recorded(name: String, count: Int) throws {
        let bytes = try sample(name)
        let records = try TopologyCodec.decode(bytes)
        #expect(records.count == count)
        #expect(TopologyCodec.encode(records) == bytes)
    }

    @Test("a short id that its peer does not claim to have is left out, the rest encodes to the same bytes")
    func unclaimedShortID() throws {
        let bytes = try sample("topology-chain")
        let records = try TopologyCodec.decode(bytes)
        #expect(records.map(\.connections.count) == [1, 2, 1])
        #expect(records.map(\.shortID?.rawValue) == [4_005, 49, nil])
        let encoded = TopologyCodec.encode(records)
        // Field 4 of the third summary: 01 fe 09 9d, 2461 without HasShortID.
        #expect(encoded.count == bytes.count - 4)
        #expect(try TopologyCodec.decode(encoded) == records)
    }

    @Test("of more records than anyone takes one is read, to be counted, and no other")
    func tooManyRecords() throws {
        let record = PeerRecord(name: TestNetwork.name(2), nickname: "", uid: 1, version: 1, shortID: nil)
        let bytes = TopologyCodec.encode(Array(repeating: record, count: 9_000))
        let records = try TopologyCodec.decode(bytes)
        #expect(records.count == 8_193)
        let own = PeerRecord(name: TestNetwork.name(1), nickname: "", uid: 1, version: 1, shortID: nil)
        var table = PeerTable(own: own)
        #expect(table.merge(records).refused == 1)
    }

    @Test("no peers are no bytes, and a summary without its list is dropped")
    func edges() throws {
        #expect(TopologyCodec.encode([]).isEmpty)
        #expect(try TopologyCodec.decode([]).isEmpty)
        let lonely = try sample("topology-lonely")
        // 98 bytes define the summary with their length before them, 23 are the summary itself.
        #expect(try TopologyCodec.decode(Array(lonely.prefix(1 + 98 + 1 + 23))).isEmpty)
    }

    @Test("a payload cut at any byte gives an error or fewer records, and flipped bits never trap")
    func damaged() throws {
        let bytes = try sample("topology-chain")
        let whole = try TopologyCodec.decode(bytes)
        for length in 0..<bytes.count {
            if let records = try? TopologyCodec.decode(Array(bytes.prefix(length))) {
                #expect(records.count < whole.count)
            }
        }
        for bit in 0..<(bytes.count * 8) {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            _ = try? TopologyCodec.decode(damaged)
        }
    }
}
