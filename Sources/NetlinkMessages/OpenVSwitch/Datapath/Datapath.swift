/// A datapath as the kernel describes it.
public struct Datapath: Hashable, Sendable {
    public let index: DatapathIndex
    /// The name of its interface, at most 15 bytes.
    public let name: String
    /// nil if the kernel does not say: it is an old one.
    public let features: DatapathFeatures?
    public let statistics: DatapathStatistics?

    /// Reads an answer or event of family `ovs_datapath`. Whether the datapath is gone says the command.
    public init(_ message: NetlinkMessage) throws(NetlinkMessageError) {
        let header = try OpenVSwitchHeader(message, named: "struct ovs_header of a datapath")
        index = header.datapath
        let attributes = try message.attributes(behind: OpenVSwitchHeader.length, DatapathAttribute.policy)
        name = attributes.string(DatapathAttribute.name) ?? ""
        features = attributes.uint32(DatapathAttribute.features).map { DatapathFeatures(rawValue: $0) }
        statistics = attributes.payload(DatapathAttribute.statistics).map { bytes in
            DatapathStatistics(
                bytes, attributes.payload(DatapathAttribute.maskStatistics) ?? [],
                cacheSize: attributes.uint32(DatapathAttribute.maskCacheSize))
        }
    }
}

/// `OVS_DP_F_…`, linux/openvswitch.h.
public struct DatapathFeatures: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// `OVS_DP_F_UNALIGNED`: the last attribute of an upcall need not be padded.
    public static let unaligned = DatapathFeatures(rawValue: 1)
    /// `OVS_DP_F_VPORT_PIDS`: a vport may have several upcall ports, chosen by the packet's hash.
    public static let severalUpcallPorts = DatapathFeatures(rawValue: 2)
    /// `OVS_DP_F_TC_RECIRC_SHARING`.
    public static let sharedRecirculation = DatapathFeatures(rawValue: 4)
    /// `OVS_DP_F_DISPATCH_UPCALL_PER_CPU`: the ports of vports are ignored, those of the datapath count.
    public static let upcallPerProcessor = DatapathFeatures(rawValue: 8)
}

/// Counters of a datapath: `struct ovs_dp_stats` and `struct ovs_dp_megaflow_stats`, linux/openvswitch.h.
public struct DatapathStatistics: Hashable, Sendable {
    /// Packets that a flow matched.
    public let hits: UInt64
    /// Packets that no flow matched.
    public let misses: UInt64
    /// Misses that could not be sent to user space.
    public let lost: UInt64
    public let flows: UInt64
    /// How many masks were tried for all packets together; nil if not told, as the following.
    public let maskLookups: UInt64?
    public let masks: UInt32?
    /// Packets whose mask was remembered.
    public let maskCacheHits: UInt64?
    public let maskCacheSize: UInt32?

    /// 32 bytes and 32 (16 before Linux 4.0), host order.
    init(_ bytes: [UInt8], _ megaflow: [UInt8], cacheSize: UInt32?) {
        hits = bytes.hostInteger(8, at: 0)
        misses = bytes.hostInteger(8, at: 8)
        lost = bytes.hostInteger(8, at: 16)
        flows = bytes.hostInteger(8, at: 24)
        maskLookups = megaflow.count >= 8 ? megaflow.hostInteger(8, at: 0) : nil
        masks = megaflow.count >= 12 ? megaflow.hostUInt32(at: 8) : nil
        maskCacheHits = megaflow.count >= 24 ? megaflow.hostInteger(8, at: 16) : nil
        maskCacheSize = cacheSize
    }
}

/// `OVS_DP_ATTR_…`, linux/openvswitch.h.
enum DatapathAttribute {
    /// `IFNAMSIZ` is 16, the zero included.
    static let name = AttributeSpec(1, "OVS_DP_ATTR_NAME", .string(limit: 15))
    static let upcallPort = AttributeSpec(2, "OVS_DP_ATTR_UPCALL_PID", .uint32)
    static let statistics = AttributeSpec(3, "OVS_DP_ATTR_STATS", .bytes(32...128))
    static let maskStatistics = AttributeSpec(4, "OVS_DP_ATTR_MEGAFLOW_STATS", .bytes(8...128))
    static let features = AttributeSpec(5, "OVS_DP_ATTR_USER_FEATURES", .uint32)
    static let maskCacheSize = AttributeSpec(7, "OVS_DP_ATTR_MASKS_CACHE_SIZE", .uint32)
    static let processorPorts = AttributeSpec(8, "OVS_DP_ATTR_PER_CPU_PIDS", .bytes(4...65_528))

    static let policy = AttributePolicy(
        "struct ovs_header of a datapath", [name, statistics, maskStatistics, features, maskCacheSize])
}
