/// How to read a value that a sender describes in its way as the type that we expect: made once for a stream and type.
indirect enum GobPlan: Sendable {
    case bool
    case int
    case uint
    case float
    case bytes
    case string
    case slice(GobPlan)
    case array(GobPlan, count: Int)
    case map(key: GobPlan, value: GobPlan)
    /// A step for each field number of the sender.
    case structure(GobStructureType, [Step])

    enum Step: Sendable {
        /// The value goes to this field of ours.
        case take(index: Int, name: String, GobPlan)
        /// We don't know the field; its value has this type.
        case skip(id: Int64, name: String)
    }
}

/// The types that a stream has defined so far.
struct WireTypeTable: Sendable {
    private var types: [Int64: WireType] = [:]

    subscript(id: Int64) -> WireType? { types[id] }

    mutating func define(_ id: Int64, as type: WireType, limit: Int) throws(GobError) {
        // Go starts at 64 or 65, depending on its age; what is below belongs to the language.
        guard id >= BuiltInID.firstOwn - 1 else { throw GobError(.undefinedType(id: id), at: "type definition") }
        guard types[id] == nil else { throw GobError(.repeatedDefinition(id: id), at: "type definition") }
        guard types.count < limit else { throw GobError(.tooManyDefinitions(limit: limit), at: "type definition") }
        types[id] = type
    }

    /// The plan for values of the sender's type `id` where `expected` is wanted. `expected` bounds the recursion.
    func plan(for expected: GobType, id: Int64, _ field: String) throws(GobError) -> GobPlan {
        if let builtIn = expected.builtInID {
            guard id == builtIn else { throw GobError(.kindMismatch(expected: expected.kindName), at: field) }
        } else if id > BuiltInID.interface, types[id] == nil {
            throw GobError(.undefinedType(id: id), at: field)
        }
        switch (expected, types[id]) {
        case (.bool, _): return .bool
        case (.int, _): return .int
        case (.uint, _): return .uint
        case (.float, _): return .float
        case (.bytes, _): return .bytes
        case (.string, _): return .string
        case (.slice(_, let element), .slice(let wireElement)?):
            return .slice(try plan(for: element, id: wireElement, field))
        case (.array(_, let element, let count), .array(let wireElement, let wireCount)?):
            guard wireCount == Int64(count) else { throw GobError(.wrongArrayLength, at: field) }
            return .array(try plan(for: element, id: wireElement, field), count: count)
        case (.map(_, let key, let value), .map(let wireKey, let wireValue)?):
            return .map(
                key: try plan(for: key, id: wireKey, field), value: try plan(for: value, id: wireValue, field))
        case (.structure(let type), .structure(_, let fields)?):
            return .structure(type, try steps(type, fields))
        case (.slice, _), (.array, _), (.map, _), (.structure, _):
            throw GobError(.kindMismatch(expected: expected.kindName), at: field)
        }
    }

    private func steps(_ type: GobStructureType, _ wireFields: [WireField]) throws(GobError) -> [GobPlan.Step] {
        var steps: [GobPlan.Step] = []
        var isCommon = false
        for field in wireFields {
            guard let index = type.fields.firstIndex(where: { $0.name == field.name }) else {
                steps.append(.skip(id: field.id, name: field.name))
                continue
            }
            let name = "\(type.name).\(field.name)"
            steps.append(
                .take(index: index, name: name, try plan(for: type.fields[index].type, id: field.id, name)))
            isCommon = true
        }
        guard isCommon else { throw GobError(.noCommonField, at: type.name) }
        return steps
    }
}
