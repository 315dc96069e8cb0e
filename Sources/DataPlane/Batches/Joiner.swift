import PacketIO

/// Writes frames to the bridge's port, segments of one flow that follow each other joined to a super-frame.
///
/// One flow is open at a time: the segments of a super-frame arrive together, since they were cut together. Payloads
/// are gathered from where they were received, so everything is written before those buffers are filled again. A
/// segment is joined only if its checksums are right: a super-frame's are made anew, and would hide the damage.
struct Joiner: ~Copyable {
    /// As many as the kernel's own limit of fragments in a socket buffer allows for whole segments.
    private static let maximumSegments = 64
    private static let maximumBytes = 65_500
    private static let headerRoom = 256
    /// In the list of pieces: a super-frame's headers and payloads, then the two of a frame alone.
    private static let pieces = maximumSegments + 1

    private let channel: FrameChannel
    private let counts: PlaneCounts
    private let memory: MappedMemory
    private let gather: MappedMemory
    private var flow: Segment?
    /// What the open flow has taken up behind its first segment.
    private var count = 0
    private var payload = 0
    private var lastIdentification: UInt16 = 0
    private var lastFlags: UInt8 = 0
    /// Turned off when the port refuses the first such super-frame (before Linux 6.2).
    private var joinsUDP: Bool
    private var hasJoinedUDP = false

    init(channel: FrameChannel, counts: PlaneCounts) throws(SystemError) {
        let memory = try MappedMemory(count: Joiner.headerRoom + 16)
        let gather = try MappedMemory(count: (Joiner.pieces + 2) * 16)
        self.channel = channel
        joinsUDP = channel.joinsUDP
        self.counts = counts
        self.memory = memory
        self.gather = gather
    }

    /// Takes a frame, which stays where it is until `flush`.
    @inline(__always)
    mutating func offer(_ frame: Bytes) {
        guard let segment = Segment(frame), segment.isTCP ? channel.joinsTCP : joinsUDP else {
            flush()
            write(alone: frame, flags: 0)
            return
        }
        guard segment.checksumsAreRight else {
            // Untouched: the container shall see that it is damaged.
            flush()
            write(alone: frame, flags: 0)
            return
        }
        if let flow, canJoin(flow, segment) {
            GatherList(gather.bytes).set(count &+ 1, segment.frame, segment.headerBytes, segment.payloadBytes)
            count &+= 1
            payload &+= segment.payloadBytes
            lastIdentification = segment.identification
            lastFlags = segment.flags
            if segment.payloadBytes < flow.payloadBytes || segment.ends { flush() }
            return
        }
        flush()
        if segment.ends || segment.payloadBytes == 0 || segment.headerBytes > Joiner.headerRoom {
            write(alone: frame, flags: VirtioHeader.checksumValid)
            return
        }
        flow = segment
        count = 1
        payload = segment.payloadBytes
        lastIdentification = segment.identification
        lastFlags = segment.flags
        // Piece 0 is the virtio-net header and the headers, made by `flush`.
        GatherList(gather.bytes).set(1, segment.frame, segment.headerBytes, segment.payloadBytes)
    }

    @inline(__always)
    private func canJoin(_ flow: Segment, _ segment: Segment) -> Bool {
        guard segment.kind == flow.kind, segment.headerBytes == flow.headerBytes,
            segment.payloadBytes <= flow.payloadBytes, segment.payloadBytes > 0, count < Joiner.maximumSegments,
            flow.headerBytes &+ payload &+ segment.payloadBytes <= Joiner.maximumBytes
        else { return false }
        return flow.isFollowed(
            by: segment, payload: payload, count: count, identification: lastIdentification)
    }

    /// Writes the open flow.
    @inline(__always)
    mutating func flush() {
        guard let flow else { return }
        self.flow = nil
        if count == 1 {
            write(alone: flow.frame, flags: VirtioHeader.checksumValid)
        } else {
            write(joined: flow)
        }
    }

    private mutating func write(joined flow: Segment) {
        let head = memory.bytes
        head.copy(VirtioHeader.bytes, from: flow.frame, 0, count: flow.headerBytes)
        let frame = head.from(VirtioHeader.bytes)
        flow.finishHeaders(frame, payload: payload, flags: lastFlags)
        flow.offload.write(to: head)
        let pieces = GatherList(gather.bytes)
        pieces.set(0, head, 0, VirtioHeader.bytes &+ flow.headerBytes)
        let errno = send(pieces, count &+ 1, flow.headerBytes &+ payload)
        if errno == 0 {
            counts.add(.superFramesInjected)
            if !flow.isTCP { hasJoinedUDP = true }
        } else {
            refused(flow, errno)
        }
    }

    /// The port does not take a super-frame: its segments still lie where they were received, headers in front.
    @inline(never)
    private mutating func refused(_ flow: Segment, _ errno: CInt) {
        guard errno == Errno.invalid || errno == Errno.messageTooBig else { return counts.drop(.injectFailed) }
        if errno == Errno.invalid, !flow.isTCP, !hasJoinedUDP { joinsUDP = false }
        let pieces = GatherList(gather.bytes)
        var index = 1
        while index <= count {
            write(alone: pieces.memory(index, before: flow.headerBytes), flags: VirtioHeader.checksumValid)
            index &+= 1
        }
    }

    private func write(alone frame: Bytes, flags: UInt8) {
        let head = memory.bytes
        head.zero(0, count: VirtioHeader.bytes)
        head.setByte(0, flags)
        let pieces = GatherList(gather.bytes.from(Joiner.pieces &* 16))
        pieces.set(0, head, 0, VirtioHeader.bytes)
        pieces.set(1, frame, 0, frame.count)
        if send(pieces, 2, frame.count) != 0 { counts.drop(.injectFailed) }
    }

    /// Returns 0, or the errno that the port refused with.
    private func send(_ pieces: GatherList, _ count: Int, _ bytes: Int) -> CInt {
        let written = channel.write(pieces, count: count)
        guard written > 0 else { return CInt(truncatingIfNeeded: -written) }
        counts.add(.framesInjected)
        counts.add(.bytesInjected, bytes)
        return 0
    }
}
