public import Wire

/// A route as the kernel describes it in `RTM_NEWROUTE` or `RTM_DELROUTE`.
///
/// Fixed part (`struct rtmsg`, linux/rtnetlink.h, 12 bytes): family, destination prefix length, source prefix length,
/// type of service, table, protocol, scope, type, flags (4).
public struct Route: Hashable, Sendable {
    static let headerLength = 12

    public let family: AddressFamily
    /// nil for the default route.
    public let destination: IPAddress?
    public let prefixLength: Int
    /// `RT_SCOPE_...`: 0 through a router, 253 on the link, 254 on this host.
    public let scope: RouteScope
    /// The index of the interface that packets leave through; absent for routes with several next hops.
    public let interface: UInt32?
    public let gateway: IPAddress?
    /// The address that packets leave with.
    public let preferredSource: IPAddress?
    /// The path's MTU where it is known to be below the interface's, in bytes.
    public let mtu: UInt32?

    /// Reads an `RTM_NEWROUTE` or `RTM_DELROUTE`.
    public init(_ message: NetlinkMessage) throws(NetlinkMessageError) {
        guard message.header.type == .newRoute || message.header.type == .deleteRoute else {
            throw .unexpectedType(message.header.type.rawValue)
        }
        let start = try message.fixedPart(Self.headerLength, named: "struct rtmsg")
        family = AddressFamily(rawValue: message.datagram[start])
        prefixLength = Int(message.datagram[start + 1])
        scope = RouteScope(rawValue: message.datagram[start + 6])
        let attributes = try message.attributes(behind: Self.headerLength, RouteAttribute.policy)
        destination = attributes.ipAddress(RouteAttribute.destination)
        interface = attributes.uint32(RouteAttribute.outgoing)
        gateway = attributes.ipAddress(RouteAttribute.gateway)
        preferredSource = attributes.ipAddress(RouteAttribute.preferredSource)
        mtu = try attributes.nested(RouteAttribute.metrics, RouteMetric.policy)?.uint32(RouteMetric.mtu)
    }
}

/// How far a destination is: `RT_SCOPE_...`, linux/rtnetlink.h.
public struct RouteScope: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// `RT_SCOPE_UNIVERSE`.
    public static let universe = RouteScope(rawValue: 0)
    /// `RT_SCOPE_LINK`: directly on the interface.
    public static let link = RouteScope(rawValue: 253)
    /// `RT_SCOPE_NOWHERE`: any, when deleting.
    public static let nowhere = RouteScope(rawValue: 255)
}

/// Attributes of `struct rtmsg` messages, linux/rtnetlink.h.
enum RouteAttribute {
    static let destination = AttributeSpec(1, "RTA_DST", .bytes(4...16))
    static let outgoing = AttributeSpec(4, "RTA_OIF", .uint32)
    static let gateway = AttributeSpec(5, "RTA_GATEWAY", .bytes(4...16))
    static let preferredSource = AttributeSpec(7, "RTA_PREFSRC", .bytes(4...16))
    static let metrics = AttributeSpec(8, "RTA_METRICS", .nested)

    static let policy = AttributePolicy("struct rtmsg", [destination, outgoing, gateway, preferredSource, metrics])
}

/// Attributes within `RTA_METRICS`, linux/rtnetlink.h.
enum RouteMetric {
    static let mtu = AttributeSpec(2, "RTAX_MTU", .uint32)

    static let policy = AttributePolicy("RTA_METRICS", [mtu])
}

extension NetlinkType {
    /// `RTM_NEWROUTE`, linux/rtnetlink.h.
    public static let newRoute = NetlinkType(rawValue: 24)
    /// `RTM_DELROUTE`, linux/rtnetlink.h.
    public static let deleteRoute = NetlinkType(rawValue: 25)
    /// `RTM_GETROUTE`, linux/rtnetlink.h.
    public static let getRoute = NetlinkType(rawValue: 26)
}
