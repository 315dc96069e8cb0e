/// Attributes of `struct ifinfomsg` messages, linux/if_link.h.
enum LinkAttribute {
    static let address = AttributeSpec(1, "IFLA_ADDRESS", .bytes(0...32))
    static let name = AttributeSpec(3, "IFLA_IFNAME", .string(limit: 15), required: true)
    static let mtu = AttributeSpec(4, "IFLA_MTU", .uint32)
    /// The index of the peer (veth) or of the interface below, in the namespace of `IFLA_LINK_NETNSID`.
    static let link = AttributeSpec(5, "IFLA_LINK", .uint32)
    static let master = AttributeSpec(10, "IFLA_MASTER", .uint32)
    static let operState = AttributeSpec(16, "IFLA_OPERSTATE", .uint8)
    static let linkDetail = AttributeSpec(18, "IFLA_LINKINFO", .nested)
    static let alias = AttributeSpec(20, "IFLA_IFALIAS", .string(limit: 255))
    static let namespaceDescriptor = AttributeSpec(28, "IFLA_NET_NS_FD", .uint32)
    static let extendedMask = AttributeSpec(29, "IFLA_EXT_MASK", .uint32)
    static let carrier = AttributeSpec(33, "IFLA_CARRIER", .uint8)
    static let linkNamespace = AttributeSpec(37, "IFLA_LINK_NETNSID", .uint32)
    static let targetNamespace = AttributeSpec(46, "IFLA_TARGET_NETNSID", .uint32)

    static let policy = AttributePolicy(
        "struct ifinfomsg", [address, name, mtu, link, master, operState, linkDetail, alias, carrier, linkNamespace])
}

/// Attributes within `IFLA_LINKINFO`, linux/if_link.h.
enum LinkDetailAttribute {
    static let kind = AttributeSpec(1, "IFLA_INFO_KIND", .string(limit: 63))
    static let data = AttributeSpec(2, "IFLA_INFO_DATA", .nested)
    static let portKind = AttributeSpec(4, "IFLA_INFO_SLAVE_KIND", .string(limit: 63))
    static let portData = AttributeSpec(5, "IFLA_INFO_SLAVE_DATA", .nested)

    static let policy = AttributePolicy("IFLA_LINKINFO", [kind, data, portKind, portData])
}

/// Attributes within `IFLA_INFO_SLAVE_DATA` of a bridge's port, linux/if_link.h.
enum BridgePortAttribute {
    static let state = AttributeSpec(1, "IFLA_BRPORT_STATE", .uint8)
    static let hairpin = AttributeSpec(4, "IFLA_BRPORT_MODE", .uint8)

    static let policy = AttributePolicy("IFLA_INFO_SLAVE_DATA", [state, hairpin])
}

/// Attributes within `IFLA_INFO_DATA` of a veth, linux/veth.h.
enum VethAttribute {
    /// A whole `struct ifinfomsg` with attributes.
    static let peer = AttributeSpec(1, "VETH_INFO_PEER", .nested)
}

/// `RTEXT_FILTER_SKIP_STATS`, linux/rtnetlink.h: answers without counters, a fifth of the size.
let skipStatistics: UInt32 = 1 << 3

extension NetlinkType {
    /// `RTM_NEWLINK`, linux/rtnetlink.h.
    public static let newLink = NetlinkType(rawValue: 16)
    /// `RTM_DELLINK`, linux/rtnetlink.h.
    public static let deleteLink = NetlinkType(rawValue: 17)
    /// `RTM_GETLINK`, linux/rtnetlink.h.
    public static let getLink = NetlinkType(rawValue: 18)
    /// `RTM_SETLINK`, linux/rtnetlink.h.
    public static let setLink = NetlinkType(rawValue: 19)
}
