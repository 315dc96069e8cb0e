/// A type as sender and receiver describe it: what an encoder defines on the stream, and what a decoder expects.
///
/// All widths of integers are one type on the wire. Names of types are sent, but mean nothing to a receiver; types
/// that differ only in their names are defined separately, as Go does.
public indirect enum GobType: Hashable, Sendable {
    case bool
    case int
    case uint
    case float
    case bytes
    case string
    case slice(name: String = "", of: GobType)
    case array(name: String = "", of: GobType, count: Int)
    case map(name: String = "", key: GobType, value: GobType)
    case structure(GobStructureType)

    /// The id that every gob stream knows without a definition; nil for composite types.
    var builtInID: Int64? {
        switch self {
        case .bool: BuiltInID.bool
        case .int: BuiltInID.int
        case .uint: BuiltInID.uint
        case .float: BuiltInID.float
        case .bytes: BuiltInID.bytes
        case .string: BuiltInID.string
        case .slice, .array, .map, .structure: nil
        }
    }

    /// The word for error messages.
    var kindName: String {
        switch self {
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .float: "float"
        case .bytes: "bytes"
        case .string: "string"
        case .slice: "slice"
        case .array: "array"
        case .map: "map"
        case .structure(let type): "structure \(type.name)"
        }
    }
}

/// A structure: fields in the order of their numbers, matched by name at the receiver.
public struct GobStructureType: Hashable, Sendable {
    public struct Field: Hashable, Sendable {
        /// Case matters.
        public let name: String
        public let type: GobType

        public init(_ name: String, _ type: GobType) {
            self.name = name
            self.type = type
        }
    }

    public let name: String
    public let fields: [Field]

    public init(_ name: String, _ fields: [Field]) {
        self.name = name
        self.fields = fields
    }
}

/// Type ids that need no definition (Go's encoding/gob, `type.go`).
enum BuiltInID {
    static let bool: Int64 = 1
    static let int: Int64 = 2
    static let uint: Int64 = 3
    static let float: Int64 = 4
    static let bytes: Int64 = 5
    static let string: Int64 = 6
    static let complex: Int64 = 7
    static let interface: Int64 = 8
    /// The first id that a sender defines itself.
    static let firstOwn: Int64 = 65
}
