import Overlay
import PacketIO
import Wire

/// A `ForwardingSnapshot` laid out flat: a hash table of peers, and lists of slots. Immutable once published.
///
/// Words: [0] own name, [1] mask of the hash table, [2] start of the lists; then entries of four words: name, own slot
/// as a neighbour and slot of the next hop (two halves, all ones for none), start and length of its broadcast list (in
/// words), unused; then the lists, one slot a word.
struct ForwardingTable: ~Copyable, Sendable {
    static let none: UInt32 = 0xffff_ffff
    static let header = 4
    static let entry = 4

    private let memory: MappedMemory

    /// Compiles a snapshot; `isCurrent` says whether a slot is still the one the snapshot means.
    init(_ snapshot: ForwardingSnapshot, isCurrent: (PeerSlot) -> Bool) throws(SystemError) {
        var slots: [PeerName: UInt64] = [:]
        for (name, slot) in snapshot.neighbours where isCurrent(slot) { slots[name] = UInt64(slot.index) }
        let names = snapshot.knownPeers.union([snapshot.ownName])
        var capacity = 8
        while capacity < names.count * 2 { capacity *= 2 }
        let listStart = ForwardingTable.header + capacity * ForwardingTable.entry
        let lists = names.map { name in (snapshot.broadcast[name] ?? []).compactMap { slots[$0] } }
        let total = listStart + lists.reduce(0) { $0 + $1.count }
        memory = try MappedMemory(count: total * 8)

        let words = memory.words
        words.storeRelaxed(0, snapshot.ownName.rawValue)
        words.storeRelaxed(1, UInt64(capacity - 1))
        var next = listStart
        for (name, list) in zip(names, lists) {
            var index = ForwardingView.hash(name.rawValue) & (capacity - 1)
            while words.loadRelaxed(ForwardingTable.header + index * ForwardingTable.entry) != 0 {
                index = (index + 1) & (capacity - 1)
            }
            let entry = ForwardingTable.header + index * ForwardingTable.entry
            let own = slots[name] ?? UInt64(ForwardingTable.none)
            let hop = snapshot.unicast[name].flatMap { slots[$0] } ?? UInt64(ForwardingTable.none)
            words.storeRelaxed(entry, name.rawValue | ForwardingView.presentBit)
            words.storeRelaxed(entry + 1, own << 32 | hop)
            words.storeRelaxed(entry + 2, UInt64(next) << 32 | UInt64(list.count))
            for slot in list {
                words.storeRelaxed(next, slot)
                next += 1
            }
        }
    }

    /// Valid while the owner lives.
    var view: ForwardingView { ForwardingView(words: memory.words) }
}

/// What packet threads hold of a forwarding table, for the length of one batch.
struct ForwardingView: Sendable {
    /// Marks a used entry: zero is a possible name on the wire.
    static let presentBit: UInt64 = 1 << 63

    let words: AtomicWords

    @inline(__always)
    static func hash(_ name: UInt64) -> Int {
        Int(truncatingIfNeeded: (name &* 0x9e37_79b9_7f4a_7c15) >> 40)
    }

    @inline(__always)
    var ownName: UInt64 { words.loadRelaxed(0) }

    /// The entry of a peer, nil if it is not in the topology.
    @inline(__always)
    func peer(_ name: UInt64) -> ForwardingEntry? {
        let mask = Int(truncatingIfNeeded: words.loadRelaxed(1))
        var index = ForwardingView.hash(name) & mask
        // Ends: at most half of the entries are used.
        while true {
            let entry = ForwardingTable.header &+ index &* ForwardingTable.entry
            let key = words.loadRelaxed(entry)
            if key == name | ForwardingView.presentBit { return ForwardingEntry(words: words, at: entry) }
            if key == 0 { return nil }
            index = (index &+ 1) & mask
        }
    }

    @inline(__always)
    func slot(_ list: ForwardingEntry, _ position: Int) -> Int {
        Int(truncatingIfNeeded: words.loadRelaxed(list.broadcastStart &+ position))
    }
}

struct ForwardingEntry {
    let words: AtomicWords
    let at: Int

    /// The slot of this peer as a neighbour.
    @inline(__always)
    var ownSlot: Int? {
        let value = UInt32(truncatingIfNeeded: words.loadRelaxed(at &+ 1) >> 32)
        return value == ForwardingTable.none ? nil : Int(value)
    }

    /// The slot of the neighbour on the way to this peer.
    @inline(__always)
    var nextHop: Int? {
        let value = UInt32(truncatingIfNeeded: words.loadRelaxed(at &+ 1))
        return value == ForwardingTable.none ? nil : Int(value)
    }

    @inline(__always)
    var broadcastStart: Int { Int(truncatingIfNeeded: words.loadRelaxed(at &+ 2) >> 32) }
    /// How many neighbours get a copy of this peer's broadcasts.
    @inline(__always)
    var broadcastCount: Int { Int(truncatingIfNeeded: words.loadRelaxed(at &+ 2) & 0xffff_ffff) }
}
