/// The fields of a structure by the type that we know it as: what the sender left out, or does not have, is nil.
///
/// The reading functions name a field of `type` and its kind. A decoder has checked all kinds, so asking for another
/// kind, or for a field that `type` lacks, is a mistake in our own code: a precondition.
public struct GobStructure: Hashable, Sendable {
    public let type: GobStructureType
    /// One for each field of `type`.
    public let values: [GobValue?]

    /// A structure to encode: `values` in the order of `type.fields`, nil for what stays away.
    public init(_ type: GobStructureType, _ values: [GobValue?]) {
        precondition(values.count == type.fields.count, "\(type.name) has \(type.fields.count) fields")
        self.type = type
        self.values = values
    }

    /// The value of a field; nil if absent.
    public subscript(name: String) -> GobValue? {
        guard let index = type.fields.firstIndex(where: { $0.name == name }) else {
            preconditionFailure("\(type.name) has no field \(name)")
        }
        return values[index]
    }

    /// A bool; false if absent.
    public func bool(_ name: String) -> Bool {
        guard let value = self[name] else { return false }
        guard case .bool(let bool) = value else { mismatch(name, "bool") }
        return bool
    }

    /// An unsigned number, 0 if absent; throws when `Number` can't hold it.
    public func uint<Number: FixedWidthInteger & UnsignedInteger>(
        _ name: String, as: Number.Type = Number.self
    ) throws(GobError) -> Number {
        guard let value = self[name] else { return 0 }
        guard case .uint(let wide) = value else { mismatch(name, "uint") }
        guard let number = Number(exactly: wide) else { throw GobError(.outOfRange, at: "\(type.name).\(name)") }
        return number
    }

    /// A signed number, 0 if absent; throws when `Number` can't hold it.
    public func int<Number: FixedWidthInteger & SignedInteger>(
        _ name: String, as: Number.Type = Number.self
    ) throws(GobError) -> Number {
        guard let value = self[name] else { return 0 }
        guard case .int(let wide) = value else { mismatch(name, "int") }
        guard let number = Number(exactly: wide) else { throw GobError(.outOfRange, at: "\(type.name).\(name)") }
        return number
    }

    /// Bytes; empty if absent.
    public func bytes(_ name: String) -> [UInt8] {
        guard let value = self[name] else { return [] }
        guard case .bytes(let bytes) = value else { mismatch(name, "bytes") }
        return bytes
    }

    /// A string's text, with what is not UTF-8 replaced by U+FFFD; empty if absent.
    public func text(_ name: String) -> String {
        String(decoding: stringBytes(name), as: UTF8.self)
    }

    /// A string's bytes as they came; empty if absent.
    public func stringBytes(_ name: String) -> [UInt8] {
        guard let value = self[name] else { return [] }
        guard case .string(let bytes) = value else { mismatch(name, "string") }
        return bytes
    }

    /// The elements of a slice or array; empty if absent.
    public func list(_ name: String) -> [GobValue] {
        guard let value = self[name] else { return [] }
        guard case .list(let elements) = value else { mismatch(name, "list") }
        return elements
    }

    /// The entries of a map. nil if absent, which some channels tell from an empty one.
    public func map(_ name: String) -> [GobPair]? {
        guard let value = self[name] else { return nil }
        guard case .map(let pairs) = value else { mismatch(name, "map") }
        return pairs
    }

    /// A structure within this one; nil if absent, which is Go's nil pointer, or its zero value from lazy senders.
    public func structure(_ name: String) -> GobStructure? {
        guard let value = self[name] else { return nil }
        guard case .structure(let structure) = value else { mismatch(name, "structure") }
        return structure
    }

    private func mismatch(_ name: String, _ kind: String) -> Never {
        preconditionFailure("\(type.name).\(name) is not a \(kind)")
    }
}
