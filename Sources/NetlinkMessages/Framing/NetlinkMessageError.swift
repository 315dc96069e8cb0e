/// Why bytes could not be read as netlink. Names the message or the attribute by its C name.
public enum NetlinkMessageError: Error, Hashable, Sendable {
    /// The datagram ended inside a message header (16 bytes).
    case headerTruncated(left: Int)
    /// A message's own length is below its header's or beyond the datagram.
    case messageLength(declared: UInt32, left: Int)
    /// The fixed part of a message is incomplete; `message` is the C name of its structure.
    case bodyTruncated(message: String, needed: Int, left: Int)
    /// An attribute's own length is below its header's (4 bytes) or beyond what contains it.
    case attributeFraming(container: String, declared: Int, left: Int)
    /// An attribute's payload is shorter or longer than its kind allows.
    case attributeLength(attribute: String, length: Int)
    /// A required attribute is not there.
    case attributeMissing(attribute: String)
    /// An attribute has a value that cannot be used, for example an IPv4 address in an IPv6 message.
    case attributeValue(attribute: String)
    /// A message of another type than the decoder reads.
    case unexpectedType(UInt16)
    /// A generic message with another command than the decoder reads; `message` is the C name of what was expected.
    case unexpectedCommand(message: String, command: UInt8)
}

extension NetlinkMessageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .headerTruncated(let left): "a netlink message header needs 16 bytes, \(left) are left"
        case .messageLength(let declared, let left): "a netlink message claims \(declared) bytes, \(left) are left"
        case .bodyTruncated(let message, let needed, let left): "\(message) needs \(needed) bytes, \(left) are left"
        case .attributeFraming(let container, let declared, let left):
            "an attribute in \(container) claims \(declared) bytes, \(left) are left"
        case .attributeLength(let attribute, let length): "\(attribute) cannot be \(length) bytes long"
        case .attributeMissing(let attribute): "\(attribute) is missing"
        case .attributeValue(let attribute): "\(attribute) has a value that cannot be used"
        case .unexpectedType(let type): "a netlink message of type \(type) was not expected here"
        case .unexpectedCommand(let message, let command): "command \(command) is none that \(message) can be read from"
        }
    }
}
