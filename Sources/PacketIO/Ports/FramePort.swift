internal import CLinux

/// Where frames come from and go to: a tap, a packet socket on a veth, or libpcap there. All speak virtio-net headers;
/// libpcap's are empty.
///
/// Reading belongs to one thread at a time; writing may be done by any (one call is one frame). Neither blocks. A call
/// that waits on `waitable` is woken by frames and by the device going away.
public struct FramePort: ~Copyable, Sendable {
    public enum Kind: Hashable, Sendable {
        case tap
        case packetSocket
        case libpcap
    }

    public let kind: Kind
    /// The interface.
    public let name: String
    private let descriptor: Descriptor
    private let capture: PacketCapture?
    /// What was found out on the way.
    public let facilities: [PacketFacility]

    /// TUN_F_ bits of linux/if_tun.h.
    private static let checksums: UInt32 = 0x01
    private static let tcp: UInt32 = 0x02 | 0x04 | 0x08
    private static let udp: UInt32 = 0x20 | 0x40

    /// Creates or adopts the persistent tap of that name, without touching its state as a link.
    ///
    /// With `offloads` containers hand over super-frames and unfinished checksums.
    public init(tap name: String, offloads: Bool) throws(SystemError) {
        let descriptor = try Descriptor(unsafe weft_open_tap(name), "TUNSETIFF \(name)")
        var facilities = [PacketFacility(.tap, .yes, "frames are captured and injected through \(name)")]
        let header = weft_tap_set_header_bytes(descriptor.raw, CInt(VirtioHeader.bytes))
        guard header >= 0 else { throw SystemError(call: "TUNSETVNETHDRSZ \(name)", errno: -header) }
        let persistent = weft_tap_set_persistent(descriptor.raw, 1)
        guard persistent >= 0 else { throw SystemError(call: "TUNSETPERSIST \(name)", errno: -persistent) }
        facilities += FramePort.setOffloads(descriptor.raw, wanted: offloads)
        kind = .tap
        self.name = name
        self.descriptor = descriptor
        capture = nil
        self.facilities = facilities
    }

    /// Takes over a descriptor that keeps frames apart as a tap does: a pair of sockets stands in for it in tests.
    package init(standIn descriptor: CInt, name: String, offloads: Bool = true) throws(SystemError) {
        self.descriptor = try Descriptor(descriptor, "stand-in")
        kind = .tap
        self.name = name
        capture = nil
        let outcome: PacketFacility.Outcome = offloads ? .yes : .unknown
        facilities = [
            PacketFacility(.tapOffloads, outcome, "stand-in"), PacketFacility(.tapUDPOffload, outcome, "stand-in"),
        ]
    }

    /// Opens a packet socket on an existing interface. `earlier` is what was tried before.
    public init(packetSocketOn interface: String, after earlier: [PacketFacility] = []) throws(SystemError) {
        descriptor = try Descriptor(unsafe weft_open_packet_port(interface), "packet socket on \(interface)")
        kind = .packetSocket
        name = interface
        capture = nil
        facilities = earlier + [PacketFacility(.packetSocket, .yes, "frames are captured and injected on \(interface)")]
    }

    /// Opens libpcap on an existing interface: frames come and go one by one, and their senders must complete the
    /// checksums themselves.
    public init(libpcapOn interface: String, after earlier: [PacketFacility] = []) throws(SystemError) {
        let capture = try PacketCapture(interface)
        descriptor = try capture.makeDescriptor()
        kind = .libpcap
        name = interface
        self.capture = .some(consume capture)
        facilities =
            earlier + [
                PacketFacility(
                    .libpcap, .yes,
                    "frames are captured one by one on \(interface); switch tx-checksumming off in containers")
            ]
    }

    /// An offload left over from an earlier owner of the tap is switched off too.
    private static func setOffloads(_ descriptor: CInt, wanted: Bool) -> [PacketFacility] {
        let yes = [
            PacketFacility(.tapOffloads, .yes, "TCP super-frames and unfinished checksums are taken over"),
            PacketFacility(.tapUDPOffload, .yes, "UDP super-frames are taken over"),
        ]
        guard wanted else {
            _ = weft_tap_set_offloads(descriptor, 0)
            return [
                PacketFacility(.tapOffloads, .unknown, "switched off: every frame comes alone"),
                PacketFacility(.tapUDPOffload, .unknown, "switched off"),
            ]
        }
        if weft_tap_set_offloads(descriptor, checksums | tcp | udp) >= 0 { return yes }
        let all = weft_tap_set_offloads(descriptor, checksums | tcp)
        let udpWords = "UDP packets come and go one by one (needs Linux 6.2)"
        if all >= 0 { return [yes[0], PacketFacility(.tapUDPOffload, .no(errno: Errno.invalid), udpWords)] }
        _ = weft_tap_set_offloads(descriptor, 0)
        return [
            PacketFacility(
                .tapOffloads, .no(errno: -all), "every frame comes alone: expect a fifth of the throughput"),
            PacketFacility(.tapUDPOffload, .no(errno: -all), udpWords),
        ]
    }

    /// What packet threads hold; valid while the owner lives.
    package var channel: FrameChannel {
        func inUse(_ kind: PacketFacility.Kind) -> Bool { facilities.contains { $0.kind == kind && $0.isInUse } }
        let handle: UInt
        switch capture {
        case .some(let capture): handle = capture.address
        case .none: handle = 0
        }
        // A packet socket is not asked: it takes super-frames of TCP; those of UDP are tried once.
        return FrameChannel(
            kind: kind, raw: descriptor.raw, capture: handle, joinsTCP: kind == .packetSocket || inUse(.tapOffloads),
            joinsUDP: kind == .packetSocket || inUse(.tapUDPOffload))
    }
}

/// A port as packet threads use it; valid while the `FramePort` lives.
package struct FrameChannel: Sendable {
    let kind: FramePort.Kind
    let raw: CInt
    let capture: UInt
    /// Whether the port takes super-frames of TCP, of UDP.
    package let joinsTCP: Bool
    package let joinsUDP: Bool

    /// For `wait`.
    package var waitable: CInt { raw }

    /// Reads a virtio-net header and the frame behind it. Returns their bytes, or a negative errno.
    package func read(into buffer: Bytes) -> Int {
        switch kind {
        case .tap: unsafe weft_read(raw, buffer.base, buffer.count)
        case .packetSocket: unsafe weft_read_packet(raw, buffer.base, buffer.count)
        case .libpcap:
            unsafe weft_read_pcap(UnsafeMutableRawPointer(bitPattern: capture), buffer.base, buffer.count)
        }
    }

    /// Whether an interface that went down has been removed since.
    package var isGone: Bool { kind == .packetSocket && weft_packet_port_gone(raw) != 0 }

    /// Writes the first `count` pieces, a virtio-net header and a frame, as one. Returns bytes or a negative errno.
    package func write(_ pieces: GatherList, count: Int) -> Int {
        let count = CInt(truncatingIfNeeded: count)
        return switch kind {
        case .tap, .packetSocket: unsafe weft_write_pieces(raw, pieces.base, count)
        case .libpcap: unsafe weft_write_pcap(UnsafeMutableRawPointer(bitPattern: capture), pieces.base, count)
        }
    }
}
