/// An `NLMSG_ERROR` or `NLMSG_DONE`: how a request ended, with the kernel's own words if it gave any.
///
/// Layout (`struct nlmsgerr`, linux/netlink.h): errno negated, 4 bytes; the request's header, 16 bytes; the request's
/// body unless `.capped`; attributes if `.extendedAcknowledgement`. A done message has the errno and attributes only.
public struct NetlinkVerdict: Hashable, Sendable {
    /// 0 for success, otherwise the (positive) errno.
    public let errno: Int32
    /// `NLMSGERR_ATTR_MSG`: what the kernel says is wrong; empty if it says nothing.
    public let text: String
    /// `NLMSGERR_ATTR_OFFS`: where in the request the offending attribute begins, counted from its header.
    public let requestOffset: UInt32?
    /// `NLMSGERR_ATTR_MISS_TYPE`: the attribute that is missing in the request.
    public let missingAttribute: UInt32?

    public init(errno: Int32, text: String = "", requestOffset: UInt32? = nil, missingAttribute: UInt32? = nil) {
        self.errno = errno
        self.text = text
        self.requestOffset = requestOffset
        self.missingAttribute = missingAttribute
    }

    /// Reads an error or done message.
    public init(_ message: NetlinkMessage) throws(NetlinkMessageError) {
        switch message.header.type {
        case .error: try self.init(error: message)
        case .done: try self.init(done: message)
        default: throw .unexpectedType(message.header.type.rawValue)
        }
    }

    /// Reads an error message of a receive buffer; success is read without allocating.
    public init(_ message: MessageCursor.Found, in bytes: Span<UInt8>) throws(NetlinkMessageError) {
        let needed = 4 + NetlinkHeader.length
        guard message.type == .error else { throw .unexpectedType(message.type.rawValue) }
        guard message.body.count >= needed else {
            throw .bodyTruncated(message: "struct nlmsgerr", needed: needed, left: message.body.count)
        }
        guard bytes.hostUInt32(at: message.body.lowerBound) != 0 else {
            self.init(errno: 0)
            return
        }
        let copy = bytes.copy((message.body.lowerBound - NetlinkHeader.length)..<message.body.upperBound)
        guard let whole = try NetlinkMessage.messages(in: copy).first else { throw .headerTruncated(left: 0) }
        try self.init(error: whole)
    }

    private init(error message: NetlinkMessage) throws(NetlinkMessageError) {
        let start = try message.fixedPart(4 + NetlinkHeader.length, named: "struct nlmsgerr")
        let code = Self.positive(message.datagram.hostInt32(at: start))
        guard message.header.flags.contains(.extendedAcknowledgement) else {
            self.init(errno: code)
            return
        }
        var fixed = 4 + NetlinkHeader.length
        if !message.header.flags.contains(.capped) {
            let quoted = try NetlinkHeader(message.datagram, at: start + 4)
            guard let length = Int(exactly: quoted.lengthBytes), length >= NetlinkHeader.length,
                let aligned = alignedToFour(length), aligned <= message.body.count - 4
            else { throw .messageLength(declared: quoted.lengthBytes, left: message.body.count - 4) }
            fixed = 4 + aligned
        }
        self.init(errno: code, try message.attributes(behind: fixed, Self.policy))
    }

    private init(done message: NetlinkMessage) throws(NetlinkMessageError) {
        // Old kernels send a done message without a body.
        guard message.body.count >= 4 else {
            self.init(errno: 0)
            return
        }
        let code = Self.positive(message.datagram.hostInt32(at: message.body.lowerBound))
        guard message.header.flags.contains(.extendedAcknowledgement) else {
            self.init(errno: code)
            return
        }
        self.init(errno: code, try message.attributes(behind: 4, Self.policy))
    }

    private init(errno: Int32, _ attributes: Attributes) {
        self.init(
            errno: errno, text: attributes.string(Self.message) ?? "", requestOffset: attributes.uint32(Self.offset),
            missingAttribute: attributes.uint32(Self.missing))
    }

    /// The kernel negates errno. A done message of a dump may carry a positive length instead, which is no error.
    private static func positive(_ code: Int32) -> Int32 {
        code < 0 ? 0 &- code : 0
    }

    private static let message = AttributeSpec(1, "NLMSGERR_ATTR_MSG", .string(limit: 4096))
    private static let offset = AttributeSpec(2, "NLMSGERR_ATTR_OFFS", .uint32)
    private static let missing = AttributeSpec(5, "NLMSGERR_ATTR_MISS_TYPE", .uint32)
    private static let policy = AttributePolicy("struct nlmsgerr", [message, offset, missing])
}
