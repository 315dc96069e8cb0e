/// A JSON document as a tree (RFC 8259). Objects keep the order of their members, which the texts that tools compare
/// depend on; numbers keep their kind, since identifiers here exceed what a floating-point number holds.
public indirect enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// Only for what does not fit `integer`.
    case unsigned(UInt64)
    case number(Double)
    case text(String)
    case array([JSONValue])
    case object([JSONMember])

    /// The member of that name; nil if there is none or this is no object.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// What this is, for messages: `a number`.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .integer, .unsigned, .number: "a number"
        case .text: "text"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

/// One `"name": value` of an object.
public struct JSONMember: Hashable, Sendable {
    public var name: String
    public var value: JSONValue

    public init(_ name: String, _ value: JSONValue) {
        self.name = name
        self.value = value
    }
}

/// Why a text is no JSON, or not the JSON that was expected.
public enum JSONError: Error, Hashable, Sendable {
    /// Not JSON: what was wrong, and at which byte.
    case malformed(String, offset: Int)
    /// JSON, but of another shape: where (`addresses[0]`), and what was wrong.
    case unexpected(path: String, String)
    /// A value that JSON cannot express, such as an infinite number.
    case inexpressible(String)
}

extension JSONError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let what, let offset): "not JSON: \(what) at byte \(offset)"
        case .unexpected(let path, let what): path.isEmpty ? what : "\(path): \(what)"
        case .inexpressible(let what): "JSON cannot express \(what)"
        }
    }
}

extension JSONValue: Encodable {
    /// `{}`: an answer that only says "done".
    public static let emptyObject = JSONValue.object([])

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .bool(let flag): try flag.encode(to: encoder)
        case .integer(let number): try number.encode(to: encoder)
        case .unsigned(let number): try number.encode(to: encoder)
        case .number(let number): try number.encode(to: encoder)
        case .text(let text): try text.encode(to: encoder)
        case .array(let values): try values.encode(to: encoder)
        case .object(let members):
            var container = encoder.container(keyedBy: MemberName.self)
            for member in members { try container.encode(member.value, forKey: MemberName(stringValue: member.name)) }
        }
    }
}

private struct MemberName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
