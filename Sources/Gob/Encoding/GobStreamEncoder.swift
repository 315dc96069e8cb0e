/// Writes values to a gob stream, as Go does: definitions once, each before the first value that needs it.
///
/// The same values with the same `firstTypeID` give the same bytes as Go's encoder, but for the order of maps, which
/// here is that of the given pairs.
public struct GobStreamEncoder: Sendable {
    private var ids: [GobType: Int64] = [:]
    private var defined: Set<GobType> = []
    private var nextID: Int64

    /// Receivers take any ids; 65 is what a small Go program starts with.
    public init(firstTypeID: Int = 65) {
        nextID = Int64(firstTypeID)
    }

    /// Appends the messages for a value. That `value` has the shape of `type` is the caller's promise.
    public mutating func encode(_ value: GobValue, as type: GobType, into bytes: inout [UInt8]) {
        let id = define(type, into: &bytes)
        var content: [UInt8] = []
        content.appendGob(signed: id)
        if case .structure = type {
        } else {
            content.append(0)
        }
        write(value, as: type, into: &content)
        bytes.appendGob(counted: content)
    }

    /// Appends the definitions that `type` needs and that have not been written yet, and returns the id that its values
    /// are sent with: for those who write values themselves.
    public mutating func define(_ type: GobType, into bytes: inout [UInt8]) -> Int64 {
        let id = assignID(to: type)
        writeDefinitions(type, into: &bytes)
        return id
    }

    /// The messages for a value.
    public mutating func encode(_ value: GobValue, as type: GobType) -> [UInt8] {
        var bytes: [UInt8] = []
        encode(value, as: type, into: &bytes)
        return bytes
    }

    /// Go numbers a structure before its fields, but all other composites after their parts.
    private mutating func assignID(to type: GobType) -> Int64 {
        if let id = type.builtInID ?? ids[type] { return id }
        switch type {
        case .bool, .int, .uint, .float, .bytes, .string: break
        case .slice(_, let element), .array(_, let element, _):
            _ = assignID(to: element)
        case .map(_, let key, let value):
            _ = assignID(to: key)
            _ = assignID(to: value)
        case .structure(let structure):
            let id = takeID(for: type)
            for field in structure.fields { _ = assignID(to: field.type) }
            return id
        }
        return takeID(for: type)
    }

    private mutating func takeID(for type: GobType) -> Int64 {
        defer { nextID += 1 }
        ids[type] = nextID
        return nextID
    }

    /// Definitions go from the outside inwards.
    private mutating func writeDefinitions(_ type: GobType, into bytes: inout [UInt8]) {
        guard type.builtInID == nil, defined.insert(type).inserted else { return }
        bytes.appendGob(counted: definition(of: type))
        switch type {
        case .bool, .int, .uint, .float, .bytes, .string: break
        case .slice(_, let element), .array(_, let element, _):
            writeDefinitions(element, into: &bytes)
        case .map(_, let key, let value):
            writeDefinitions(key, into: &bytes)
            writeDefinitions(value, into: &bytes)
        case .structure(let structure):
            for field in structure.fields { writeDefinitions(field.type, into: &bytes) }
        }
    }

    private func id(of type: GobType) -> Int64 {
        guard let id = type.builtInID ?? ids[type] else { preconditionFailure("all parts of a type have ids by now") }
        return id
    }

    /// The content of a definition message; `WireType.init(from:in:)` has the table of its fields.
    private func definition(of type: GobType) -> [UInt8] {
        var content: [UInt8] = []
        content.appendGob(signed: -id(of: type))
        switch type {
        case .bool, .int, .uint, .float, .bytes, .string: break
        case .array(let name, let element, let count):
            begin(1, name, type, &content)
            content.append(1)
            content.appendGob(signed: id(of: element))
            if count > 0 {
                content.append(1)
                content.appendGob(signed: Int64(count))
            }
        case .slice(let name, let element):
            begin(2, name, type, &content)
            content.append(1)
            content.appendGob(signed: id(of: element))
        case .structure(let structure):
            begin(3, structure.name, type, &content)
            if !structure.fields.isEmpty {
                content.append(1)
                content.appendGob(unsigned: UInt64(structure.fields.count))
                for field in structure.fields { append(field.name, id(of: field.type), &content) }
            }
        case .map(let name, let key, let value):
            begin(4, name, type, &content)
            content.append(1)
            content.appendGob(signed: id(of: key))
            content.append(1)
            content.appendGob(signed: id(of: value))
        }
        // The end of the kind's structure, and of the definition's.
        content.append(contentsOf: [0, 0])
        return content
    }

    /// The delta to the kind's field, and the common part as its field 0.
    private func begin(_ delta: UInt8, _ name: String, _ type: GobType, _ content: inout [UInt8]) {
        content.append(delta)
        content.append(1)
        append(name, id(of: type), &content)
    }

    /// { 0 name, 1 id }, an empty name left out.
    private func append(_ name: String, _ id: Int64, _ content: inout [UInt8]) {
        if name.isEmpty {
            content.append(2)
        } else {
            content.append(1)
            content.appendGob(counted: name.utf8)
            content.append(1)
        }
        content.appendGob(signed: id)
        content.append(0)
    }

    private func write(_ value: GobValue, as type: GobType, into bytes: inout [UInt8]) {
        switch (type, value) {
        case (.bool, .bool(let value)): bytes.append(value ? 1 : 0)
        case (.int, .int(let value)): bytes.appendGob(signed: value)
        case (.uint, .uint(let value)): bytes.appendGob(unsigned: value)
        case (.float, .float(let value)): bytes.appendGob(unsigned: value.bitPattern.byteSwapped)
        case (.bytes, .bytes(let value)), (.string, .string(let value)): bytes.appendGob(counted: value)
        case (.slice(_, let element), .list(let values)), (.array(_, let element, _), .list(let values)):
            bytes.appendGob(unsigned: UInt64(values.count))
            for value in values { write(value, as: element, into: &bytes) }
        case (.map(_, let key, let element), .map(let pairs)):
            bytes.appendGob(unsigned: UInt64(pairs.count))
            for pair in pairs {
                write(pair.key, as: key, into: &bytes)
                write(pair.value, as: element, into: &bytes)
            }
        case (.structure(let type), .structure(let structure)): write(structure, as: type, into: &bytes)
        default: preconditionFailure("a value of another kind was given for \(type.kindName)")
        }
    }

    private func write(_ structure: GobStructure, as type: GobStructureType, into bytes: inout [UInt8]) {
        precondition(structure.values.count == type.fields.count, "\(type.name) has other fields")
        var previous = -1
        for (number, field) in type.fields.enumerated() {
            guard let value = structure.values[number], !value.isLeftOut(as: field.type) else { continue }
            bytes.appendGob(unsigned: UInt64(number - previous))
            write(value, as: field.type, into: &bytes)
            previous = number
        }
        bytes.append(0)
    }
}
