import Overlay
import PacketIO
import Sealing
import Sleeve
import Wire

/// The other direction: datagrams of the neighbours, to frames and super-frames for the bridge's port, and relaying.
/// Owned by the packet thread that has receipt.
struct PeersToBridge: ~Copyable {
    private let shared: SharedState
    private var buffers: ReceiveBuffers
    private let keystream: MappedMemory
    private var relay: Relay
    private var joiner: Joiner
    private var tally = SlotTally(PeerSlots.Word.received)

    /// Where a record came from.
    private struct Origin {
        let slot: Int
        let neighbour: UInt64
        let address: UInt32
        let port: UInt16
    }

    init(_ shared: SharedState, receiveBytes: Int, batch: consuming SendBatch) throws(SystemError) {
        let buffers = try ReceiveBuffers(bytes: receiveBytes)
        let keystream = try MappedMemory(count: DatagramKey.scratchBytes, isSecret: true)
        let relay = try Relay(shared, batch: batch)
        let joiner = try Joiner(channel: shared.channel, counts: shared.counts)
        self.shared = shared
        self.buffers = buffers
        self.keystream = keystream
        self.relay = relay
        self.joiner = joiner
    }

    /// Receives one batch without waiting and delivers it. Returns the number of messages.
    mutating func run(second: UInt16) -> Int {
        let count = buffers.receive(shared.sockets)
        // Errors of UDP sockets are about datagrams sent before; the next call receives again.
        guard count > 0 else { return 0 }
        let table = shared.table
        var index = 0
        while index < count {
            let message = buffers.message(index)
            var offset = 0
            while offset < message.bytes.count {
                let size = min(message.segmentBytes, message.bytes.count &- offset)
                receive(message.bytes.slice(offset, size), message.address, message.port, table, second)
                offset &+= size
            }
            relay.endMessage(table)
            index &+= 1
        }
        // The buffers are filled anew with the next batch: nothing may stay behind.
        joiner.flush()
        relay.endBatch(table)
        tally.publish(to: shared.slots, shared.counts)
        return count
    }

    @inline(__always)
    private mutating func receive(
        _ datagram: Bytes, _ address: UInt32, _ port: UInt16, _ table: ForwardingView, _ second: UInt16
    ) {
        guard datagram.count >= SleeveLayout.prefix else { return shared.counts.drop(.malformed) }
        let neighbour = datagram.network48(0)
        guard let slot = table.peer(neighbour)?.ownSlot, shared.slots.isOpen(slot) else {
            return shared.counts.drop(.unknownSender)
        }
        let row = shared.slots.row(slot)
        var body = datagram.from(SleeveLayout.prefix)
        if row.loadRelaxed(PeerSlots.Word.origin) & PeerSlots.sealedBit != 0 {
            guard datagram.count >= SleeveLayout.datagramHeader(isSealed: true) else {
                return refuse(.malformed, slot)
            }
            body = datagram.from(SleeveLayout.datagramHeader(isSealed: true))
            let refusal = open(datagram, body, slot, row)
            if let refusal { return refuse(refusal, slot) }
        }
        let origin = Origin(slot: slot, neighbour: neighbour, address: address, port: port)
        var offset = 0
        var frames = 0
        while body.count &- offset >= SleeveLayout.recordHeader {
            let length = Int(body.network16(offset &+ 12))
            guard length <= body.count &- offset &- SleeveLayout.recordHeader else { break }
            deliver(
                body.slice(offset &+ SleeveLayout.recordHeader, length), source: body.network48(offset),
                destination: body.network48(offset &+ 6), origin, table, second)
            offset &+= SleeveLayout.recordHeader &+ length
            frames &+= 1
        }
        if offset != body.count { refuse(.malformed, slot) }
        tally.count(slot, frames: frames, bytes: datagram.count, in: shared.slots, shared.counts)
    }

    /// Counts a datagram that is not taken.
    @inline(never)
    private func refuse(_ reason: DropReason, _ slot: Int) {
        shared.counts.drop(reason)
        shared.slots.row(slot).add(PeerSlots.Word.received &+ SlotCounter.dropped, 1)
    }

    /// Opens a sealed body in place. A forged datagram does not touch the replay windows.
    @inline(__always)
    private func open(_ datagram: Bytes, _ body: Bytes, _ slot: Int, _ row: AtomicWords) -> DropReason? {
        let sequence = datagram.network64(SleeveLayout.prefix)
        let tag = datagram.slice(SleeveLayout.prefix &+ 8, SleeveLayout.tag)
        let isGenuine = unsafe DatagramKey.open(
            body.base, count: body.count, tag: tag.base, sequence: sequence,
            subkey: shared.slots.receivingKey(slot).base, scratch: keystream.bytes.base)
        guard isGenuine else { return .notAuthentic }
        let half = sequence & SealedSequence.dontFragmentBit != 0 ? 0 : 1
        return ReplayMemory.accept(sequence, row.load(PeerSlots.Word.windows), half) ? nil : .replayed
    }

    /// One record (`docs/protocol-sleeve.md`, "Receipt").
    @inline(__always)
    private mutating func deliver(
        _ frame: Bytes, source: UInt64, destination: UInt64, _ origin: Origin, _ table: ForwardingView,
        _ second: UInt16
    ) {
        guard frame.count >= FrameLayout.ethernet else { return shared.counts.drop(.malformed) }
        guard let sender = table.peer(source), let target = table.peer(destination) else {
            return shared.counts.drop(.unknownPeer)
        }
        let address = frame.network48(6)
        if address == 0, frame.network48(0) == 0, frame.network16(12) == 0 {
            return special(frame, source: source, destination: destination, origin, second)
        }
        // It went in a circle while routes were settling, or is forged. The reference delivers and relays it all the same,
        // which in a settled mesh never happens, and feeds the loop while there is one.
        guard source != shared.ownName else { return shared.counts.drop(.ownReturned) }
        guard destination == shared.ownName else {
            return relay.forward(
                frame, source: source, destination: destination, target, arrivedOn: origin.slot, table, second)
        }
        guard address != 0, address & GroupAddress.bit == 0 else { return shared.counts.drop(.malformed) }
        let budget = LearningBudget(words: shared.slots.row(origin.slot), index: PeerSlots.Word.budget)
        shared.learn(address, at: source, second: second, budget: budget)
        joiner.offer(frame)
        if sender.broadcastCount > 0 {
            relay.flood(frame, source: source, arrivedOn: origin.slot, table, second)
        }
    }

    /// Notes a heartbeat that tells nothing new; false if the control plane has to see it.
    private func noted(_ row: AtomicWords, _ origin: Origin) -> Bool {
        let before = row.loadRelaxed(PeerSlots.Word.heard)
        guard before != 0 else { return false }
        row.storeRelaxed(PeerSlots.Word.heard, UInt64(truncatingIfNeeded: PacketClock.nanoseconds))
        let remote = row.loadRelaxed(PeerSlots.Word.remote)
        return before > 1 && PackedEndpoint.address(remote) == origin.address
            && PackedEndpoint.port(remote) == origin.port
    }

    /// A frame that the two ends of a connection exchange; told apart by its length.
    @inline(never)
    private func special(
        _ frame: Bytes, source: UInt64, destination: UInt64, _ origin: Origin, _ second: UInt16
    ) {
        guard source == origin.neighbour, destination == shared.ownName else {
            return shared.counts.drop(.misplacedSpecial)
        }
        let row = shared.slots.row(origin.slot)
        let allowance = SpecialAllowance(row: row)
        let event: SleeveEvent
        let isCall = frame.count == SleeveLayout.callFrame && frame.byte(SleeveLayout.callFrame - 1) != 0
        if frame.count == SleeveLayout.heartbeatFrame || isCall {
            let uid = frame.network64(FrameLayout.ethernet)
            guard
                row.loadRelaxed(PeerSlots.Word.isConnectionKnown) == 0
                    || row.loadRelaxed(PeerSlots.Word.connection) == uid
            else { return shared.counts.drop(.misplacedSpecial) }
            guard allowance.takeHeartbeat(second: second) else { return shared.counts.drop(.specialFlood) }
            if !isCall, noted(row, origin) { return }
            let from = Endpoint(.v4(IPv4Address(rawValue: origin.address)), PortNumber(rawValue: origin.port))
            event = isCall ? .call(connectionUID: uid, from: from) : .heartbeat(connectionUID: uid, from: from)
        } else {
            guard allowance.takeTest(second: second) else { return shared.counts.drop(.specialFlood) }
            event =
                frame.count == SleeveLayout.fragmentationTestFrame
                ? .fragmentationTest(intact: frame.isZero) : .mtuTest(size: frame.count - FrameLayout.ethernet)
        }
        shared.reporter.special(event, origin.slot, shared.slots)
    }
}
