import Gob
import TestSupport
import Testing

/// Round trips of random types and values, and damage to recorded ones.
@Suite struct GobPropertyTests {
    @Test("random values of random types come back, in any pieces", arguments: 0..<200)
    func roundTrip(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let types = (0..<3).map { _ in randomType(depth: 3, &random) }
        var encoder = GobStreamEncoder(firstTypeID: Int.random(in: 65...2000, using: &random))
        var bytes: [UInt8] = []
        var sent: [(GobType, GobValue)] = []
        for _ in 0..<6 {
            let type = types.randomElement(using: &random) ?? .uint
            let value = randomValue(type, &random)
            sent.append((type, value))
            encoder.encode(value, as: type, into: &bytes)
        }
        var decoder = GobStreamDecoder()
        var received: [GobValue] = []
        var rest = bytes[...]
        while received.count < sent.count {
            if let value = try decoder.next(sent[received.count].0) {
                received.append(value)
            } else {
                try #require(!rest.isEmpty)
                let size = min(rest.count, Int.random(in: 1...9, using: &random))
                decoder.append(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
        }
        for (value, (type, original)) in zip(received, sent) {
            #expect(normalised(value, type) == normalised(original, type), "seed \(seed)")
        }
        #expect(rest.isEmpty && decoder.bytesWaiting == 0)
    }

    @Test(
        "a sample that ends anywhere is an error, or ends between two values", arguments: try GobSampleTests.samples())
    func truncation(_ sample: GobSample) throws {
        let types = try #require(GobSampleTests.shape(of: sample)).types
        for length in 0..<sample.bytes.count {
            var decoder = GobDecoder(sample.bytes.prefix(length))
            var values = 0
            do throws(GobError) {
                for type in types {
                    guard try decoder.next(type) != nil else { break }
                    values += 1
                }
            } catch {
                guard case .truncated = error.reason else {
                    Issue.record("\(error) after \(length) bytes")
                    continue
                }
            }
            #expect(values < types.count, "all values of \(length) of \(sample.bytes.count) bytes")
        }
    }

    @Test("flipped bits never stop the decoder from returning", arguments: try GobSampleTests.samples())
    func flips(_ sample: GobSample) throws {
        let types = try #require(GobSampleTests.shape(of: sample)).types
        let intact = try GobSampleTests.decode(sample.bytes, as: types)
        var different = 0
        for index in sample.bytes.indices {
            // The highest makes lengths long, the lowest signs and marks wrong.
            for bit in Set([0, 7, index % 8]) {
                var bytes = sample.bytes
                bytes[index] ^= 1 << UInt8(bit)
                if (try? GobSampleTests.quietly(bytes, as: types)) != intact { different += 1 }
            }
        }
        #expect(sample.bytes.isEmpty || different > 0)
    }

    @Test("ten mebibytes in small pieces cost no more than a few copies")
    func notQuadratic() throws {
        var encoder = GobStreamEncoder()
        let payload = [UInt8](repeating: 7, count: (10 << 20) - 16)
        let bytes = encoder.encode(.bytes(payload), as: .bytes)
        var decoder = GobStreamDecoder()
        var value: GobValue?
        let begin = ProcessorTime.ofThisThread()
        var rest = bytes[...]
        while !rest.isEmpty {
            decoder.append(rest.prefix(200))
            rest = rest.dropFirst(200)
            value = try decoder.next(.bytes)
        }
        #expect(value == .bytes(payload))
        // Copying all for each piece would be 270 GB, more than half a minute.
        #expect(ProcessorTime.ofThisThread() - begin < .seconds(8))
    }

    private func randomType(depth: Int, _ random: inout SeededGenerator) -> GobType {
        let basic: [GobType] = [.bool, .int, .uint, .float, .bytes, .string]
        guard depth > 0 else { return basic.randomElement(using: &random) ?? .uint }
        switch Int.random(in: 0..<9, using: &random) {
        case 0: return .slice(of: randomType(depth: depth - 1, &random))
        case 1: return .array(of: randomType(depth: depth - 1, &random), count: Int.random(in: 0...4, using: &random))
        case 2:
            return .map(
                name: "m", key: randomType(depth: depth - 1, &random), value: randomType(depth: depth - 1, &random))
        case 3...6:
            let count = Int.random(in: 1...6, using: &random)
            return .structure(
                GobStructureType(
                    "S\(count)", (0..<count).map { .init("F\($0)", randomType(depth: depth - 1, &random)) }))
        default: return basic.randomElement(using: &random) ?? .uint
        }
    }

    private func randomValue(_ type: GobType, _ random: inout SeededGenerator) -> GobValue {
        switch type {
        case .bool: return .bool(Bool.random(using: &random))
        case .int: return .int(Int64(bitPattern: random.next()) >> Int64.random(in: 0...63, using: &random))
        case .uint: return .uint(random.next() >> UInt64.random(in: 0...63, using: &random))
        case .float: return .float(Double.random(in: -9...9, using: &random))
        case .bytes: return .bytes(random.bytes(Int.random(in: 0...200, using: &random)))
        case .string: return .string(random.bytes(Int.random(in: 0...20, using: &random)))
        case .slice(_, let element):
            return .list((0..<Int.random(in: 0...4, using: &random)).map { _ in randomValue(element, &random) })
        case .array(_, let element, let count):
            return .list((0..<count).map { _ in randomValue(element, &random) })
        case .map(_, let key, let value):
            return .map(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in
                    GobPair(randomValue(key, &random), randomValue(value, &random))
                })
        case .structure(let type):
            return .structure(
                GobStructure(
                    type,
                    type.fields.map { Bool.random(using: &random) ? randomValue($0.type, &random) : nil }))
        }
    }

    /// With zeros left out, as a receiver sees it.
    private func normalised(_ value: GobValue, _ type: GobType) -> GobValue {
        switch (type, value) {
        case (.slice(_, let element), .list(let values)), (.array(_, let element, _), .list(let values)):
            return .list(values.map { normalised($0, element) })
        case (.map(_, let key, let element), .map(let pairs)):
            return .map(pairs.map { GobPair(normalised($0.key, key), normalised($0.value, element)) })
        case (.structure(let type), .structure(let structure)):
            let values = zip(structure.values, type.fields).map { value, field -> GobValue? in
                guard let value else { return nil }
                switch (field.type, value) {
                case (_, .bool(false)), (_, .int(0)), (_, .uint(0)), (_, .bytes([])), (_, .string([])),
                    (.slice, .list([])):
                    return nil
                case (_, .float(let number)) where number.bitPattern == 0: return nil
                default: return normalised(value, field.type)
                }
            }
            return .structure(GobStructure(type, values))
        default:
            return value
        }
    }
}

extension GobSampleTests {
    /// As `decode`, without a complaint for each failure.
    static func quietly(_ bytes: [UInt8], as types: [GobType]) throws -> [GobValue] {
        var decoder = GobDecoder(bytes)
        var values: [GobValue] = []
        for type in types {
            guard let value = try decoder.next(type) else { break }
            values.append(value)
        }
        return values
    }
}
