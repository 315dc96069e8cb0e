import Gob
import TestSupport
import Testing

/// Rows against values: both readers and both writers must agree on everything.
@Suite struct GobRowTests {
    private static let headType = GobStructureType(
        "head", [.init("Name", .string), .init("Count", .uint), .init("Flag", .bool), .init("Key", .bytes)])
    private static let itemType = GobStructureType("item", [.init("Key", .bytes), .init("On", .bool)])
    private static let head = GobType.structure(headType)
    private static let items = GobType.slice(of: .structure(itemType))

    private struct Head: Equatable {
        var name: String
        var count: UInt64
        var flag: Bool
        var key: [UInt8]
        var items: [Item]
    }
    private struct Item: Equatable {
        var key: [UInt8]
        var isOn: Bool
    }

    private static func random(_ generator: inout SeededGenerator) -> [Head] {
        (0..<Int.random(in: 0...4, using: &generator)).map { _ in
            Head(
                name: String(repeating: "ä", count: Int.random(in: 0...3, using: &generator)),
                count: generator.next() >> UInt64.random(in: 0...63, using: &generator),
                flag: Bool.random(using: &generator), key: generator.bytes(Int.random(in: 0...8, using: &generator)),
                items: (0..<Int.random(in: 0...5, using: &generator)).map { _ in
                    Item(
                        key: generator.bytes(Int.random(in: 0...200, using: &generator)),
                        isOn: Bool.random(using: &generator))
                })
        }
    }

    private static func encodedByValues(_ heads: [Head]) -> [UInt8] {
        var encoder = GobStreamEncoder()
        var bytes: [UInt8] = []
        for head in heads {
            let fields: [GobValue?] = [.text(head.name), .uint(head.count), .bool(head.flag), .bytes(head.key)]
            encoder.encode(.structure(GobStructure(headType, fields)), as: Self.head, into: &bytes)
            let list = head.items.map { GobValue.structure(GobStructure(itemType, [.bytes($0.key), .bool($0.isOn)])) }
            encoder.encode(.list(list), as: items, into: &bytes)
        }
        return bytes
    }

    private static func encodedByRows(_ heads: [Head]) -> [UInt8] {
        var types = GobStreamEncoder()
        var encoder = GobRowEncoder()
        for head in heads {
            var definitions: [UInt8] = []
            let headID = types.define(Self.head, into: &definitions)
            encoder.append(definitions: definitions)
            encoder.beginStructure(id: headID)
            encoder.field(0, text: head.name)
            encoder.field(1, uint: head.count)
            encoder.field(2, bool: head.flag)
            encoder.field(3, bytes: head.key)
            encoder.endStructure()
            encoder.endMessage()
            definitions = []
            let itemsID = types.define(items, into: &definitions)
            encoder.append(definitions: definitions)
            encoder.beginSlice(id: itemsID, count: head.items.count)
            for item in head.items {
                encoder.field(0, bytes: item.key)
                encoder.field(1, bool: item.isOn)
                encoder.endStructure()
            }
            encoder.endMessage()
        }
        return encoder.bytes
    }

    private static func decodedByValues(_ bytes: [UInt8]) throws(GobError) -> [Head] {
        var decoder = GobDecoder(bytes)
        var heads: [Head] = []
        while let fields = try decoder.next(head)?.structure, let list = try decoder.next(items)?.list {
            heads.append(
                Head(
                    name: fields.text("Name"), count: try fields.uint("Count"), flag: fields.bool("Flag"),
                    key: fields.bytes("Key"),
                    items: list.compactMap(\.structure).map { Item(key: $0.bytes("Key"), isOn: $0.bool("On")) }))
        }
        return heads
    }

    /// What `encodedByValues` begins with.
    private static let known: GobKnownDefinitions = {
        var types = GobStreamEncoder()
        var (headDefinitions, itemsDefinitions): ([UInt8], [UInt8]) = ([], [])
        let headID = types.define(head, into: &headDefinitions)
        let itemsID = types.define(items, into: &itemsDefinitions)
        return GobKnownDefinitions(
            expecting: [head, items], values: [(headDefinitions, headID), (itemsDefinitions, itemsID)])
    }()

    private static func decodedByRows(_ bytes: [UInt8], knowing: Bool = false) throws(GobError) -> [Head] {
        var decoder =
            knowing
            ? GobRowDecoder(bytes, expecting: known) : GobRowDecoder(bytes, expecting: [head, items])
        var heads: [Head] = []
        var row = GobRow()
        while try decoder.next(0, into: &row) {
            var head = Head(
                name: decoder.text(0, of: row), count: row.number(1), flag: row.bool(2),
                key: Array(decoder.bytes(3, of: row)), items: [])
            guard let count = try decoder.nextCount(1) else { break }
            for _ in 0..<count {
                try decoder.nextElement(into: &row)
                head.items.append(Item(key: Array(decoder.bytes(0, of: row)), isOn: row.bool(1)))
            }
            heads.append(head)
        }
        return heads
    }

    @Test("rows are written and read as values are", arguments: 1...50 as ClosedRange<UInt64>)
    func agree(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let heads = Self.random(&generator)
        let bytes = Self.encodedByValues(heads)
        #expect(Self.encodedByRows(heads) == bytes)
        #expect(try Self.decodedByRows(bytes) == heads)
        #expect(try Self.decodedByRows(bytes, knowing: true) == heads)
    }

    @Test("definitions that are not the known ones are read as ever")
    func otherDefinitions() throws {
        let other = GobStructureType("head", [.init("Key", .bytes), .init("Name", .string)])
        var encoder = GobStreamEncoder()
        let value = GobStructure(other, [.bytes([9]), .text("n")])
        let bytes = encoder.encode(.structure(value), as: .structure(other))
        var decoder = GobRowDecoder(bytes, expecting: Self.known)
        var row = GobRow()
        #expect(try decoder.next(0, into: &row))
        #expect(decoder.text(0, of: row) == "n" && Array(decoder.bytes(3, of: row)) == [9])
    }

    @Test("what is damaged is refused, or read, by both alike", arguments: 1...20 as ClosedRange<UInt64>)
    func damaged(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let bytes = Self.encodedByValues(
            Self.random(&generator) + [
                Head(name: "n", count: 1, flag: true, key: [1, 2], items: [Item(key: [3], isOn: true)])
            ])
        var refusals = 0
        for _ in 0..<400 {
            var damaged = bytes
            for _ in 0...(generator.next() % 3) {
                let index = Int.random(in: damaged.indices, using: &generator)
                damaged[index] = UInt8(truncatingIfNeeded: generator.next())
            }
            if generator.next() % 4 == 0 { damaged.removeLast(Int.random(in: 1..<damaged.count, using: &generator)) }
            let byValues = try? Self.decodedByValues(damaged)
            #expect((try? Self.decodedByRows(damaged)) == byValues)
            #expect((try? Self.decodedByRows(damaged, knowing: true)) == byValues)
            if byValues == nil { refusals += 1 }
        }
        #expect(refusals > 20)
    }

    @Test("fields that we don't know are stepped over, and missing ones are zero")
    func foreignFields() throws {
        let foreign = GobStructureType(
            "head", [.init("More", .slice(of: .string)), .init("Count", .uint), .init("Other", .bytes)])
        var encoder = GobStreamEncoder()
        let value = GobStructure(foreign, [.list([.text("a"), .text("b")]), .uint(7), .bytes([1, 2, 3])])
        let bytes = encoder.encode(.structure(value), as: .structure(foreign))
        var decoder = GobRowDecoder(bytes, expecting: [Self.head])
        var row = GobRow()
        #expect(try decoder.next(0, into: &row))
        #expect(row.number(1) == 7)
        #expect(decoder.bytes(0, of: row).isEmpty && !row.bool(2) && decoder.bytes(3, of: row).isEmpty)
        #expect(try !decoder.next(0, into: &row))
    }

    @Test("values that change between types of many fields cost no more than those of one type")
    func alternatingTypes() throws {
        let wide = [1, 2].map { number in
            GobStructureType(
                "head", [.init("Count", .uint)] + (0..<1_000).map { .init("f\(number)-\($0)", .uint) })
        }
        let values = wide.enumerated().map { number, type in
            GobValue.structure(GobStructure(type, [.uint(UInt64(number) + 1)] + Array(repeating: nil, count: 1_000)))
        }
        var encoder = GobStreamEncoder()
        var bytes: [UInt8] = []
        for (value, type) in zip(values, wide) { encoder.encode(value, as: .structure(type), into: &bytes) }
        // Both are defined by now.
        var pair: [UInt8] = []
        for (value, type) in zip(values, wide) { encoder.encode(value, as: .structure(type), into: &pair) }
        for _ in 0..<5_000 { bytes += pair }
        let begin = ProcessorTime.ofThisThread()
        var decoder = GobRowDecoder(bytes, expecting: [Self.head])
        var row = GobRow()
        var sum: UInt64 = 0
        while try decoder.next(0, into: &row) { sum += row.number(1) }
        #expect(sum == 3 * 5_001)
        #expect(ProcessorTime.ofThisThread() - begin < .seconds(3))
    }

    @Test("a slice of more elements than the limit is refused, at the limit it is read")
    func elementLimit() throws {
        let list = (0..<3).map { _ in GobValue.structure(GobStructure(Self.itemType, [nil, .bool(true)])) }
        var encoder = GobStreamEncoder()
        let bytes = encoder.encode(.list(list), as: Self.items)
        var limits = GobLimits()
        limits.elements = 3
        var decoder = GobRowDecoder(bytes, expecting: [Self.items], limits: limits)
        #expect(try decoder.nextCount(0) == 3)
        limits.elements = 2
        decoder = GobRowDecoder(bytes, expecting: [Self.items], limits: limits)
        #expect(throws: GobError.self) { _ = try decoder.nextCount(0) }
    }
}
