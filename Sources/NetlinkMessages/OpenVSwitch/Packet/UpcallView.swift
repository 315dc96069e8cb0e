/// An upcall as a view over the receive buffer: values, and where in the buffer the bytes lie. Nothing is copied or
/// allocated, so that it serves the packet path; ranges are valid as long as the buffer holds the message.
///
/// `OVS_PACKET_ATTR_…`, linux/openvswitch.h, behind `struct nlmsghdr` (16 bytes), `struct genlmsghdr` (4) and
/// `struct ovs_header` (4).
public struct UpcallView: Hashable, Sendable {
    /// `OVS_PACKET_CMD_…`, linux/openvswitch.h.
    public enum Reason: UInt8, Hashable, Sendable {
        /// No flow matched.
        case miss = 1
        /// A flow has the action `userspace`.
        case action = 2
    }

    public let reason: Reason
    public let datapath: DatapathIndex
    /// In port, tunnel, Ethernet addresses and type as the kernel took them from the packet.
    public let key: FlowKey
    /// The frame, from its destination address on; may be truncated (`frameLengthBytes`).
    public let packet: Range<Int>
    /// The attributes of the key as they came.
    public let keyPlace: Range<Int>
    /// What the action `userspace` was given.
    public let userdata: Range<Int>?
    /// `OVS_PACKET_ATTR_LEN`: the frame's length before it was truncated; the packet's otherwise.
    public let frameLengthBytes: Int
    /// `OVS_PACKET_ATTR_HASH`: to be given back with an execution, so that it keeps its outer source port.
    public let hash: UInt64?
    /// `OVS_PACKET_ATTR_MRU`: the largest fragment of a packet that was put together.
    public let largestFragmentBytes: UInt16?

    /// Reads the message at `message` of a receive buffer. nil if it is of another family.
    ///
    /// - Parameter message: lies within `bytes`; from `MessageCursor`.
    public init?(
        _ bytes: Span<UInt8>, _ message: MessageCursor.Found, family: NetlinkType
    ) throws(NetlinkMessageError) {
        guard message.type == family else { return nil }
        let start = message.body.lowerBound
        guard message.body.count >= OpenVSwitchHeader.length else {
            throw .bodyTruncated(
                message: Self.name, needed: OpenVSwitchHeader.length, left: message.body.count)
        }
        guard let reason = Reason(rawValue: bytes[start]) else {
            throw .unexpectedCommand(message: Self.name, command: bytes[start])
        }
        self.reason = reason
        datapath = DatapathIndex(rawValue: bytes.hostUInt32(at: start + GenericHeader.length))
        var cursor = AttributeCursor(
            (start + OpenVSwitchHeader.length)..<message.body.upperBound, container: Self.name)
        var (key, keyPlace): (FlowKey?, Range<Int>) = (nil, start..<start)
        var (packet, userdata): (Range<Int>?, Range<Int>?)
        var (length, hash, fragment): (UInt32?, UInt64?, UInt16?)
        while let found = try cursor.next(in: bytes) {
            switch found.number {
            case PacketAttribute.packet.number: packet = try found.place(PacketAttribute.packet)
            case PacketAttribute.key.number:
                key = try FlowKey(found.nested(PacketAttribute.key), in: bytes)
                keyPlace = found.payload
            case PacketAttribute.userdata.number: userdata = try found.place(PacketAttribute.userdata)
            case PacketAttribute.length.number: length = try found.uint32(PacketAttribute.length, in: bytes)
            case PacketAttribute.hash.number: hash = try found.uint64(PacketAttribute.hash, in: bytes)
            case PacketAttribute.fragment.number: fragment = try found.uint16(PacketAttribute.fragment, in: bytes)
            default: continue
            }
        }
        guard let packet else { throw .attributeMissing(attribute: PacketAttribute.packet.name) }
        guard let key else { throw .attributeMissing(attribute: PacketAttribute.key.name) }
        guard key.inPort != nil else { throw .attributeMissing(attribute: KeyAttribute.inPort.name) }
        self.key = key
        self.keyPlace = keyPlace
        self.packet = packet
        self.userdata = userdata
        self.hash = hash
        frameLengthBytes = length.map { Int($0) } ?? packet.count
        largestFragmentBytes = fragment
    }

    /// The port that the frame came through.
    public var inPort: VportNumber { key.inPort ?? .local }

    private static let name = "struct ovs_header of an upcall"
}

/// `OVS_PACKET_ATTR_…`, linux/openvswitch.h.
enum PacketAttribute {
    static let packet = AttributeSpec(1, "OVS_PACKET_ATTR_PACKET", .bytes(14...65_531))
    static let key = AttributeSpec(2, "OVS_PACKET_ATTR_KEY", .nested)
    static let actions = AttributeSpec(3, "OVS_PACKET_ATTR_ACTIONS", .nested)
    static let userdata = AttributeSpec(4, "OVS_PACKET_ATTR_USERDATA", .bytes(0...65_531))
    static let fragment = AttributeSpec(9, "OVS_PACKET_ATTR_MRU", .uint16)
    static let length = AttributeSpec(10, "OVS_PACKET_ATTR_LEN", .uint32)
    static let hash = AttributeSpec(11, "OVS_PACKET_ATTR_HASH", .uint64)
}
