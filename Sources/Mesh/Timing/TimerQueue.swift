package import Wire

/// Every timer of a router, each at most once: a heap of instants, with entries that were moved skipped when met.
package struct TimerQueue<Key: Hashable & Sendable>: Sendable {
    private struct Entry: Sendable {
        let at: MonotonicInstant
        /// Order of setting, so that equal instants fire in a fixed order.
        let order: UInt64
        let key: Key

        func precedes(_ other: Entry) -> Bool {
            (at, order) < (other.at, other.order)
        }
    }

    private var heap: [Entry] = []
    /// The order number of each key's valid entry.
    private var valid: [Key: UInt64] = [:]
    private var nextOrder: UInt64 = 0

    package init() {}

    /// When the next timer is due. Removes entries that are no longer valid.
    package mutating func earliest() -> MonotonicInstant? {
        while let first = heap.first {
            if valid[first.key] == first.order { return first.at }
            removeFirst()
        }
        return nil
    }

    package func isSet(_ key: Key) -> Bool {
        valid[key] != nil
    }

    /// Sets or moves a timer.
    package mutating func set(_ key: Key, at instant: MonotonicInstant) {
        nextOrder &+= 1
        valid[key] = nextOrder
        heap.append(Entry(at: instant, order: nextOrder, key: key))
        siftUp()
        if heap.count > 64, heap.count > 4 * valid.count { rebuild() }
    }

    /// Sets a timer unless it is running.
    package mutating func setUnlessRunning(_ key: Key, at instant: MonotonicInstant) {
        if !isSet(key) { set(key, at: instant) }
    }

    package mutating func cancel(_ key: Key) {
        valid[key] = nil
    }

    /// The next timer that is due, taken out of the queue.
    package mutating func popDue(at now: MonotonicInstant) -> Key? {
        guard let at = earliest(), at <= now else { return nil }
        let key = heap[0].key
        valid[key] = nil
        removeFirst()
        return key
    }

    private mutating func rebuild() {
        heap = heap.filter { valid[$0.key] == $0.order }.sorted { $0.precedes($1) }
    }

    private mutating func siftUp() {
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].precedes(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func removeFirst() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].precedes(heap[least]) { least = child }
            }
            guard least != parent else { return }
            heap.swapAt(least, parent)
            parent = least
        }
    }
}
