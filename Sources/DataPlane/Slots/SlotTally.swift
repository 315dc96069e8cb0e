import PacketIO

/// What one batch has counted for the neighbour it is busy with; added to the neighbour's counters when another one's
/// turn comes and at the end of the batch, since an atomic addition for each datagram can be seen in the throughput.
struct SlotTally {
    private var slot = -1
    private var frames = 0
    private var bytes = 0
    private var datagrams = 0
    /// `PeerSlots.Word.sent` or `.received`.
    private let word: Int

    init(_ word: Int) {
        self.word = word
    }

    /// Counts a datagram. Returns nothing; `publish` adds it.
    @inline(__always)
    mutating func count(_ slot: Int, frames: Int, bytes: Int, in table: SlotTable, _ counts: PlaneCounts) {
        if slot != self.slot {
            publish(to: table, counts)
            self.slot = slot
        }
        self.frames &+= frames
        self.bytes &+= bytes
        datagrams &+= 1
    }

    @inline(never)
    mutating func publish(to table: SlotTable, _ counts: PlaneCounts) {
        guard slot >= 0, datagrams > 0 else { return }
        let counters = table.row(slot).slice(word, 4)
        counters.add(SlotCounter.frames, UInt64(truncatingIfNeeded: frames))
        counters.add(SlotCounter.bytes, UInt64(truncatingIfNeeded: bytes))
        counters.add(SlotCounter.datagrams, UInt64(truncatingIfNeeded: datagrams))
        counts.add(word == PeerSlots.Word.sent ? .datagramsSent : .datagramsReceived, datagrams)
        (slot, frames, bytes, datagrams) = (-1, 0, 0, 0)
    }
}
