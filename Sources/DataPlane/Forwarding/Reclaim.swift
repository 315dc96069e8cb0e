import PacketIO

/// Which packet threads may still look at something that was taken out of use.
///
/// A packet thread announces the epoch it begins a batch in, and `away` while it sleeps. Whoever takes something out
/// of use advances the epoch; once no thread announces an earlier one, nobody can see it any more. Nobody waits: what
/// is not yet free is looked at again with the next change.
struct EpochClock: ~Copyable, Sendable {
    static let away = UInt64.max
    private let memory: MappedMemory

    /// Word 0 is the epoch; each thread has a cache line behind it.
    init(threads: Int) throws(SystemError) {
        memory = try MappedMemory(count: (threads + 1) * 64)
        memory.words.store(0, 1)
        for thread in 1...threads { memory.words.store(thread * 8, EpochClock.away) }
    }

    /// For thread `index`, from 0; valid while the owner lives.
    func announcer(_ index: Int) -> EpochAnnouncer {
        EpochAnnouncer(now: memory.words.slice(0, 1), own: memory.words.slice((index + 1) * 8, 1))
    }

    /// Advances; returns the epoch that has ended.
    func advance() -> UInt64 {
        let ended = memory.words.loadOrdered(0)
        memory.words.storeOrdered(0, ended + 1)
        return ended
    }

    /// Whether no thread is still within `epoch` or an earlier one.
    func hasPassed(_ epoch: UInt64) -> Bool {
        for thread in 1..<(memory.count / 64) where memory.words.loadOrdered(thread * 8) <= epoch { return false }
        return true
    }
}

/// One thread's side.
struct EpochAnnouncer: Sendable {
    let now: AtomicWords
    let own: AtomicWords

    /// Before the first look at shared things of a batch.
    @inline(__always)
    func enter() {
        // Ordered: the store is visible before the loads of pointers that follow, or the writer would miss us.
        own.storeOrdered(0, now.loadOrdered(0))
    }

    /// Before sleeping; nothing shared may be kept.
    @inline(__always)
    func leave() { own.store(0, EpochClock.away) }
}
