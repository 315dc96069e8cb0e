import Overlay
import PacketIO
import Sealing
import Sleeve
import Wire

/// The control plane's side of the slots and of what is published: opens, closes and reclaims. Used under one lock.
struct SlotRegistry: ~Copyable {
    private let slots: PeerSlots
    private let epochs: EpochClock
    private let published: AtomicWords
    private var free: [Int]
    private var generations: [UInt32]
    private var replays: [ReplayBox?]
    private var current: TableBox
    private var retired: [Retired] = []

    private enum Retired {
        case table(TableBox, epoch: UInt64)
        case slot(Int, epoch: UInt64)
    }

    /// Boxes, since arrays cannot hold what has one owner.
    private final class TableBox: Sendable {
        let table: ForwardingTable
        init(_ table: consuming ForwardingTable) { self.table = table }
    }

    private final class ReplayBox: Sendable {
        let memory: ReplayMemory
        init(_ memory: consuming ReplayMemory) { self.memory = memory }
    }

    init(
        _ slots: consuming PeerSlots, _ epochs: consuming EpochClock, published: AtomicWords,
        first: ForwardingSnapshot
    ) throws(SystemError) {
        let table = TableBox(try ForwardingTable(first) { _ in false })
        free = (0..<slots.capacity).reversed().map { $0 }
        generations = Array(repeating: 0, count: slots.capacity)
        replays = Array(repeating: nil, count: slots.capacity)
        self.slots = slots
        self.epochs = epochs
        self.published = published
        current = table
        published.publish(0, table.table.view.words)
    }

    var capacity: Int { slots.capacity }

    /// The row of a slot that is still open.
    func row(_ slot: PeerSlot) -> AtomicWords? {
        guard isCurrent(slot) else { return nil }
        return slots.table.row(slot.index)
    }

    func isCurrent(_ slot: PeerSlot) -> Bool {
        guard (0..<slots.capacity).contains(slot.index) else { return false }
        return slots.table.row(slot.index).load(PeerSlots.Word.state) == UInt64(slot.generation) << 1 | 1
    }

    mutating func open(_ configuration: SlotConfiguration) throws(DataPlaneError) -> PeerSlot {
        reclaim()
        guard let index = free.last else { throw .tooManyPeers(limit: slots.capacity) }
        let row = slots.table.row(index)
        var origin = UInt64(configuration.localAddress?.rawValue ?? 0)
        for word in 0..<PeerSlots.Word.perRow { row.storeRelaxed(word, 0) }
        if let key = configuration.sessionKey {
            try writeKeys(key, index, isOutbound: configuration.isOutbound)
            let replay: ReplayBox
            do throws(SystemError) { replay = ReplayBox(try ReplayMemory()) } catch { throw .system(error) }
            row.storeRelaxed(PeerSlots.Word.windows, replay.memory.address)
            replays[index] = replay
            origin |= PeerSlots.sealedBit
        }
        row.storeRelaxed(PeerSlots.Word.name, configuration.remoteName.rawValue)
        row.storeRelaxed(PeerSlots.Word.origin, origin)
        if let uid = configuration.connectionUID {
            row.storeRelaxed(PeerSlots.Word.connection, uid)
            row.storeRelaxed(PeerSlots.Word.isConnectionKnown, 1)
            row.storeRelaxed(PeerSlots.Word.heard, configuration.keepsHeartbeats ? 1 : 0)
        }
        row.storeRelaxed(PeerSlots.Word.path, PackedPath.pack(.cautious(isSealed: configuration.sessionKey != nil)))
        free.removeLast()
        generations[index] &+= 1
        row.store(PeerSlots.Word.state, UInt64(generations[index]) << 1 | 1)
        return PeerSlot(index: index, generation: generations[index])
    }

    private func writeKeys(_ key: [UInt8], _ index: Int, isOutbound: Bool) throws(DataPlaneError) {
        do throws(SealingError) {
            let table = slots.table
            try unsafe DatagramKey.writeSubkey(
                to: table.sendingKey(index).base, sessionKey: key, senderDialled: isOutbound)
            try unsafe DatagramKey.writeSubkey(
                to: table.receivingKey(index).base, sessionKey: key, senderDialled: !isOutbound)
        } catch {
            throw .key("\(error)")
        }
    }

    mutating func close(_ slot: PeerSlot) {
        guard isCurrent(slot) else { return }
        slots.table.row(slot.index).store(PeerSlots.Word.state, UInt64(slot.generation) << 1)
        retired.append(.slot(slot.index, epoch: epochs.advance()))
        reclaim()
    }

    /// Makes a snapshot the current one. What cannot be laid out for want of memory leaves the former one in place.
    mutating func publish(_ snapshot: ForwardingSnapshot) throws(SystemError) {
        let open = openSlots
        let table = TableBox(try ForwardingTable(snapshot) { open.contains($0) })
        published.publish(0, table.table.view.words)
        retired.append(.table(current, epoch: epochs.advance()))
        current = table
        reclaim()
    }

    private var openSlots: Set<PeerSlot> {
        let table = slots.table
        return Set(
            (0..<slots.capacity).compactMap { index in
                let state = table.row(index).load(PeerSlots.Word.state)
                guard state & 1 != 0 else { return nil }
                return PeerSlot(index: index, generation: UInt32(truncatingIfNeeded: state >> 1))
            })
    }

    /// Gives back what no packet thread can see any more.
    mutating func reclaim() {
        var kept: [Retired] = []
        for entry in retired {
            switch entry {
            case .table(_, let epoch):
                if !epochs.hasPassed(epoch) { kept.append(entry) }
            case .slot(let index, let epoch):
                guard epochs.hasPassed(epoch) else {
                    kept.append(entry)
                    continue
                }
                slots.wipe(index)
                replays[index] = nil
                free.append(index)
            }
        }
        retired = kept
    }
}

extension SleevePath {
    /// Until the control plane knows better: what a path of 1,500 bytes carries.
    static func cautious(isSealed: Bool) -> SleevePath {
        SleevePath(
            mtu: 1_500 - SleeveLayout.overhead(isSealed: isSealed), maximumPayload: 1_500 - SleeveLayout.underlayHeader,
            carriesFragments: false, isVerified: false)
    }
}
