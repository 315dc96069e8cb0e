public import Wire

/// The bridge as it is.
public struct BridgeState: Hashable, Sendable {
    /// One port.
    public struct Port: Hashable, Sendable {
        public let name: String
        public let index: UInt32
        public let mtu: Int
        public let isUp: Bool
        /// Whether the bridge passes frames through it.
        public let isForwarding: Bool
        /// Whether frames may leave through the port they came from.
        public let hairpin: Bool
    }

    public let name: String
    public let index: UInt32
    /// The peer's name, if weft has set it.
    public let address: MACAddress
    /// In bytes, without the Ethernet header.
    public let mtu: Int
    public let isUp: Bool
    /// By index.
    public let ports: [Port]
}
