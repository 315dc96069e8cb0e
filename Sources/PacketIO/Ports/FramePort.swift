internal import CLinux

/// Where frames come from and go to: a tap, or a packet socket on a veth. Both speak virtio-net headers.
///
/// Reading belongs to one thread at a time; writing may be done by any (one call is one frame). Neither blocks. A call
/// that waits on `waitable` is woken by frames and by the device going away.
public struct FramePort: ~Copyable, Sendable {
    public enum Kind: Hashable, Sendable {
        case tap
        case packetSocket
    }

    public let kind: Kind
    /// The interface.
    public let name: String
    private let descriptor: Descriptor
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
        self.facilities = facilities
    }

    /// Takes over a descriptor that keeps frames apart as a tap does: a pair of sockets stands in for it in tests.
    package init(standIn descriptor: CInt, name: String) throws(SystemError) {
        self.descriptor = try Descriptor(descriptor, "stand-in")
        kind = .tap
        self.name = name
        facilities = []
    }

    /// Opens a packet socket on an existing interface.
    /// `earlier` is what was tried before.
    public init(packetSocketOn interface: String, after earlier: [PacketFacility] = []) throws(SystemError) {
        descriptor = try Descriptor(unsafe weft_open_packet_port(interface), "packet socket on \(interface)")
        kind = .packetSocket
        name = interface
        facilities = earlier + [PacketFacility(.packetSocket, .yes, "frames are captured and injected on \(interface)")]
    }

    /// An offload left over from an earlier owner of the tap is switched off too.
    private static func setOffloads(_ descriptor: CInt, wanted: Bool) -> [PacketFacility] {
        guard wanted else {
            _ = weft_tap_set_offloads(descriptor, 0)
            return [
                PacketFacility(.tapOffloads, .unknown, "switched off: every frame comes alone"),
                PacketFacility(.tapUDPOffload, .unknown, "switched off"),
            ]
        }
        if weft_tap_set_offloads(descriptor, checksums | tcp | udp) >= 0 {
            return [
                PacketFacility(.tapOffloads, .yes, "TCP super-frames and unfinished checksums are taken over"),
                PacketFacility(.tapUDPOffload, .yes, "UDP super-frames are taken over"),
            ]
        }
        let all = weft_tap_set_offloads(descriptor, checksums | tcp)
        let udpWords = "UDP packets come and go one by one (needs Linux 6.2)"
        if all >= 0 {
            return [
                PacketFacility(.tapOffloads, .yes, "TCP super-frames and unfinished checksums are taken over"),
                PacketFacility(.tapUDPOffload, .no(errno: Errno.invalid), udpWords),
            ]
        }
        _ = weft_tap_set_offloads(descriptor, 0)
        return [
            PacketFacility(.tapOffloads, .no(errno: -all), "every frame comes alone: expect a fifth of the throughput"),
            PacketFacility(.tapUDPOffload, .no(errno: -all), udpWords),
        ]
    }

    /// What packet threads hold; valid while the owner lives.
    package var channel: FrameChannel { FrameChannel(kind: kind, raw: descriptor.raw) }
}

/// A port as packet threads use it; valid while the `FramePort` lives.
package struct FrameChannel: Sendable {
    let kind: FramePort.Kind
    let raw: CInt

    /// For `wait`.
    package var waitable: CInt { raw }

    /// Reads a virtio-net header and the frame behind it. Returns their bytes, or a negative errno.
    package func read(into buffer: Bytes) -> Int {
        switch kind {
        case .tap: unsafe weft_read(raw, buffer.base, buffer.count)
        case .packetSocket: unsafe weft_read_packet(raw, buffer.base, buffer.count)
        }
    }

    /// Writes the first `count` pieces, a virtio-net header and a frame, as one. Returns bytes or a negative errno.
    package func write(_ pieces: GatherList, count: Int) -> Int {
        unsafe weft_write_pieces(raw, pieces.base, CInt(truncatingIfNeeded: count))
    }
}

/// Pieces of memory that are written as one frame; the memory under it is the caller's.
@frozen @safe
package struct GatherList: @unchecked Sendable {
    // Sendable: plain numbers, used by the thread that owns the memory.
    let base: UnsafeMutablePointer<weft_piece>
    let capacity: Int

    /// Lays a list over `memory`, 16 bytes a piece.
    package init(_ memory: Bytes) {
        capacity = unsafe memory.count / MemoryLayout<weft_piece>.stride
        unsafe base = memory.base.bindMemory(to: weft_piece.self, capacity: capacity)
    }

    package func set(_ index: Int, _ memory: Bytes, _ offset: Int, _ bytes: Int) {
        assert(index < capacity, "more pieces than the list holds")
        let part = memory.slice(offset, bytes)
        unsafe base[index] = unsafe weft_piece(base: part.base, bytes: part.count)
    }
}
