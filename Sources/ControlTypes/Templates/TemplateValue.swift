/// What a template works on. Like JSON, but with the kinds of nothing that Go's templates tell apart, and records, whose
/// members must exist, apart from maps, where a name may be missing.
public enum TemplateValue: Hashable, Sendable {
    /// No value: `<no value>`, or `<nil>` within another one.
    case absent
    /// A record that is not there, such as a service that is off: `<nil>`.
    case off
    case bool(Bool)
    case integer(Int64)
    case unsigned(UInt64)
    case float(Double)
    case text(String)
    /// An empty list may be `null` in JSON.
    case list([TemplateValue], isNull: Bool = false)
    case record([TemplateMember])
    /// In the order of the names; an empty one may be `null` in JSON.
    case map([TemplateMember], isNull: Bool = false)
}

/// A member of a record or a map.
public struct TemplateMember: Hashable, Sendable {
    public var name: String
    public var value: TemplateValue

    public init(_ name: String, _ value: TemplateValue) {
        self.name = name
        self.value = value
    }
}

extension TemplateValue {
    /// What `if` takes for true.
    var isTrue: Bool {
        switch self {
        case .absent, .off: false
        case .bool(let flag): flag
        case .integer(let number): number != 0
        case .unsigned(let number): number != 0
        case .float(let number): number != 0
        case .text(let text): !text.isEmpty
        case .list(let items, _): !items.isEmpty
        case .record: true
        case .map(let members, _): !members.isEmpty
        }
    }

    /// What compares as equal to `nil`.
    var isNothing: Bool {
        switch self {
        case .absent, .off, .list(_, isNull: true), .map(_, isNull: true): true
        default: false
        }
    }

    /// Go's name of the type, as `%d` shows it for what is no number.
    var typeName: String {
        switch self {
        case .bool: "bool"
        case .integer: "int"
        case .unsigned: "uint64"
        case .float: "float64"
        case .text: "string"
        default: "value"
        }
    }

    /// The value as JSON. A float that is whole is an integer there, as Go writes it.
    var json: JSONValue {
        switch self {
        case .absent, .off, .list(_, isNull: true), .map(_, isNull: true): .null
        case .bool(let flag): .bool(flag)
        case .integer(let number): .integer(number)
        case .unsigned(let number): .unsigned(number)
        case .float(let number): Self.whole(number).map(JSONValue.integer) ?? .number(number)
        case .text(let text): .text(text)
        case .list(let items, _): .array(items.map(\.json))
        case .record(let members), .map(let members, _): .object(members.map { JSONMember($0.name, $0.value.json) })
        }
    }

    /// By its text: arithmetic would need the C library's mathematics, which nothing else here links.
    private static func whole(_ number: Double) -> Int64? {
        let text = number.description
        return text.hasSuffix(".0") ? Int64(text.dropLast(2)) : nil
    }
}
