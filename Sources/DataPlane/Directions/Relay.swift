import PacketIO
import Sleeve

/// What goes on: frames of the overlay for other peers, and floods for those behind us. They never come near the bridge,
/// are not joined and cut again, and go from the buffer that they were received in straight into datagrams of the next
/// link, so that what arrived as one row leaves as one row. Owned by the packet thread that has receipt.
struct Relay: ~Copyable {
    /// Frames that a flood gathers before they are sent, 64 KiB of the smallest datagrams that the kernel joins.
    private static let gathered = 128

    private let shared: SharedState
    private var batch: SendBatch
    private let memory: MappedMemory
    /// Frames of one source that wait to be flooded; neighbour by neighbour they make rows, frame by frame none.
    private var waiting = 0
    private var source: UInt64 = 0
    private var arrivedOn = -1
    /// What was answered last in this batch, and with which MTU.
    private var answered: Bytes
    private var answeredMTU = 0
    private var relayed = 0

    init(_ shared: SharedState, batch: consuming SendBatch) throws(SystemError) {
        let memory = try MappedMemory(count: Relay.gathered * 16)
        self.shared = shared
        self.batch = batch
        answered = memory.bytes.slice(0, 0)
        self.memory = memory
    }

    /// One message has been handled: sends what two of them make, since a send in the middle of one would break its row.
    @inline(__always)
    mutating func endMessage(_ table: ForwardingView) {
        guard batch.isFull else { return }
        sendFloods(table)
        batch.flush()
    }

    /// Sends everything; the buffers that frames lie in are filled anew.
    mutating func endBatch(_ table: ForwardingView) {
        sendFloods(table)
        batch.flush()
        answeredMTU = 0
        guard relayed > 0 else { return }
        shared.counts.add(.framesRelayed, relayed)
        relayed = 0
    }

    /// Sends a record on towards its destination, names unchanged.
    mutating func forward(
        _ frame: Bytes, source: UInt64, destination: UInt64, _ target: ForwardingEntry, arrivedOn: Int,
        _ table: ForwardingView, _ second: UInt16
    ) {
        guard let slot = target.nextHop else { return shared.counts.drop(.noRoute) }
        // Its sender thinks that we are nearer, and we that it is: routes are settling. Records have no hop count, and
        // between the two of us it would go to and fro until then.
        guard slot != arrivedOn else { return shared.counts.drop(.returning) }
        guard let hop = Hop(shared.slots, slot) else { return shared.counts.drop(.noRemote) }
        let layout = FrameLayout(frame)
        let result = batch.transmit(frame, layout, source: source, destination: destination, hop, isFlood: false)
        guard case .fragmentationNeeded(let mtu, _) = result else {
            relayed &+= 1
            return
        }
        answer(frame, layout, source: source, destination: destination, mtu: mtu, arrivedOn: arrivedOn, table, second)
    }

    /// Tells the sender of a packet, wherever it is, that our next link does not carry it. The answer travels as if the
    /// destination had sent it; one is enough for all packets of a batch between two hosts, which learn by host.
    @inline(never)
    private mutating func answer(
        _ frame: Bytes, _ layout: FrameLayout, source: UInt64, destination: UInt64, mtu: Int, arrivedOn: Int,
        _ table: ForwardingView, _ second: UInt16
    ) {
        if mtu == answeredMTU, isLikeAnswered(frame, layout) { return }
        guard ReplyAllowance(row: shared.slots.row(arrivedOn)).take(second: second) else { return }
        let reply = batch.scratch.from(65_536)
        let length = TooBigReply.write(to: reply, about: frame, layout, mtu: mtu)
        guard length > 0, let back = table.peer(source)?.nextHop, let hop = Hop(shared.slots, back) else { return }
        let answer = reply.slice(0, length)
        // As a flood: an answer that does not fit is not answered.
        _ = batch.transmit(
            answer, FrameLayout(answer), source: destination, destination: source, hop, isFlood: true)
        shared.counts.add(.tooBigReplies)
        answered = frame
        answeredMTU = mtu
    }

    private func isLikeAnswered(_ frame: Bytes, _ layout: FrameLayout) -> Bool {
        let end = layout.family == 4 ? layout.network &+ 20 : layout.network &+ 40
        let addresses = layout.family == 4 ? 8 : 32
        guard answered.count >= end else { return false }
        // Hardware addresses and type, then those of IP.
        return frame.matches(0, answered, 0, count: FrameLayout.ethernet)
            && frame.matches(end &- addresses, answered, end &- addresses, count: addresses)
    }

    /// Sends a copy to the next hops of the source's tree, unless the destination is on this side.
    @inline(never)
    mutating func flood(
        _ frame: Bytes, source: UInt64, arrivedOn: Int, _ table: ForwardingView, _ second: UInt16
    ) {
        let address = frame.network48(0)
        if address & GroupAddress.bit == 0 {
            if shared.addresses.peer(of: address) == shared.ownName { return }
            guard shared.unknownFloods.take(source: source, bytes: frame.count, second: second) else {
                return shared.counts.drop(.unknownFlood)
            }
        }
        if waiting == Relay.gathered || source != self.source || arrivedOn != self.arrivedOn { sendFloods(table) }
        self.source = source
        self.arrivedOn = arrivedOn
        GatherList(memory.bytes).set(waiting, frame, 0, frame.count)
        waiting &+= 1
    }

    private mutating func sendFloods(_ table: ForwardingView) {
        guard waiting > 0 else { return }
        let frames = GatherList(memory.bytes)
        let count = waiting
        waiting = 0
        guard let sender = table.peer(source) else { return }
        var position = 0
        while position < sender.broadcastCount {
            let slot = table.slot(sender, position)
            position &+= 1
            // In a settled mesh the tree never leads back.
            guard slot != arrivedOn else {
                shared.counts.drop(.returning, count)
                continue
            }
            guard let hop = Hop(shared.slots, slot) else {
                shared.counts.drop(.noRemote, count)
                continue
            }
            // Not within the row.
            if batch.isFull { batch.flush() }
            var index = 0
            while index < count {
                let frame = frames.memory(index, before: 0)
                _ = batch.transmit(
                    frame, FrameLayout(frame), source: source, destination: hop.name, hop, isFlood: true)
                index &+= 1
            }
            relayed &+= count
        }
    }
}
