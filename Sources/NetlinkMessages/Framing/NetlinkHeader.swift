/// What a message is. Types below 16 belong to netlink itself, the others to its families.
public struct NetlinkType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// `NLMSG_NOOP`, linux/netlink.h.
    public static let noOperation = NetlinkType(rawValue: 1)
    /// `NLMSG_ERROR`, linux/netlink.h: an error, or with errno 0 an acknowledgement.
    public static let error = NetlinkType(rawValue: 2)
    /// `NLMSG_DONE`, linux/netlink.h: the end of a dump.
    public static let done = NetlinkType(rawValue: 3)
    /// `NLMSG_OVERRUN`, linux/netlink.h.
    public static let overrun = NetlinkType(rawValue: 4)
}

/// Flags of a message header. Some bits mean one thing in a request to make, another in a request to list, and a third
/// in an answer.
public struct NetlinkFlags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// `NLM_F_REQUEST`, linux/netlink.h: set in every request.
    public static let request = NetlinkFlags(rawValue: 0x01)
    /// `NLM_F_MULTI`, linux/netlink.h: one of several parts, ended by `NLMSG_DONE`.
    public static let multipart = NetlinkFlags(rawValue: 0x02)
    /// `NLM_F_ACK`, linux/netlink.h: answer with an acknowledgement.
    public static let acknowledge = NetlinkFlags(rawValue: 0x04)
    /// `NLM_F_ECHO`, linux/netlink.h: answer with what was made.
    public static let echo = NetlinkFlags(rawValue: 0x08)
    /// `NLM_F_DUMP_INTR`, linux/netlink.h: the list changed while it was read, and may be inconsistent.
    public static let dumpInterrupted = NetlinkFlags(rawValue: 0x10)
    /// `NLM_F_DUMP`, linux/netlink.h (`NLM_F_ROOT | NLM_F_MATCH`): list all.
    public static let dump = NetlinkFlags(rawValue: 0x300)
    /// `NLM_F_REPLACE`, linux/netlink.h: an existing object is overwritten.
    public static let replace = NetlinkFlags(rawValue: 0x100)
    /// `NLM_F_EXCL`, linux/netlink.h: an existing object is an error.
    public static let exclusive = NetlinkFlags(rawValue: 0x200)
    /// `NLM_F_CREATE`, linux/netlink.h: make the object if it is not there.
    public static let create = NetlinkFlags(rawValue: 0x400)
    /// `NLM_F_CAPPED`, linux/netlink.h, in an error: of the request only the header is quoted.
    public static let capped = NetlinkFlags(rawValue: 0x100)
    /// `NLM_F_ACK_TLVS`, linux/netlink.h, in an error: attributes follow (the extended acknowledgement).
    public static let extendedAcknowledgement = NetlinkFlags(rawValue: 0x200)
}

/// The header of every message: `struct nlmsghdr`, linux/netlink.h, 16 bytes, host order.
///
/// Example (an acknowledged `RTM_NEWLINK` of 32 bytes, little-endian): `20000000 1000 0506 01000000 00000000`.
public struct NetlinkHeader: Hashable, Sendable {
    /// The length of a header in bytes.
    public static let length = 16

    /// The whole message's length in bytes, header included, padding not.
    public var lengthBytes: UInt32
    public var type: NetlinkType
    public var flags: NetlinkFlags
    /// Chosen by who asks, repeated in the answer; 0 in notifications.
    public var sequence: UInt32
    /// The port of the asking socket; 0 is the kernel.
    public var port: UInt32

    public init(lengthBytes: UInt32, type: NetlinkType, flags: NetlinkFlags, sequence: UInt32, port: UInt32) {
        self.lengthBytes = lengthBytes
        self.type = type
        self.flags = flags
        self.sequence = sequence
        self.port = port
    }

    /// Reads a header at `offset`.
    init(_ bytes: [UInt8], at offset: Int) throws(NetlinkMessageError) {
        guard offset >= 0, bytes.count - offset >= Self.length else {
            throw .headerTruncated(left: bytes.count - offset)
        }
        lengthBytes = bytes.hostUInt32(at: offset)
        type = NetlinkType(rawValue: bytes.hostUInt16(at: offset + 4))
        flags = NetlinkFlags(rawValue: bytes.hostUInt16(at: offset + 6))
        sequence = bytes.hostUInt32(at: offset + 8)
        port = bytes.hostUInt32(at: offset + 12)
    }

    func append(to bytes: inout [UInt8]) {
        bytes.appendHost(lengthBytes)
        bytes.appendHost(type.rawValue)
        bytes.appendHost(flags.rawValue)
        bytes.appendHost(sequence)
        bytes.appendHost(port)
    }
}
