/// A value of a `GobType`.
public enum GobValue: Hashable, Sendable {
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case float(Double)
    case bytes([UInt8])
    /// The bytes of a string: UTF-8 by custom, which nobody enforces.
    case string([UInt8])
    /// The elements of a slice or array.
    case list([GobValue])
    /// In the order of the wire; a sender may repeat a key, the last one counts.
    case map([GobPair])
    case structure(GobStructure)

    /// A string value of this text.
    public static func text(_ text: String) -> GobValue { .string(Array(text.utf8)) }
}

/// One entry of a map.
public struct GobPair: Hashable, Sendable {
    public let key: GobValue
    public let value: GobValue

    public init(_ key: GobValue, _ value: GobValue) {
        self.key = key
        self.value = value
    }
}

extension GobValue {
    /// The bytes of a `.bytes` value; nil for other kinds.
    public var bytes: [UInt8]? {
        if case .bytes(let bytes) = self { bytes } else { nil }
    }

    /// The text of a `.string` value, with what is not UTF-8 replaced by U+FFFD; nil for other kinds.
    public var text: String? {
        if case .string(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
    }

    /// The number of a `.uint` value; nil for other kinds.
    public var uint: UInt64? {
        if case .uint(let number) = self { number } else { nil }
    }

    /// The number of an `.int` value; nil for other kinds.
    public var int: Int64? {
        if case .int(let number) = self { number } else { nil }
    }

    /// The fields of a `.structure` value; nil for other kinds.
    public var structure: GobStructure? {
        if case .structure(let structure) = self { structure } else { nil }
    }

    /// The elements of a `.list` value; nil for other kinds.
    public var list: [GobValue]? {
        if case .list(let elements) = self { elements } else { nil }
    }

    /// The entries of a `.map` value; nil for other kinds.
    public var pairs: [GobPair]? {
        if case .map(let pairs) = self { pairs } else { nil }
    }

    /// Whether a structure leaves out a field of this value. Maps, arrays and structures are always sent when they are
    /// there; to leave one out, as Go does with a nil pointer or map, the field's value is nil instead.
    func isLeftOut(as type: GobType) -> Bool {
        switch self {
        case .bool(let value): !value
        case .int(let value): value == 0
        case .uint(let value): value == 0
        case .float(let value): value.bitPattern == 0
        case .bytes(let value), .string(let value): value.isEmpty
        case .list(let elements):
            if case .slice = type { elements.isEmpty } else { false }
        case .map, .structure: false
        }
    }
}
