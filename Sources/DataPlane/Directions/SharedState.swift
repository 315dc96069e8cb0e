import PacketIO
import Wire

/// What both directions look at: windows on memory that the data plane owns. Copied freely.
struct SharedState: Sendable {
    let ownName: UInt64
    let slots: SlotTable
    let addresses: MACView
    /// Word 0 counts addresses that are new or have moved: the kernel's flows follow.
    let addressMoves: AtomicWords
    let counts: PlaneCounts
    /// Word 0: address of the current forwarding table's words, word 1: their number. Exchanged as one pointer to a
    /// header would be: the count is only used by debug checks.
    let forwarding: AtomicWords
    /// The budget for addresses learnt from the bridge.
    let localBudget: LearningBudget
    /// What each source may flood for want of an address.
    let unknownFloods: FloodAllowances
    let channel: FrameChannel
    let sockets: SocketHandles
    let reporter: NewsReporter

    /// The current forwarding table; valid until the thread leaves its epoch.
    @inline(__always)
    var table: ForwardingView { ForwardingView(words: AtomicWords(published: forwarding, 0)) }

    /// Notes where an address was seen, and counts what became of it.
    @inline(__always)
    func learn(_ address: UInt64, at peer: UInt64, second: UInt16, budget: LearningBudget) {
        switch addresses.learn(address, at: peer, second: second, budget: budget) {
        case .known, .refused: break
        case .new: addressMoves.add(0, 1)
        case .moved:
            addressMoves.add(0, 1)
            counts.add(.addressesMoved)
        case .evicted: counts.add(.addressesEvicted)
        }
    }
}

/// The bridge's own group address, IEEE 802.1D: spanning tree. Never forwarded.
enum GroupAddress {
    static let bridges: UInt64 = 0x0180_c200_0000
    static let bit: UInt64 = 0x0100_0000_0000
}
