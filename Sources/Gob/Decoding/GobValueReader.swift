/// Reads one value by a plan, and steps over what the plan does not want.
struct GobValueReader {
    var cursor: GobCursor
    private let types: WireTypeTable
    private let limits: GobLimits
    private var elementsLeft: Int

    init(_ cursor: GobCursor, types: WireTypeTable, limits: GobLimits) {
        self.cursor = cursor
        self.types = types
        self.limits = limits
        elementsLeft = limits.elements
    }

    mutating func value(_ plan: GobPlan, _ field: String, in bytes: [UInt8]) throws(GobError) -> GobValue {
        switch plan {
        case .bool: return .bool(try cursor.unsigned(field, in: bytes) != 0)
        case .int: return .int(try cursor.signed(field, in: bytes))
        case .uint: return .uint(try cursor.unsigned(field, in: bytes))
        case .float: return .float(Double(bitPattern: try cursor.unsigned(field, in: bytes).byteSwapped))
        case .bytes: return .bytes(try cursor.counted(field, in: bytes))
        case .string: return .string(try cursor.counted(field, in: bytes))
        case .slice(let element):
            let count = try elements(field, in: bytes)
            return .list(try list(count, element, field, in: bytes))
        case .array(let element, let expected):
            let count = try elements(field, in: bytes)
            guard count == expected else { throw GobError(.wrongArrayLength, at: field) }
            return .list(try list(count, element, field, in: bytes))
        case .map(let key, let value): return .map(try pairs(key, value, field, in: bytes))
        case .structure(let type, let steps): return .structure(try structure(type, steps, in: bytes))
        }
    }

    private mutating func list(
        _ count: Int, _ element: GobPlan, _ field: String, in bytes: [UInt8]
    ) throws(GobError) -> [GobValue] {
        var values: [GobValue] = []
        for _ in 0..<count { values.append(try value(element, field, in: bytes)) }
        return values
    }

    private mutating func pairs(
        _ key: GobPlan, _ value: GobPlan, _ field: String, in bytes: [UInt8]
    ) throws(GobError) -> [GobPair] {
        let count = try elements(field, elementBytes: 2, in: bytes)
        var pairs: [GobPair] = []
        for _ in 0..<count {
            let key = try self.value(key, field, in: bytes)
            pairs.append(GobPair(key, try self.value(value, field, in: bytes)))
        }
        return pairs
    }

    private mutating func structure(
        _ type: GobStructureType, _ steps: [GobPlan.Step], in bytes: [UInt8]
    ) throws(GobError) -> GobStructure {
        var values = [GobValue?](repeating: nil, count: type.fields.count)
        var number = -1
        while let next = try cursor.nextField(after: number, of: steps.count, type.name, in: bytes) {
            number = next
            switch steps[next] {
            case .take(let index, let name, let plan): values[index] = try value(plan, name, in: bytes)
            case .skip(let id, let name): try skip(id, name, depth: 1, in: bytes)
            }
        }
        return GobStructure(type, values)
    }

    /// A count that is paid from the budget for elements before anything is built.
    private mutating func elements(
        _ field: String, elementBytes: Int = 1, in bytes: [UInt8]
    ) throws(GobError) -> Int {
        let count = try cursor.count(field, elementBytes: elementBytes, in: bytes)
        guard count <= elementsLeft else { throw GobError(.tooManyElements(limit: limits.elements), at: field) }
        elementsLeft -= count
        return count
    }

    /// Steps over a value of the sender's type `id`. Each turn of each loop takes a byte at least, so it ends.
    mutating func skip(_ id: Int64, _ field: String, depth: Int, in bytes: [UInt8]) throws(GobError) {
        guard depth <= limits.depth else { throw GobError(.tooDeep(limit: limits.depth), at: field) }
        switch id {
        case BuiltInID.bool, BuiltInID.int, BuiltInID.uint, BuiltInID.float:
            _ = try cursor.unsigned(field, in: bytes)
        case BuiltInID.bytes, BuiltInID.string:
            try cursor.skipCounted(field, in: bytes)
        case BuiltInID.complex:
            _ = try cursor.unsigned(field, in: bytes)
            _ = try cursor.unsigned(field, in: bytes)
        case BuiltInID.interface:
            throw GobError(.unsupportedType, at: field)
        default:
            guard let type = types[id] else { throw GobError(.undefinedType(id: id), at: field) }
            try skip(type, field, depth: depth + 1, in: bytes)
        }
    }

    private mutating func skip(_ type: WireType, _ field: String, depth: Int, in bytes: [UInt8]) throws(GobError) {
        switch type {
        case .array(let element, _), .slice(let element):
            for _ in 0..<(try cursor.count(field, in: bytes)) { try skip(element, field, depth: depth, in: bytes) }
        case .map(let key, let value):
            for _ in 0..<(try cursor.count(field, elementBytes: 2, in: bytes)) {
                try skip(key, field, depth: depth, in: bytes)
                try skip(value, field, depth: depth, in: bytes)
            }
        case .structure(_, let fields):
            var number = -1
            while let next = try cursor.nextField(after: number, of: fields.count, field, in: bytes) {
                number = next
                try skip(fields[next].id, field, depth: depth, in: bytes)
            }
        case .opaque:
            try cursor.skipCounted(field, in: bytes)
        }
    }
}
