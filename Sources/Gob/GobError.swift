/// Why gob bytes could not be read: what was wrong, and at which field.
public struct GobError: Error, Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// The bytes end inside the field.
        case truncated(needed: Int, left: Int)
        /// A number of more than eight bytes.
        case numberTooWide
        /// A number that its target can't hold.
        case outOfRange
        /// More elements announced than there are bytes left.
        case countBeyondBytes(count: UInt64, left: Int)
        /// An array that is not as long as its type says.
        case wrongArrayLength
        case emptyMessage
        /// A message longer than the limit of the stream.
        case messageTooLong(bytes: UInt64, limit: Int)
        /// A value of a type that was never defined, or an id that nobody may use.
        case undefinedType(id: Int64)
        case repeatedDefinition(id: Int64)
        case tooManyDefinitions(limit: Int)
        /// A definition that is no array, slice, structure or map, or has unknown parts.
        case malformedDefinition
        /// The sender's type is of another kind than the wanted one.
        case kindMismatch(expected: String)
        /// The sender's structure has none of the wanted fields.
        case noCommonField
        /// A field number that the sender's structure does not have.
        case unknownFieldNumber
        /// An interface value: no channel uses them.
        case unsupportedType
        case tooDeep(limit: Int)
        case tooManyElements(limit: Int)
    }

    public let reason: Reason
    /// The name of the field as the sender or we call it, such as `peerSummary.ShortID` or `message length`.
    public let field: String

    public init(_ reason: Reason, at field: String) {
        self.reason = reason
        self.field = field
    }
}

extension GobError: CustomStringConvertible {
    public var description: String {
        let what =
            switch reason {
            case .truncated(let needed, let left): "needs \(needed) bytes, \(left) are left"
            case .numberTooWide: "is a number of more than 64 bits"
            case .outOfRange: "is a number out of range"
            case .countBeyondBytes(let count, let left): "announces \(count) elements in \(left) bytes"
            case .wrongArrayLength: "is not as long as its type says"
            case .emptyMessage: "is empty"
            case .messageTooLong(let bytes, let limit): "has \(bytes) bytes, more than \(limit)"
            case .undefinedType(let id): "has type \(id), which was not defined"
            case .repeatedDefinition(let id): "defines type \(id) again"
            case .tooManyDefinitions(let limit): "is more than the \(limit)th type definition"
            case .malformedDefinition: "is no type definition that we know"
            case .kindMismatch(let expected): "is not the expected \(expected)"
            case .noCommonField: "has none of the expected fields"
            case .unknownFieldNumber: "has a field number beyond its definition"
            case .unsupportedType: "is an interface value"
            case .tooDeep(let limit): "is nested deeper than \(limit)"
            case .tooManyElements(let limit): "has more than \(limit) elements"
            }
        return "gob: \(field) \(what)"
    }
}
