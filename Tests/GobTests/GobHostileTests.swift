import Gob
import TestSupport
import Testing
import Wire

/// What a sender may do wrong, on purpose or not.
@Suite struct GobHostileTests {
    private func error(_ hex: String, as type: GobType, limits: GobLimits = GobLimits()) throws -> GobError.Reason? {
        var decoder = GobDecoder(try #require(bytes(hexadecimal: hex.filter { $0 != " " })), limits: limits)
        do throws(GobError) {
            _ = try decoder.next(type)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test("a number of nine bytes is refused, a redundant one is accepted")
    func numbers() throws {
        #expect(try error("0c 06 00 f7 010203040506070809", as: .uint) == .numberTooWide)
        #expect(try error("f7 010203040506070809", as: .uint) == .numberTooWide)
        var decoder = GobDecoder([4, 6, 0, 0xff, 5])
        #expect(try decoder.next(.uint) == .uint(5))
    }

    @Test("a value of another type than wanted is refused")
    func kinds() throws {
        #expect(try error("04 0c 00 01 78", as: .uint) == .kindMismatch(expected: "uint"))
        #expect(try error("04 0c 00 01 78", as: .bytes) == .kindMismatch(expected: "bytes"))
        #expect(try error("04 0c 00 01 78", as: SampleTypes.stringMap) == .kindMismatch(expected: "map"))
        // The mark of the top level is not zero.
        #expect(try error("04 0c 01 01 78", as: .string) == .kindMismatch(expected: "string"))
    }

    @Test("an empty message, and one beyond the limit, are refused before their bytes have come")
    func lengths() throws {
        #expect(try error("00", as: .uint) == .emptyMessage)
        #expect(
            try error("65", as: .uint, limits: GobLimits(messageBytes: 100)) == .messageTooLong(bytes: 101, limit: 100))
        #expect(try error("64", as: .uint, limits: GobLimits(messageBytes: 100)) == .truncated(needed: 2, left: 1))
        #expect(
            try error("f8 ffffffffffffffff", as: .uint) == .messageTooLong(bytes: .max, limit: 10 << 20))
    }

    @Test("counts beyond the bytes that are there are refused")
    func counts() throws {
        #expect(try error("0b 0a 00 f8 ffffffffffffffff", as: .bytes) == .countBeyondBytes(count: .max, left: 0))
        // A map of three pairs in five bytes.
        let map = "0e ff81 04 01 02 ff82 00 01 0c 01 0c 00 00"
        #expect(
            try error(map + "09 ff82 00 03 0000000000", as: SampleTypes.stringMap)
                == .countBeyondBytes(count: 3, left: 5))
    }

    @Test("a type is defined once, by an id of the sender's own, and before its value")
    func definitions() throws {
        let map = "0e ff81 04 01 02 ff82 00 01 0c 01 0c 00 00"
        #expect(try error(map + map, as: SampleTypes.stringMap) == .repeatedDefinition(id: 65))
        #expect(try error("04 ff82 00 00", as: SampleTypes.stringMap) == .undefinedType(id: 65))
        // Defines 6, which is string.
        #expect(try error("0c 0b 04 01 02 0c 00 01 0c 01 0c 00 00", as: .string) == .undefinedType(id: 6))
        // The id whose negative does not exist.
        #expect(
            try error("0c f8 ffffffffffffffff 00 00 00", as: .string)
                == .undefinedType(id: .min))
        #expect(try error("04 ff81 00 00", as: .string) == .malformedDefinition)
        #expect(try error("04 ff81 08 00", as: .string) == .unknownFieldNumber)
    }

    @Test("definitions are limited in number and size")
    func definitionLimits() throws {
        var limits = GobLimits()
        limits.definitions = 2
        let map = { (id: String, own: String) in "0e ff\(id) 04 01 02 ff\(own) 00 01 0c 01 0c 00 00" }
        #expect(try error(map("81", "82") + map("83", "84"), as: .string, limits: limits) == nil)
        #expect(
            try error(map("81", "82") + map("83", "84") + map("85", "86"), as: .string, limits: limits)
                == .tooManyDefinitions(limit: 2))
        limits.definitionBytes = 13
        #expect(try error(map("81", "82"), as: .string, limits: limits) == .messageTooLong(bytes: 14, limit: 13))
    }

    @Test("a sender's structure without any field of ours is refused")
    func noCommonField() throws {
        let other = GobType.structure(GobStructureType("Other", [.init("A", .uint)]))
        var encoder = GobStreamEncoder()
        let bytes = encoder.encode(.structure(GobStructure(structureType(other), [.uint(1)])), as: other)
        #expect(try error(hexadecimal(bytes), as: SampleTypes.range) == .noCommonField)
    }

    @Test("a structure that repeats a field's name is refused, since nested ones would multiply our work")
    func repeatedField() throws {
        let other = GobType.structure(GobStructureType("Range", [.init("Start", .uint), .init("Start", .uint)]))
        var encoder = GobStreamEncoder()
        let bytes = encoder.encode(.structure(GobStructure(structureType(other), [.uint(1), nil])), as: other)
        #expect(try error(hexadecimal(bytes), as: SampleTypes.range) == .malformedDefinition)
    }

    @Test("a field of another kind than ours is refused by its name")
    func fieldKind() throws {
        let other = GobType.structure(GobStructureType("Range", [.init("Start", .string), .init("End", .uint)]))
        var encoder = GobStreamEncoder()
        var decoder = GobDecoder(
            encoder.encode(.structure(GobStructure(structureType(other), [.text("x"), .uint(1)])), as: other))
        #expect(throws: GobError(.kindMismatch(expected: "uint"), at: "Range.Start")) {
            try decoder.next(SampleTypes.range)
        }
    }

    @Test("a number beyond its target is an error that names the field")
    func range() throws {
        let summary = structureType(SampleTypes.peerSummary)
        let value = GobStructure(summary, [nil, nil, nil, nil, .uint(65_536), nil])
        #expect(throws: GobError(.outOfRange, at: "peerSummary.ShortID")) {
            try value.uint("ShortID", as: UInt16.self)
        }
    }

    @Test("an unknown field nested without end is not followed")
    func depth() throws {
        // struct { A uint; Z []65 }, where 65 is { Z []itself }: the definition refers to itself.
        let definition =
            "16 ff81 03 01 02 ff82 00 01 02 01 01 41 01 06 00 01 01 5a 01 ff84 00 00 00"
        let length = try #require(bytes(hexadecimal: definition.filter { $0 != " " })).count - 1
        let structure = String(length, radix: 16) + definition.dropFirst(2)
        let slice = "0c ff83 02 01 02 ff84 00 01 ff82 00 00"
        let sliceLength = try #require(bytes(hexadecimal: slice.filter { $0 != " " })).count - 1
        let list = "0" + String(sliceLength, radix: 16) + slice.dropFirst(2)
        let type = GobType.structure(GobStructureType("Outer", [.init("A", .uint)]))
        func value(_ levels: Int) -> String {
            let content =
                "ff82" + String(repeating: "0201", count: levels) + "00" + String(repeating: "00", count: levels)
            return hexadecimal([UInt8(content.utf8.count / 2)]) + content
        }
        #expect(try error(structure + list + value(3), as: type) == nil)
        #expect(try error(structure + list + value(20), as: type) == .tooDeep(limit: 16))
    }

    @Test("elements are limited before they are built")
    func elements() throws {
        var limits = GobLimits()
        limits.elements = 5
        let type = GobType.slice(of: .uint)
        for count in [5, 6] {
            var encoder = GobStreamEncoder()
            let bytes = encoder.encode(.list(Array(repeating: .uint(0), count: count)), as: type)
            #expect(
                try error(hexadecimal(bytes), as: type, limits: limits)
                    == (count == 5 ? nil : .tooManyElements(limit: 5)))
        }
    }

    @Test("interface values are refused, even where they would be skipped")
    func interfaces() throws {
        // struct { A uint; Z interface }.
        let structure = "15 ff81 03 01 02 ff82 00 01 02 01 01 41 01 06 00 01 01 5a 01 10 00 00 00"
        let length = try #require(bytes(hexadecimal: structure.filter { $0 != " " })).count - 1
        let definition = String(length, radix: 16) + structure.dropFirst(2)
        let type = GobType.structure(GobStructureType("Outer", [.init("A", .uint)]))
        #expect(try error(definition + "05 ff82 02 00 00", as: type) == .unsupportedType)
        #expect(try error(definition + "05 ff82 01 07 00", as: type) == nil)
    }
}

/// The structure within a type that is one.
func structureType(_ type: GobType) -> GobStructureType {
    guard case .structure(let structure) = type else { return GobStructureType("", []) }
    return structure
}
