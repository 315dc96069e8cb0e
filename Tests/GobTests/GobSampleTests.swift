import Gob
import TestSupport
import Testing
import Wire

/// Recorded gob bytes of Go's encoder, each decoded, compared with the value beside it, and encoded to the same bytes.
@Suite struct GobSampleTests {
    private struct File: Decodable { let samples: [GobSample] }

    static func samples() throws -> [GobSample] {
        try Fixture.json("mesh/gob-samples.json", as: File.self).samples
    }

    /// The types of the values in a sample, one after the other, and the first id that its sender used.
    static func shape(of sample: GobSample) -> (types: [GobType], firstID: Int)? {
        switch sample.name {
        case "uint", "peer-name": ([.uint], 65)
        case "int": ([.int], 65)
        case "bool": ([.bool], 65)
        case "string", "string-200": ([.string], 65)
        case "bytes", "bytes-empty": ([.bytes], 65)
        case "two-values": ([.string, .uint], 65)
        case "map-empty", "map-one": ([SampleTypes.stringMap], 65)
        case "map-twice": ([SampleTypes.stringMap, SampleTypes.stringMap], 65)
        case "v1-stream": ([SampleTypes.stringMap, .bytes, .bytes, .bytes], 65)
        case "gossip", "gossip-foreign-channel": ([.string, .uint, .bytes], 65)
        case "gossip-unicast": ([.string, .uint, .uint, .bytes], 65)
        case "topology-nobody": ([], 66)
        case "topology-lonely", "topology-placeholder": ([SampleTypes.peerSummary, SampleTypes.connections], 66)
        case "topology-chain":
            (Array(repeating: [SampleTypes.peerSummary, SampleTypes.connections], count: 3).flatMap { $0 }, 66)
        case "peer-summary-without-short-id": ([SampleTypes.oldSummary], 69)
        case "nameserver-empty", "nameserver-two": ([SampleTypes.gossipData], 70)
        case "nameserver-from-the-future": ([SampleTypes.gossipData], 0)
        case "ipam-range": ([SampleTypes.range], 81)
        case "ipam-observer", "ipam-empty-paxos", "ipam-paxos", "ipam-ring": ([SampleTypes.gossipState], 82)
        default: nil
        }
    }

    static func decode(_ bytes: [UInt8], as types: [GobType]) throws -> [GobValue] {
        var decoder = GobDecoder(bytes)
        var values: [GobValue] = []
        for type in types { values.append(try #require(try decoder.next(type))) }
        try #require(try decoder.next(types.last ?? .uint) == nil, "there is more than expected")
        return values
    }

    /// The values as the sample shows them.
    static func tree(_ values: [GobValue], _ types: [GobType], like sample: GobSample) -> SampleTree {
        let trees = zip(values, types).map { SampleTree($0, type: $1) }
        switch sample.name {
        case "peer-name":
            return SampleTree(values[0], type: .uint, name: "Name")
        case let name where name.hasPrefix("gossip"):
            let names = values.dropFirst().dropLast().map { SampleTree($0, type: .uint, name: "Name") }
            var members = ["channel": trees[0], "source": names[0], "payload": trees[trees.count - 1]]
            if names.count == 2 { members["destination"] = names[1] }
            return .object(members)
        case let name where name.hasPrefix("topology"):
            return .list(
                stride(from: 0, to: trees.count, by: 2).map { index in
                    guard case .object(var members) = trees[index] else { return .null }
                    members["connections"] = trees[index + 1]
                    return .object(members)
                })
        default:
            return types.count == 1 ? trees[0] : .list(trees)
        }
    }

    @Test("each recorded sample decodes to its value", arguments: try samples())
    func decodes(_ sample: GobSample) throws {
        let types = try #require(GobSampleTests.shape(of: sample), "a sample without a shape").types
        let values = try GobSampleTests.decode(sample.bytes, as: types)
        let tree = GobSampleTests.tree(values, types, like: sample)
        #expect(tree.withSortedEntries == sample.value.withSortedEntries)
    }

    @Test("each recorded sample encodes to the recorded bytes", arguments: try samples())
    func encodes(_ sample: GobSample) throws {
        let shape = try #require(GobSampleTests.shape(of: sample))
        // The sender of this one has fields that we don't know, so we can't send them.
        guard shape.firstID > 0 else { return }
        let values = try GobSampleTests.decode(sample.bytes, as: shape.types)
        var encoder = GobStreamEncoder(firstTypeID: shape.firstID)
        var bytes: [UInt8] = []
        for (value, type) in zip(values, shape.types) { encoder.encode(value, as: type, into: &bytes) }
        #expect(hexadecimal(bytes) == sample.hex)
    }

    @Test(
        "each recorded sample decodes byte by byte, and each value is there with its last byte",
        arguments: try samples())
    func decodesByteByByte(_ sample: GobSample) throws {
        let types = try #require(GobSampleTests.shape(of: sample)).types
        let whole = try GobSampleTests.decode(sample.bytes, as: types)
        var decoder = GobStreamDecoder()
        var values: [GobValue] = []
        for byte in sample.bytes {
            decoder.append([byte])
            if values.count < types.count, let value = try decoder.next(types[values.count]) { values.append(value) }
        }
        #expect(values == whole)
        #expect(decoder.bytesWaiting == 0)
    }

    @Test("an empty map in a structure is told from an absent one")
    func emptyMapIsSent() throws {
        let samples = try GobSampleTests.samples()
        let empty = try #require(samples.first { $0.name == "ipam-empty-paxos" })
        let absent = try #require(samples.first { $0.name == "ipam-observer" })
        let emptyState = try GobSampleTests.decode(empty.bytes, as: [SampleTypes.gossipState])[0].structure
        let absentState = try GobSampleTests.decode(absent.bytes, as: [SampleTypes.gossipState])[0].structure
        #expect(emptyState?.map("Paxos") == [])
        #expect(absentState != nil && absentState?.map("Paxos") == nil)
    }

    @Test("a summary from a sender without short ids has zeros for them")
    func missingFieldsAreZero() throws {
        let sample = try #require(try GobSampleTests.samples().first { $0.name == "peer-summary-without-short-id" })
        let summary = try #require(
            try GobSampleTests.decode(sample.bytes, as: [SampleTypes.peerSummary])[0].structure)
        #expect(try summary.uint("UID", as: UInt64.self) == 77)
        #expect(try summary.uint("ShortID", as: UInt16.self) == 0)
        #expect(summary.bool("HasShortID") == false)
    }
}
