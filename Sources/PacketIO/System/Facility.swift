/// Something of the kernel that the packet path uses if it is there, and what probing it said.
public struct PacketFacility: Hashable, Sendable {
    public enum Name: String, Hashable, Sendable, CaseIterable {
        /// Capture and injection through a tap that is a port of the bridge.
        case tap
        /// Super-frames and unfinished checksums through the tap (TUNSETOFFLOAD).
        case tapOffloads
        /// UDP super-frames through the tap (TUN_F_USO4 and TUN_F_USO6, Linux 6.2).
        case tapUDPOffload
        /// Capture through a packet socket on a veth.
        case packetSocket
        /// Capture through libpcap.
        case libpcap
        /// Many datagrams in one send (UDP_SEGMENT, Linux 4.18).
        case udpSegmentation
        /// Many datagrams in one receive (UDP_GRO, Linux 5.0).
        case udpReceiveOffload
        /// A second socket on the same port for datagrams that must not be fragmented.
        case separateSocket
    }

    public enum Outcome: Hashable, Sendable {
        case yes
        /// The kernel refused, with this errno.
        case no(errno: CInt)
        /// Switched off by configuration.
        case disabled
        /// Not asked, or the answer was not conclusive.
        case unknown
    }

    public let name: Name
    public let outcome: Outcome
    /// For people: what was found and what follows from it.
    public let words: String

    public init(_ name: Name, _ outcome: Outcome, _ words: String) {
        self.name = name
        self.outcome = outcome
        self.words = words
    }
}
