public import Wire

/// The outer header of a tunnelled packet: of one that came (in keys), or that is to be sent (in actions).
///
/// `OVS_KEY_ATTR_TUNNEL`, a nest of `OVS_TUNNEL_KEY_ATTR_…`, linux/openvswitch.h. IPv4 only.
public struct TunnelKey: Hashable, Sendable {
    /// For VXLAN the 24-bit VNI; 64 bits in network order. nil where a flow does not look at it.
    public var id: UInt64?
    public var source: IPv4Address
    public var destination: IPv4Address
    /// DSCP and ECN.
    public var typeOfService: UInt8
    /// Always sent: the kernel refuses keys and actions without one.
    public var timeToLive: UInt8
    public var flags: TunnelFlags
    /// UDP ports of received packets; not sent in actions.
    public var sourcePort: PortNumber?
    public var destinationPort: PortNumber?

    public init(
        id: UInt64?, source: IPv4Address, destination: IPv4Address, timeToLive: UInt8 = 0, typeOfService: UInt8 = 0,
        flags: TunnelFlags = [], sourcePort: PortNumber? = nil, destinationPort: PortNumber? = nil
    ) {
        self.id = id
        self.source = source
        self.destination = destination
        self.timeToLive = timeToLive
        self.typeOfService = typeOfService
        self.flags = flags
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
    }

    /// What cannot be 0 in a real packet says that it is there.
    static let empty = TunnelKey(id: nil, source: .any, destination: .any)
}

/// Attributes without a value in `OVS_KEY_ATTR_TUNNEL`; bits of our own.
public struct TunnelFlags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// `OVS_TUNNEL_KEY_ATTR_DONT_FRAGMENT`.
    public static let dontFragment = TunnelFlags(rawValue: 1)
    /// `OVS_TUNNEL_KEY_ATTR_CSUM`: the outer UDP has a checksum.
    public static let checksum = TunnelFlags(rawValue: 2)
    /// `OVS_TUNNEL_KEY_ATTR_OAM`.
    public static let control = TunnelFlags(rawValue: 4)
}

/// Which bits of a `TunnelKey` a flow looks at; 1 is "has to be equal".
public struct TunnelMask: Hashable, Sendable {
    public var id: UInt64
    public var source: UInt32
    public var destination: UInt32
    public var typeOfService: UInt8
    public var timeToLive: UInt8
    public var flags: TunnelFlags
    public var sourcePort: UInt16
    public var destinationPort: UInt16

    public init(
        id: UInt64 = 0, source: UInt32 = 0, destination: UInt32 = 0, typeOfService: UInt8 = 0, timeToLive: UInt8 = 0,
        flags: TunnelFlags = [], sourcePort: UInt16 = 0, destinationPort: UInt16 = 0
    ) {
        self.id = id
        self.source = source
        self.destination = destination
        self.typeOfService = typeOfService
        self.timeToLive = timeToLive
        self.flags = flags
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
    }

    /// Nothing.
    public static let any = TunnelMask()
    /// Id and both addresses, nothing else.
    public static let idAndAddresses = TunnelMask(id: .max, source: .max, destination: .max)
}

/// `OVS_TUNNEL_KEY_ATTR_…`, linux/openvswitch.h.
enum TunnelAttribute {
    static let id = AttributeSpec(0, "OVS_TUNNEL_KEY_ATTR_ID", .uint64)
    static let source = AttributeSpec(1, "OVS_TUNNEL_KEY_ATTR_IPV4_SRC", .uint32)
    static let destination = AttributeSpec(2, "OVS_TUNNEL_KEY_ATTR_IPV4_DST", .uint32)
    static let typeOfService = AttributeSpec(3, "OVS_TUNNEL_KEY_ATTR_TOS", .uint8)
    static let timeToLive = AttributeSpec(4, "OVS_TUNNEL_KEY_ATTR_TTL", .uint8)
    static let dontFragment = AttributeSpec(5, "OVS_TUNNEL_KEY_ATTR_DONT_FRAGMENT", .bytes(0...0))
    static let checksum = AttributeSpec(6, "OVS_TUNNEL_KEY_ATTR_CSUM", .bytes(0...0))
    static let control = AttributeSpec(7, "OVS_TUNNEL_KEY_ATTR_OAM", .bytes(0...0))
    static let sourcePort = AttributeSpec(9, "OVS_TUNNEL_KEY_ATTR_TP_SRC", .uint16)
    static let destinationPort = AttributeSpec(10, "OVS_TUNNEL_KEY_ATTR_TP_DST", .uint16)
    /// `OVS_TUNNEL_KEY_ATTR_PAD`: nothing, so that the 64 bits behind it are aligned.
    static let padding: UInt16 = 14
}
