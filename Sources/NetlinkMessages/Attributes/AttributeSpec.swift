/// What an attribute's payload may be. Lengths outside it are an error before anything is read.
public enum AttributeKind: Hashable, Sendable {
    case uint8
    case uint16
    case uint32
    case uint64
    /// Text, at most `limit` bytes without the zero that may end it.
    case string(limit: Int)
    /// Bytes, of a length within the range.
    case bytes(ClosedRange<Int>)
    /// Attributes again, with a policy of their own.
    case nested

    func accepts(_ length: Int) -> Bool {
        switch self {
        case .uint8: length == 1
        case .uint16: length == 2
        case .uint32: length == 4
        case .uint64: length == 8
        case .string(let limit): (1...(limit + 1)).contains(length)
        case .bytes(let range): range.contains(length)
        case .nested: true
        }
    }
}

/// One attribute of a family: its number, its C name, what it holds, and whether a message is useless without it.
public struct AttributeSpec: Sendable {
    /// At most 0x3fff: the two highest bits of the field are flags.
    public let number: UInt16
    public let name: String
    public let kind: AttributeKind
    public let isRequired: Bool

    public init(_ number: UInt16, _ name: String, _ kind: AttributeKind, required: Bool = false) {
        self.number = number
        self.name = name
        self.kind = kind
        isRequired = required
    }
}

/// The attributes that are read in one place. Others are skipped: kernels add new ones all the time.
public struct AttributePolicy: Sendable {
    /// What contains the attributes, for error messages: the C name of a structure or of a nesting attribute.
    public let name: String
    let specs: [AttributeSpec]

    public init(_ name: String, _ specs: [AttributeSpec]) {
        self.name = name
        self.specs = specs
    }

    func spec(_ number: UInt16) -> AttributeSpec? {
        specs.first { $0.number == number }
    }
}
