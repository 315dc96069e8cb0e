/// A type as its sender has defined it. Ids may point forward, and are resolved when a value comes.
enum WireType: Sendable {
    case array(element: Int64, count: Int64)
    case slice(element: Int64)
    case structure(name: String, fields: [WireField])
    case map(key: Int64, value: Int64)
    /// Types with their own marshalling, whose values are byte strings to everyone else.
    case opaque
}

struct WireField: Sendable {
    let name: String
    let id: Int64
}

extension WireType {
    /// Reads the rest of a definition after its id: a structure with one of seven fields set.
    ///
    /// | field | 0 | 1 | 2 | 3 | 4, 5, 6 |
    /// |---|---|---|---|---|---|
    /// | | array | slice | structure | map | own marshalling |
    init(from cursor: inout GobCursor, in bytes: [UInt8]) throws(GobError) {
        let field = "type definition"
        guard let kind = try cursor.nextField(after: -1, of: 7, field, in: bytes) else {
            throw GobError(.malformedDefinition, at: field)
        }
        switch kind {
        case 0:
            let parts = try WireType.parts(3, from: &cursor, in: bytes)
            self = .array(element: parts.numbers[1], count: parts.numbers[2])
        case 1:
            self = .slice(element: try WireType.parts(2, from: &cursor, in: bytes).numbers[1])
        case 2:
            let parts = try WireType.parts(2, fieldsAt: 1, from: &cursor, in: bytes)
            // Go can't repeat a field's name. Who does it wants the plans of nested types to multiply.
            guard Set(parts.fields.map(\.name)).count == parts.fields.count else {
                throw GobError(.malformedDefinition, at: field)
            }
            self = .structure(name: parts.name, fields: parts.fields)
        case 3:
            let parts = try WireType.parts(3, from: &cursor, in: bytes)
            self = .map(key: parts.numbers[1], value: parts.numbers[2])
        default:
            _ = try WireType.parts(1, from: &cursor, in: bytes)
            self = .opaque
        }
        guard try cursor.nextField(after: kind, of: 7, field, in: bytes) == nil else {
            throw GobError(.malformedDefinition, at: field)
        }
    }

    private struct Parts {
        var name = ""
        /// Signed numbers by field number; field 0, the common part, is not one.
        var numbers: [Int64]
        var fields: [WireField] = []
    }

    /// A structure whose field 0 is the common part, and whose others are numbers, but for a list of fields.
    private static func parts(
        _ count: Int, fieldsAt listNumber: Int? = nil, from cursor: inout GobCursor, in bytes: [UInt8]
    ) throws(GobError) -> Parts {
        var parts = Parts(numbers: Array(repeating: 0, count: count))
        var number = -1
        while let next = try cursor.nextField(after: number, of: count, "type definition", in: bytes) {
            number = next
            if next == 0 {
                parts.name = try nameAndID(from: &cursor, in: bytes).name
            } else if next == listNumber {
                let length = try cursor.count("fields of a type", in: bytes)
                for _ in 0..<length { parts.fields.append(try nameAndID(from: &cursor, in: bytes)) }
            } else {
                parts.numbers[next] = try cursor.signed("id in a type definition", in: bytes)
            }
        }
        return parts
    }

    /// { 0 name, 1 id }: the shape of the common part and of each field. The common id repeats what we know.
    private static func nameAndID(from cursor: inout GobCursor, in bytes: [UInt8]) throws(GobError) -> WireField {
        var name = ""
        var id: Int64 = 0
        var number = -1
        while let next = try cursor.nextField(after: number, of: 2, "name in a type definition", in: bytes) {
            number = next
            if next == 0 {
                name = String(decoding: try cursor.counted("name in a type definition", in: bytes), as: UTF8.self)
            } else {
                id = try cursor.signed("id in a type definition", in: bytes)
            }
        }
        return WireField(name: name, id: id)
    }
}
