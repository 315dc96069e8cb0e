public import Wire

/// A port of a datapath as the kernel describes it.
public struct Vport: Hashable, Sendable {
    public let datapath: DatapathIndex
    public let number: VportNumber
    public let kind: VportKind
    /// At most 15 bytes. The interface's name for `.netdev` and `.internal`; a vxlan vport's interface is called
    /// `vxlan_sys_PORT`.
    public let name: String
    /// Of tunnels: the UDP port that they listen on and send to.
    public let tunnelPort: PortNumber?
    /// Where misses are sent; several with `.severalUpcallPorts`.
    public let upcallPorts: [UpcallPort]
    public let statistics: VportStatistics?
    /// The interface behind it, since Linux 4.15.
    public let interface: UInt32?

    /// Reads an answer or event of family `ovs_vport`. Whether the vport is gone says the command.
    public init(_ message: NetlinkMessage) throws(NetlinkMessageError) {
        datapath = try OpenVSwitchHeader(message, named: "struct ovs_header of a vport").datapath
        let attributes = try message.attributes(behind: OpenVSwitchHeader.length, VportAttribute.policy)
        guard let number = attributes.uint32(VportAttribute.number) else {
            throw .attributeMissing(attribute: VportAttribute.number.name)
        }
        self.number = VportNumber(rawValue: number)
        kind = VportKind(rawValue: attributes.uint32(VportAttribute.kind) ?? 0)
        name = attributes.string(VportAttribute.name) ?? ""
        let options = try attributes.nested(VportAttribute.options, VportAttribute.optionPolicy)
        tunnelPort = options?.uint16(VportAttribute.tunnelPort).map { PortNumber(rawValue: $0) }
        let ports = attributes.payload(VportAttribute.upcallPorts) ?? []
        guard ports.count.isMultiple(of: 4) else {
            throw .attributeLength(attribute: VportAttribute.upcallPorts.name, length: ports.count)
        }
        upcallPorts = stride(from: 0, to: ports.count, by: 4).map { UpcallPort(rawValue: ports.hostUInt32(at: $0)) }
        statistics = attributes.payload(VportAttribute.statistics).map { VportStatistics($0) }
        interface = attributes.uint32(VportAttribute.interface)
    }
}

/// `OVS_VPORT_TYPE_…`, linux/openvswitch.h.
public struct VportKind: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// An existing interface.
    public static let netdev = VportKind(rawValue: 1)
    /// An interface that the datapath makes.
    public static let `internal` = VportKind(rawValue: 2)
    /// A VXLAN tunnel whose far ends come from flows.
    public static let vxlan = VportKind(rawValue: 4)
}

/// Counters of a vport: `struct ovs_vport_stats`, linux/openvswitch.h, 64 bytes, host order.
public struct VportStatistics: Hashable, Sendable {
    public let receivedPackets: UInt64
    public let sentPackets: UInt64
    public let receivedBytes: UInt64
    public let sentBytes: UInt64
    public let receiveErrors: UInt64
    public let sendErrors: UInt64
    public let receiveDrops: UInt64
    public let sendDrops: UInt64

    /// At least 64 bytes.
    init(_ bytes: [UInt8]) {
        let value = { (index: Int) in bytes.hostInteger(8, at: 8 * index) }
        receivedPackets = value(0)
        sentPackets = value(1)
        receivedBytes = value(2)
        sentBytes = value(3)
        receiveErrors = value(4)
        sendErrors = value(5)
        receiveDrops = value(6)
        sendDrops = value(7)
    }
}

/// `OVS_VPORT_ATTR_…` and, within the options of tunnels, `OVS_TUNNEL_ATTR_…`, linux/openvswitch.h.
enum VportAttribute {
    static let number = AttributeSpec(1, "OVS_VPORT_ATTR_PORT_NO", .uint32, required: true)
    static let kind = AttributeSpec(2, "OVS_VPORT_ATTR_TYPE", .uint32)
    /// `IFNAMSIZ` is 16, the zero included.
    static let name = AttributeSpec(3, "OVS_VPORT_ATTR_NAME", .string(limit: 15))
    static let options = AttributeSpec(4, "OVS_VPORT_ATTR_OPTIONS", .nested)
    static let upcallPorts = AttributeSpec(5, "OVS_VPORT_ATTR_UPCALL_PID", .bytes(0...65_528))
    static let statistics = AttributeSpec(6, "OVS_VPORT_ATTR_STATS", .bytes(64...128))
    static let interface = AttributeSpec(8, "OVS_VPORT_ATTR_IFINDEX", .uint32)

    static let policy = AttributePolicy(
        "struct ovs_header of a vport", [number, kind, name, options, upcallPorts, statistics, interface])

    /// Host order, unlike every other port.
    static let tunnelPort = AttributeSpec(1, "OVS_TUNNEL_ATTR_DST_PORT", .uint16)
    static let optionPolicy = AttributePolicy("OVS_VPORT_ATTR_OPTIONS", [tunnelPort])
}
