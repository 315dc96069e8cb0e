/// What the kernel does with a packet, one step of a list: a part of `OVS_ACTION_ATTR_…`, linux/openvswitch.h.
/// A flow without actions drops.
public enum FlowAction: Hashable, Sendable {
    /// `OVS_ACTION_ATTR_OUTPUT`: a copy leaves through a port.
    case output(VportNumber)
    /// `OVS_ACTION_ATTR_SET` of `OVS_KEY_ATTR_TUNNEL`: the outer header for the outputs that follow.
    case setTunnel(TunnelKey)
    /// `OVS_ACTION_ATTR_USERSPACE`: an upcall with command "action" to this socket; the bytes come back in it.
    case userspace(UpcallPort, userdata: [UInt8])
    /// `OVS_ACTION_ATTR_CHECK_PKT_LEN`, since Linux 5.2: by the frame's length, Ethernet header included; of a frame that
    /// will still be cut (GSO) by the length of its parts. Nothing follows it in a list but what both branches do.
    case checkLength(UInt16, greater: [FlowAction], lessOrEqual: [FlowAction])
    /// `OVS_ACTION_ATTR_TRUNC`: the next output has at most so many bytes.
    case truncate(UInt32)
    /// `OVS_ACTION_ATTR_CLONE`, since Linux 4.12: does these with a copy.
    case clone([FlowAction])
    /// `OVS_ACTION_ATTR_RECIRC`: looks the packet up again with this number.
    case recirculate(UInt32)
    /// `OVS_ACTION_ATTR_DROP`, since Linux 6.7: drops with a reason for tracing.
    case drop(reason: UInt32)
    /// One that weft never makes: its number and payload, as they are.
    case other(UInt16, payload: [UInt8])
}

/// `OVS_ACTION_ATTR_…` and what is nested in them, linux/openvswitch.h.
enum ActionAttribute {
    static let output = AttributeSpec(1, "OVS_ACTION_ATTR_OUTPUT", .uint32)
    static let userspace = AttributeSpec(2, "OVS_ACTION_ATTR_USERSPACE", .nested)
    static let set = AttributeSpec(3, "OVS_ACTION_ATTR_SET", .nested)
    static let recirculate = AttributeSpec(7, "OVS_ACTION_ATTR_RECIRC", .uint32)
    static let truncate = AttributeSpec(13, "OVS_ACTION_ATTR_TRUNC", .uint32)
    static let clone = AttributeSpec(20, "OVS_ACTION_ATTR_CLONE", .nested)
    static let checkLength = AttributeSpec(21, "OVS_ACTION_ATTR_CHECK_PKT_LEN", .nested)
    static let drop = AttributeSpec(24, "OVS_ACTION_ATTR_DROP", .uint32)

    static let upcallPort = AttributeSpec(1, "OVS_USERSPACE_ATTR_PID", .uint32)
    static let userdata = AttributeSpec(2, "OVS_USERSPACE_ATTR_USERDATA", .bytes(0...65_528))

    static let limit = AttributeSpec(1, "OVS_CHECK_PKT_LEN_ATTR_PKT_LEN", .uint16)
    static let greater = AttributeSpec(2, "OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER", .nested)
    static let lessOrEqual = AttributeSpec(3, "OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL", .nested)
}
