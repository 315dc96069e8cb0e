import PacketIO
import Wire

/// Which peer a hardware address is at: a fixed table that packet threads look up, and learn into, without locks.
///
/// Buckets of eight entries of two words: the address, and the peer's name (48 bits) with the second it was last seen
/// (16 bits, wrapping). Words change one at a time, each atomically. Entering and removing addresses is for whoever
/// holds the write mark, which nobody waits for: a packet thread that does not get it learns from the next packet. An
/// address that another one replaces is recognised by reading the address again after the peer.
struct MACTable: ~Copyable, Sendable {
    static let bucketEntries = 8
    /// As local-switching expects: ten minutes; the second is rewritten when it is older than one minute.
    static let lifetimeSeconds: UInt16 = 600
    static let refreshSeconds: UInt16 = 60

    private let memory: MappedMemory
    private let mark: MappedMemory

    /// `buckets` is a power of two. 4,096 make room for some ten thousand addresses: with more of them, more and more
    /// buckets overflow. Of their 512 KiB only what is written to takes memory.
    init(buckets: Int = 4_096) throws(SystemError) {
        precondition(buckets > 0 && buckets & (buckets - 1) == 0, "a power of two")
        let memory = try MappedMemory(count: buckets * MACTable.bucketEntries * 16)
        let mark = try MappedMemory(count: 8)
        self.memory = memory
        self.mark = mark
    }

    /// Valid while the owner lives.
    var view: MACView {
        MACView(words: memory.words, mark: mark.words, mask: memory.count / 16 / MACTable.bucketEntries - 1)
    }
}

/// What packet threads and the control plane hold of the table.
struct MACView: Sendable {
    let words: AtomicWords
    let mark: AtomicWords
    let mask: Int

    enum Learnt {
        /// Nothing to do, or refreshed.
        case known
        case new
        /// It took the place of another address.
        case evicted
        /// It was at this peer before.
        case moved(from: UInt64)
        /// Not entered: no budget, or somebody else is writing.
        case refused
    }

    @inline(__always)
    private func bucket(_ address: UInt64) -> Int {
        let hash = Int(truncatingIfNeeded: (address &* 0x9e37_79b9_7f4a_7c15) >> 40)
        return (hash & mask) &* (MACTable.bucketEntries &* 2)
    }

    /// The peer that an address is at; nil if unknown.
    @inline(__always)
    func peer(of address: UInt64) -> UInt64? {
        let start = bucket(address)
        var at = start
        while at < start &+ MACTable.bucketEntries &* 2 {
            if words.load(at) == address {
                let value = words.load(at &+ 1)
                // The entry may have been given to another address in between.
                guard value != 0, words.load(at) == address else { return nil }
                return value >> 16
            }
            at &+= 2
        }
        return nil
    }

    /// Notes that `address` was seen at `peer`. `budget` pays for new entries and moves.
    @inline(__always)
    func learn(_ address: UInt64, at peer: UInt64, second: UInt16, budget: LearningBudget) -> Learnt {
        let start = bucket(address)
        var at = start
        while at < start &+ MACTable.bucketEntries &* 2 {
            if words.load(at) == address {
                let value = words.load(at &+ 1)
                if value >> 16 == peer, value != 0 {
                    let age = second &- UInt16(truncatingIfNeeded: value)
                    // Lost to another writer: that one knows better.
                    if age >= MACTable.refreshSeconds {
                        _ = words.replace(at &+ 1, value, with: peer << 16 | UInt64(second))
                    }
                    return .known
                }
                break
            }
            at &+= 2
        }
        return enter(address, at: peer, second: second, budget: budget)
    }

    @inline(never)
    private func enter(_ address: UInt64, at peer: UInt64, second: UInt16, budget: LearningBudget) -> Learnt {
        guard budget.take(second: second) else { return .refused }
        guard mark.replace(0, 0, with: 1) else { return .refused }
        defer { mark.store(0, 0) }
        let start = bucket(address)
        let value = peer << 16 | UInt64(second)
        var place = start
        var placeAge: Int = -1
        var isFree = false
        for at in stride(from: start, to: start &+ MACTable.bucketEntries &* 2, by: 2) {
            let key = words.load(at)
            if key == address {
                let before = words.exchange(at &+ 1, value)
                return before == 0 ? .new : before >> 16 == peer ? .known : .moved(from: before >> 16)
            }
            let age = key == 0 ? Int.max : Int(second &- UInt16(truncatingIfNeeded: words.load(at &+ 1)))
            if age > placeAge {
                isFree = key == 0
                place = at
                placeAge = age
            }
        }
        // A free entry, or the one not seen for longest. Emptied first: no reader may pair address and peer wrongly.
        words.store(place &+ 1, 0)
        words.store(place, address)
        words.store(place &+ 1, value)
        return isFree ? .new : .evicted
    }

    /// Removes the entries that `isGone` names; for the control plane. False if a packet thread was writing just now.
    func remove(where isGone: (_ peer: UInt64, _ seen: UInt16) -> Bool) -> Bool {
        guard mark.replace(0, 0, with: 1) else { return false }
        defer { mark.store(0, 0) }
        for at in stride(from: 0, to: words.count, by: 2) where words.load(at) != 0 {
            let value = words.load(at &+ 1)
            guard isGone(value >> 16, UInt16(truncatingIfNeeded: value)) else { continue }
            words.store(at &+ 1, 0)
            words.store(at, 0)
        }
        return true
    }

    /// Every entry; for the control plane.
    func all() -> [(address: UInt64, peer: UInt64, seen: UInt16)] {
        stride(from: 0, to: words.count, by: 2).compactMap { at in
            let address = words.load(at)
            let value = words.load(at + 1)
            guard address != 0, value != 0, words.load(at) == address else { return nil }
            return (address, value >> 16, UInt16(truncatingIfNeeded: value))
        }
    }
}
