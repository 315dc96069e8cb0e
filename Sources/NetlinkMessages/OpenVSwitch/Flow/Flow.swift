/// A flow as the kernel describes it, in a list, an answer or an event.
public struct Flow: Hashable, Sendable {
    public let datapath: DatapathIndex
    /// The name it was made with; nil if it is known by its key.
    public let id: FlowID?
    /// Key and mask; nil in terse lists.
    public let match: FlowMatch?
    /// Whether it also looks at fields that `FlowKey` does not have: then it is not one of ours.
    public let looksAtOtherFields: Bool
    /// nil in terse lists and in answers to a deletion.
    public let actions: [FlowAction]?
    /// 0 of both, if the kernel says nothing: no packet has hit it.
    public let statistics: FlowStatistics
    /// When it was last hit: milliseconds of the kernel's monotonic clock; nil if never since it was made or cleared.
    public let usedMilliseconds: UInt64?
    /// The payload of `OVS_FLOW_ATTR_KEY` as it came: with it any flow can be deleted (`FlowIdentity.recorded`).
    public let keyBytes: [UInt8]

    /// Reads an answer or event of family `ovs_flow`. Whether the flow is gone says the command.
    public init(_ message: NetlinkMessage) throws(NetlinkMessageError) {
        datapath = try OpenVSwitchHeader(message, named: "struct ovs_header of a flow").datapath
        let bytes = message.datagram.span
        let start = message.body.lowerBound + OpenVSwitchHeader.length
        var cursor = AttributeCursor(start..<message.body.upperBound, container: "struct ovs_header of a flow")
        var (id, key, mask): (FlowID?, FlowKey?, FlowMask?)
        var (keyPlace, others) = (start..<start, false)
        var actions: [FlowAction]?
        var statistics = FlowStatistics(packets: 0, bytes: 0)
        var used: UInt64?
        while let found = try cursor.next(in: bytes) {
            switch found.number {
            case FlowAttribute.key.number:
                key = try FlowKey(found.nested(FlowAttribute.key), in: bytes)
                keyPlace = found.payload
            case FlowAttribute.mask.number:
                let read = try FlowMask.read(found.nested(FlowAttribute.mask), in: bytes)
                (mask, others) = (read.mask, read.looksAtOthers)
            case FlowAttribute.actions.number:
                actions = try FlowAction.read(found.nested(FlowAttribute.actions), in: bytes)
            case FlowAttribute.statistics.number:
                let place = try found.place(FlowAttribute.statistics).lowerBound
                statistics = FlowStatistics(
                    packets: bytes.hostInteger(8, at: place), bytes: bytes.hostInteger(8, at: place + 8))
            case FlowAttribute.used.number: used = try found.uint64(FlowAttribute.used, in: bytes)
            case FlowAttribute.id.number: id = FlowID(bytes, try found.place(FlowAttribute.id))
            default: continue
            }
        }
        self.id = id
        match = key.map { key in FlowMatch(key: key, mask: mask ?? FlowMask(exactly: key)) }
        looksAtOtherFields = others
        self.actions = actions
        self.statistics = statistics
        usedMilliseconds = used
        keyBytes = bytes.copy(keyPlace)
    }
}

/// `struct ovs_flow_stats`, linux/openvswitch.h, 16 bytes, host order.
public struct FlowStatistics: Hashable, Sendable {
    public let packets: UInt64
    /// Without FCS, Ethernet header included.
    public let bytes: UInt64

    public init(packets: UInt64, bytes: UInt64) {
        self.packets = packets
        self.bytes = bytes
    }
}

/// `OVS_FLOW_ATTR_…`, linux/openvswitch.h.
enum FlowAttribute {
    static let key = AttributeSpec(1, "OVS_FLOW_ATTR_KEY", .nested)
    static let actions = AttributeSpec(2, "OVS_FLOW_ATTR_ACTIONS", .nested)
    static let statistics = AttributeSpec(3, "OVS_FLOW_ATTR_STATS", .bytes(16...16))
    static let used = AttributeSpec(5, "OVS_FLOW_ATTR_USED", .uint64)
    static let clear = AttributeSpec(6, "OVS_FLOW_ATTR_CLEAR", .bytes(0...0))
    static let mask = AttributeSpec(7, "OVS_FLOW_ATTR_MASK", .nested)
    static let probe = AttributeSpec(8, "OVS_FLOW_ATTR_PROBE", .bytes(0...0))
    static let id = AttributeSpec(9, "OVS_FLOW_ATTR_UFID", .bytes(1...16))
    static let idFlags = AttributeSpec(10, "OVS_FLOW_ATTR_UFID_FLAGS", .uint32)
}
