import PacketIO
import Sleeve

/// One direction: frames and super-frames from the bridge's port, to datagrams for the neighbours.
/// Owned by the first packet thread.
struct BridgeToPeers: ~Copyable {
    /// The largest super-frame is 65,535 bytes of IP, its Ethernet header and two tags; four more for a packet
    /// socket that puts a tag back.
    static let bufferBytes = VirtioHeader.bytes + 65_536 + 64
    /// Frames read in a row before the other direction has its turn.
    private static let maximumFrames = 256

    private let memory: MappedMemory
    private let gatherMemory: MappedMemory
    private let shared: SharedState
    private var batch: SendBatch

    init(_ shared: SharedState, batch: consuming SendBatch) throws(SystemError) {
        let memory = try MappedMemory(count: BridgeToPeers.bufferBytes)
        let gatherMemory = try MappedMemory(count: 64)
        self.memory = memory
        self.gatherMemory = gatherMemory
        self.shared = shared
        self.batch = batch
    }

    /// Reads what is there, up to a batch, and sends it. Returns 0, or the errno that capture ended or, with ENETDOWN,
    /// paused with.
    mutating func run(second: UInt16) -> CInt {
        let buffer = memory.bytes
        let table = shared.table
        var frames = 0
        var bytes = 0
        var lost = 0
        var failure: CInt = 0
        reading: while frames &+ lost < BridgeToPeers.maximumFrames, bytes < SendBatch.fullBytes {
            let length = shared.channel.read(into: buffer)
            if length <= 0 {
                // Nothing at all: the other end of the port is gone.
                let errno = length == 0 ? Errno.noDevice : CInt(truncatingIfNeeded: -length)
                switch CaptureTrouble(errno) {
                case .interrupted: continue
                case .empty: break reading
                case .frameLost:
                    lost &+= 1
                    shared.counts.drop(.unreadable)
                    continue
                case .down, .ended:
                    failure = errno
                    break reading
                }
            }
            frames &+= 1
            bytes &+= length
            guard length >= VirtioHeader.bytes &+ FrameLayout.ethernet else {
                shared.counts.drop(.malformed)
                continue
            }
            forward(
                buffer.slice(VirtioHeader.bytes, length &- VirtioHeader.bytes), FrameOffload(buffer), table, second)
        }
        batch.flush()
        shared.counts.add(.framesCaptured, frames)
        shared.counts.add(.bytesCaptured, bytes &- frames &* VirtioHeader.bytes)
        return failure
    }

    /// One captured frame: learns its source, finds its destination, sends it there or to everybody.
    @inline(__always)
    private mutating func forward(
        _ frame: Bytes, _ offload: FrameOffload, _ table: ForwardingView, _ second: UInt16
    ) {
        let destination = frame.network48(0)
        let source = frame.network48(6)
        // A source of zeros or a group is nobody; with a destination of zeros it would look like a special frame.
        guard source != 0, source & GroupAddress.bit == 0 else { return shared.counts.drop(.malformed) }
        guard destination != GroupAddress.bridges else { return shared.counts.drop(.linkLocal) }
        // The port never echoes what we inject: a source known at a peer is a container that has moved here.
        shared.learn(source, at: shared.ownName, second: second, budget: shared.localBudget)
        let place = destination & GroupAddress.bit == 0 ? shared.addresses.peer(of: destination) : nil
        if place == shared.ownName { return shared.counts.drop(.local) }

        let layout = FrameLayout(frame)
        let isSuperFrame = offload.kind != VirtioHeader.kindNone
        if isSuperFrame {
            guard SegmentCutter.accepts(frame, layout, offload) else { return shared.counts.drop(.malformed) }
            shared.counts.add(.superFramesCaptured)
        } else if !UnfinishedChecksum.complete(frame, layout, offload) {
            return shared.counts.drop(.malformed)
        }
        if let place {
            guard let entry = table.peer(place) else { return shared.counts.drop(.unknownPeer) }
            guard let slot = entry.nextHop else { return shared.counts.drop(.noRoute) }
            guard let hop = Hop(shared.slots, slot) else { return shared.counts.drop(.noRemote) }
            let result = send(
                frame, layout, offload, isSuperFrame: isSuperFrame, to: place, hop, isFlood: false)
            // Of a super-frame the segment that does not fit, not the whole.
            if case .fragmentationNeeded(let mtu, let refused) = result { reply(to: refused, mtu: mtu) }
        } else {
            guard let entry = table.peer(shared.ownName) else { return shared.counts.drop(.noRoute) }
            // One copy is no more than a known address would cost.
            if destination & GroupAddress.bit == 0, entry.broadcastCount > 1,
                !shared.unknownFloods.take(source: shared.ownName, bytes: frame.count, second: second)
            {
                return shared.counts.drop(.unknownFlood)
            }
            var position = 0
            while position < entry.broadcastCount {
                if batch.isFull { batch.flush() }
                if let hop = Hop(shared.slots, table.slot(entry, position)) {
                    _ = send(
                        frame, layout, offload, isSuperFrame: isSuperFrame, to: hop.name, hop, isFlood: true)
                } else {
                    shared.counts.drop(.noRemote)
                }
                position &+= 1
            }
        }
    }

    @inline(__always)
    private mutating func send(
        _ frame: Bytes, _ layout: FrameLayout, _ offload: FrameOffload, isSuperFrame: Bool, to destination: UInt64,
        _ hop: Hop, isFlood: Bool
    ) -> Transmission {
        if isSuperFrame {
            return batch.cut(
                frame, layout, offload, source: shared.ownName, destination: destination, hop, isFlood: isFlood)
        }
        return batch.transmit(
            frame, layout, source: shared.ownName, destination: destination, hop, isFlood: isFlood)
    }

    /// Tells the container that its packet is too large for the path.
    @inline(never)
    private func reply(to frame: Bytes, mtu: Int) {
        // Behind what `cutSingly` uses.
        let memory = batch.scratch.from(65_536)
        memory.zero(0, count: VirtioHeader.bytes)
        let length = TooBigReply.write(to: memory.from(VirtioHeader.bytes), about: frame, FrameLayout(frame), mtu: mtu)
        guard length > 0 else { return }
        let pieces = GatherList(gatherMemory.bytes)
        pieces.set(0, memory, 0, VirtioHeader.bytes &+ length)
        guard shared.channel.write(pieces, count: 1) > 0 else { return shared.counts.drop(.injectFailed) }
        shared.counts.add(.tooBigReplies)
    }
}
