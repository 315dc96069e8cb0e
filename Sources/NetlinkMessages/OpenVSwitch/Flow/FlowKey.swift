public import Wire

/// The fields of a packet that weft's flows look at: a part of `OVS_KEY_ATTR_…`, linux/openvswitch.h.
///
/// nil means "not said". In the key of a flow that is the same as a mask of zeros.
public struct FlowKey: Hashable, Sendable {
    /// `OVS_KEY_ATTR_IN_PORT`.
    public var inPort: VportNumber?
    /// `OVS_KEY_ATTR_TUNNEL`: there for packets out of a tunnel.
    public var tunnel: TunnelKey?
    /// `OVS_KEY_ATTR_ETHERNET`. The kernel wants it in every flow; a mask of zeros matches any.
    public var ethernet: EthernetKey?
    /// `OVS_KEY_ATTR_ETHERTYPE`.
    public var etherType: UInt16?

    public init(
        inPort: VportNumber? = nil, tunnel: TunnelKey? = nil, ethernet: EthernetKey? = nil, etherType: UInt16? = nil
    ) {
        self.inPort = inPort
        self.tunnel = tunnel
        self.ethernet = ethernet
        self.etherType = etherType
    }
}

/// `struct ovs_key_ethernet`, linux/openvswitch.h, 12 bytes: source, destination.
public struct EthernetKey: Hashable, Sendable {
    public var source: MACAddress
    public var destination: MACAddress

    public init(source: MACAddress, destination: MACAddress) {
        self.source = source
        self.destination = destination
    }
}

/// Which bits of a `FlowKey` a flow looks at; 1 is "has to be equal", 0 is "may be anything".
public struct FlowMask: Hashable, Sendable {
    public var inPort: UInt32
    public var tunnel: TunnelMask
    /// 48 bits, the address's first byte highest.
    public var ethernetSource: UInt64
    public var ethernetDestination: UInt64
    public var etherType: UInt16

    /// All 48 bits of an Ethernet address.
    public static let wholeAddress: UInt64 = 0xffff_ffff_ffff

    public init(
        inPort: UInt32 = 0, tunnel: TunnelMask = .any, ethernetSource: UInt64 = 0, ethernetDestination: UInt64 = 0,
        etherType: UInt16 = 0
    ) {
        self.inPort = inPort
        self.tunnel = tunnel
        self.ethernetSource = ethernetSource & Self.wholeAddress
        self.ethernetDestination = ethernetDestination & Self.wholeAddress
        self.etherType = etherType
    }

    /// Looks at all that `key` says; of a tunnel at id and addresses, since TTL, TOS, flags and ports may differ from
    /// packet to packet.
    public init(exactly key: FlowKey) {
        self.init(
            inPort: key.inPort == nil ? 0 : .max,
            tunnel: key.tunnel.map {
                TunnelMask(id: $0.id == nil ? 0 : .max, source: .max, destination: .max)
            } ?? .any,
            ethernetSource: key.ethernet == nil ? 0 : Self.wholeAddress,
            ethernetDestination: key.ethernet == nil ? 0 : Self.wholeAddress,
            etherType: key.etherType == nil ? 0 : .max)
    }
}

/// What packets a flow is for. Two matches that the kernel cannot tell apart are equal once `canonical`.
public struct FlowMatch: Hashable, Sendable {
    public var key: FlowKey
    public var mask: FlowMask

    public init(key: FlowKey, mask: FlowMask) {
        self.key = key
        self.mask = mask
    }

    /// All that the key says has to be equal (`FlowMask.init(exactly:)`).
    public init(exactly key: FlowKey) {
        self.init(key: key, mask: FlowMask(exactly: key))
    }

    /// Without the bits that the mask leaves out: what was written and what a list tells of it are equal in this form.
    public var canonical: FlowMatch {
        FlowMatch(key: key.masked(by: mask), mask: mask)
    }

    /// Whether a packet with this key (an upcall's, complete) would hit.
    public func matches(_ packet: FlowKey) -> Bool {
        packet.masked(by: mask) == key.masked(by: mask)
    }
}

extension FlowKey {
    /// The bits that `mask` looks at, the others 0; fields of which nothing is looked at are nil.
    public func masked(by mask: FlowMask) -> FlowKey {
        var masked = FlowKey()
        if mask.inPort != 0 { masked.inPort = VportNumber(rawValue: (inPort?.rawValue ?? 0) & mask.inPort) }
        if mask.tunnel != .any { masked.tunnel = (tunnel ?? .empty).masked(by: mask.tunnel) }
        if mask.ethernetSource | mask.ethernetDestination != 0 {
            masked.ethernet = EthernetKey(
                source: MACAddress(low48: (ethernet?.source.rawValue ?? 0) & mask.ethernetSource),
                destination: MACAddress(low48: (ethernet?.destination.rawValue ?? 0) & mask.ethernetDestination))
        }
        if mask.etherType != 0 { masked.etherType = (etherType ?? 0) & mask.etherType }
        return masked
    }
}

extension TunnelKey {
    fileprivate func masked(by mask: TunnelMask) -> TunnelKey {
        TunnelKey(
            id: mask.id == 0 ? nil : (id ?? 0) & mask.id,
            source: IPv4Address(rawValue: source.rawValue & mask.source),
            destination: IPv4Address(rawValue: destination.rawValue & mask.destination),
            timeToLive: timeToLive & mask.timeToLive, typeOfService: typeOfService & mask.typeOfService,
            flags: flags.intersection(mask.flags),
            sourcePort: mask.sourcePort == 0
                ? nil : PortNumber(rawValue: (sourcePort?.rawValue ?? 0) & mask.sourcePort),
            destinationPort: mask.destinationPort == 0
                ? nil : PortNumber(rawValue: (destinationPort?.rawValue ?? 0) & mask.destinationPort))
    }
}

extension MACAddress {
    /// From the low 48 bits; the others are dropped.
    init(low48 bits: UInt64) {
        self = MACAddress(rawValue: bits & FlowMask.wholeAddress) ?? .broadcast
    }
}

/// `OVS_KEY_ATTR_…`, linux/openvswitch.h.
enum KeyAttribute {
    static let priority = AttributeSpec(2, "OVS_KEY_ATTR_PRIORITY", .uint32)
    static let inPort = AttributeSpec(3, "OVS_KEY_ATTR_IN_PORT", .uint32)
    static let ethernet = AttributeSpec(4, "OVS_KEY_ATTR_ETHERNET", .bytes(12...12))
    static let etherType = AttributeSpec(6, "OVS_KEY_ATTR_ETHERTYPE", .uint16)
    static let mark = AttributeSpec(15, "OVS_KEY_ATTR_SKB_MARK", .uint32)
    static let tunnel = AttributeSpec(16, "OVS_KEY_ATTR_TUNNEL", .nested)
}
