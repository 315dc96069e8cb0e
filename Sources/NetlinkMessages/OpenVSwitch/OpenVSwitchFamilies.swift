/// The four families of Open vSwitch as the running kernel numbers them. Requests are its methods, since each begins
/// with such a number. Source: linux/openvswitch.h.
///
/// Fixed part of all four behind `struct genlmsghdr`: `struct ovs_header`, 4 bytes: the datapath's interface index.
public struct OpenVSwitchFamilies: Hashable, Sendable {
    /// `OVS_DATAPATH_FAMILY`.
    public let datapath: NetlinkType
    /// `OVS_VPORT_FAMILY`.
    public let vport: NetlinkType
    /// `OVS_FLOW_FAMILY`.
    public let flow: NetlinkType
    /// `OVS_PACKET_FAMILY`.
    public let packet: NetlinkType
    /// Multicast group of changes of datapaths, vports and flows; nil if the kernel tells of none.
    public let datapathGroup: UInt32?
    public let vportGroup: UInt32?
    public let flowGroup: UInt32?

    public static let datapathName = "ovs_datapath"
    public static let vportName = "ovs_vport"
    public static let flowName = "ovs_flow"
    public static let packetName = "ovs_packet"

    /// From the answers to `NetlinkRequest.genericFamily(named:)`.
    public init(datapath: GenericFamily, vport: GenericFamily, flow: GenericFamily, packet: GenericFamily) {
        self.datapath = datapath.type
        self.vport = vport.type
        self.flow = flow.type
        self.packet = packet.type
        // Each family's group has the family's name.
        datapathGroup = datapath.groups[Self.datapathName]
        vportGroup = vport.groups[Self.vportName]
        flowGroup = flow.groups[Self.flowName]
    }
}

/// A datapath: the index of the interface that has its name (`dp_ifindex`).
public struct DatapathIndex: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// In requests that name the datapath otherwise.
    public static let none = DatapathIndex(rawValue: 0)
}

/// A port of a datapath.
public struct VportNumber: RawRepresentable, Hashable, Comparable, Sendable {
    /// 0 to 65534.
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// `OVSP_LOCAL`: the port that is the datapath's own interface.
    public static let local = VportNumber(rawValue: 0)

    public static func < (left: VportNumber, right: VportNumber) -> Bool { left.rawValue < right.rawValue }
}

/// The port of a netlink socket, to which upcalls are sent.
public struct UpcallPort: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Nobody: misses are dropped by the kernel and counted as lost.
    public static let none = UpcallPort(rawValue: 0)
}

/// What all Open vSwitch messages begin with.
struct OpenVSwitchHeader {
    static let length = GenericHeader.length + 4

    let command: OpenVSwitchCommand
    let datapath: DatapathIndex

    /// Reads it from an answer or event that describes an object.
    init(_ message: NetlinkMessage, named name: String) throws(NetlinkMessageError) {
        let start = try message.fixedPart(Self.length, named: name)
        let number = message.datagram[start]
        guard let command = OpenVSwitchCommand(rawValue: number) else {
            throw .unexpectedCommand(message: name, command: number)
        }
        self.command = command
        datapath = DatapathIndex(rawValue: message.datagram.hostUInt32(at: start + GenericHeader.length))
    }
}

/// `OVS_DP_CMD_…`, `OVS_VPORT_CMD_…` and `OVS_FLOW_CMD_…`, which are the same, linux/openvswitch.h.
///
/// Answers repeat the command; before Linux 4.19 they always said "new". In events "new" and "changed" both say that
/// the object is there.
public enum OpenVSwitchCommand: UInt8, Hashable, Sendable {
    case new = 1
    case delete = 2
    case get = 3
    case set = 4
}

extension OpenVSwitchFamilies {
    /// `OVS_DATAPATH_VERSION`; the others have version 1.
    static let datapathVersion: UInt8 = 2

    /// The version that requests of a family have.
    func version(_ family: NetlinkType) -> UInt8 { family == datapath ? Self.datapathVersion : 1 }

    /// Appends a request's headers and what `content` writes.
    func append(
        to batch: inout NetlinkBatch, _ family: NetlinkType, command: UInt8, _ flags: NetlinkFlags,
        _ datapath: DatapathIndex, _ content: (inout AttributeWriter) -> Void
    ) {
        batch.append(family, flags) { writer in
            writer.append { Self.appendFixed(command, version(family), datapath, to: &$0) }
            content(&writer)
        }
    }

    /// A request by itself.
    func request(
        _ family: NetlinkType, _ command: OpenVSwitchCommand, _ flags: NetlinkFlags, _ datapath: DatapathIndex,
        operation: String, _ content: (inout AttributeWriter) -> Void = { _ in }
    ) -> NetlinkRequest {
        var fixed: [UInt8] = []
        Self.appendFixed(command.rawValue, version(family), datapath, to: &fixed)
        var writer = AttributeWriter(behind: fixed)
        content(&writer)
        return NetlinkRequest(type: family, flags: flags, body: writer.bytes, operation: operation)
    }

    private static func appendFixed(
        _ command: UInt8, _ version: UInt8, _ datapath: DatapathIndex, to bytes: inout [UInt8]
    ) {
        GenericHeader(command: command, version: version).append(to: &bytes)
        bytes.appendHost(datapath.rawValue)
    }
}
