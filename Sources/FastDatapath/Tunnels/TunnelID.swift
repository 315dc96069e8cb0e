public import Wire

/// The VXLAN network identifier of a frame between two peers of the mesh: which peer it entered the overlay at, and
/// which one it is for (`docs/protocol-fastdp.md`, "Encapsulation").
public struct TunnelID: Hashable, Sendable {
    public let source: ShortID
    public let destination: ShortID

    public init(source: ShortID, destination: ShortID) {
        self.source = source
        self.destination = destination
    }

    /// Nil above 24 bits: no VXLAN header holds that.
    public init?(rawValue: UInt64) {
        guard rawValue >> 24 == 0, let source = ShortID(rawValue: UInt16(truncatingIfNeeded: rawValue & 0xfff)),
            let destination = ShortID(rawValue: UInt16(truncatingIfNeeded: rawValue >> 12))
        else { return nil }
        self.init(source: source, destination: destination)
    }

    /// 24 bits: the destination's 12, the source's 12.
    public var rawValue: UInt64 { UInt64(destination.rawValue) << 12 | UInt64(source.rawValue) }
}

/// The outer addresses of a VXLAN packet, as one side sends it.
public struct TunnelEnds: Hashable, Sendable {
    public let local: IPv4Address
    public let remote: IPv4Address
    /// The UDP destination port, which is also the port that this host receives on.
    public let port: PortNumber

    public init(local: IPv4Address, remote: IPv4Address, port: PortNumber) {
        self.local = local
        self.remote = remote
        self.port = port
    }
}

/// Sizes of VXLAN over IPv4.
public enum TunnelLayout {
    /// Outer IPv4 (20), UDP (8), VXLAN (8) and inner Ethernet (14) headers around an inner IP packet.
    public static let overhead = 50
    /// What Weave Net gives its containers, whatever the path carries.
    public static let usualMTU = 1_376
    public static let ethernetHeader = 14
}
