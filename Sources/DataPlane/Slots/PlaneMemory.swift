import PacketIO

/// The memory that both directions and the control plane share, apart from the slots.
struct PlaneMemory: ~Copyable, Sendable {
    let addresses: MACTable
    private let words: MappedMemory
    private static let budgetAt = 8
    private static let movesAt = 9
    private static let floodsAt = 16
    private static let countsAt = floodsAt + FloodAllowances.count

    init() throws(SystemError) {
        let addresses = try MACTable()
        let words = try MappedMemory(count: (PlaneMemory.countsAt + PlaneCounts.words) * 8)
        self.addresses = addresses
        self.words = words
    }

    /// Two words: the published forwarding table.
    var forwarding: AtomicWords { words.words.slice(0, 2) }
    /// One word: the budget of the bridge's port.
    var budget: AtomicWords { words.words.slice(PlaneMemory.budgetAt, 1) }
    /// One word: how often addresses were new or had moved.
    var moves: AtomicWords { words.words.slice(PlaneMemory.movesAt, 1) }
    var floods: FloodAllowances {
        FloodAllowances(words: words.words.slice(PlaneMemory.floodsAt, FloodAllowances.count))
    }
    var counts: PlaneCounts { PlaneCounts(cells: words.words.slice(PlaneMemory.countsAt, PlaneCounts.words)) }
}
