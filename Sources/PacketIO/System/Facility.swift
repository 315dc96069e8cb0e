/// Something of the kernel that the packet path uses if it is there, and what probing it said.
public struct PacketFacility: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Capture and injection through a tap that is a port of the bridge.
        case tap
        /// Super-frames and unfinished checksums through the tap (TUNSETOFFLOAD).
        case tapOffloads = "tap-offloads"
        /// UDP super-frames through the tap (TUN_F_USO4 and TUN_F_USO6, Linux 6.2).
        case tapUDPOffload = "tap-udp-offload"
        /// Capture through a packet socket on a veth.
        case packetSocket = "packet-socket"
        /// Capture through libpcap.
        case libpcap
        /// Many datagrams in one send (UDP_SEGMENT, Linux 4.18).
        case udpSegmentation = "udp-segmentation"
        /// Many datagrams in one receive (UDP_GRO, Linux 5.0).
        case udpReceiveOffload = "udp-receive-offload"
        /// A second socket on the same port for datagrams that must not be fragmented.
        case separateSocket = "separate-socket"
    }

    public enum Outcome: Hashable, Sendable {
        case yes
        /// The kernel refused, with this errno.
        case no(errno: CInt)
        /// Not asked because it is switched off or not needed, or the answer was not conclusive.
        case unknown
    }

    public let kind: Kind
    public let outcome: Outcome
    /// For people: what was found and what follows from it.
    public let words: String
    /// As `weft status` spells it: `udp-segmentation`.
    public var name: String { kind.rawValue }
    /// Whether the packet path uses it now.
    public var isInUse: Bool { outcome == .yes }

    public init(_ kind: Kind, _ outcome: Outcome, _ words: String) {
        self.kind = kind
        self.outcome = outcome
        self.words = words
    }
}
