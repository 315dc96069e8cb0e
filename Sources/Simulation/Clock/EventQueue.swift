package import Wire

/// What is to happen, in order of time; what falls on the same instant in the order of posting.
///
/// A binary heap of plain numbers; the events themselves stay where they are.
package struct EventQueue<Event: Sendable>: Sendable {
    private struct Entry: Sendable {
        let at: Int64
        let order: UInt64
        let place: Int

        func precedes(_ other: Entry) -> Bool {
            at != other.at ? at < other.at : order < other.order
        }
    }

    private var heap: [Entry] = []
    private var events: [Event?] = []
    private var freePlaces: [Int] = []
    private var posted: UInt64 = 0

    package init() {}

    package var count: Int { heap.count }

    /// When the next event happens.
    package var earliest: MonotonicInstant? {
        heap.first.map { MonotonicInstant(nanoseconds: $0.at) }
    }

    package mutating func post(_ event: Event, at instant: MonotonicInstant) {
        let place: Int
        if let free = freePlaces.popLast() {
            place = free
            events[place] = event
        } else {
            place = events.count
            events.append(event)
        }
        posted += 1
        heap.append(Entry(at: instant.nanoseconds, order: posted, place: place))
        siftUp()
    }

    /// The next event, taken out.
    package mutating func pop() -> (at: MonotonicInstant, event: Event)? {
        guard let first = heap.first, let event = events[first.place].take() else { return nil }
        freePlaces.append(first.place)
        let last = heap.removeLast()
        if !heap.isEmpty { siftDown(last) }
        return (MonotonicInstant(nanoseconds: first.at), event)
    }

    private mutating func siftUp() {
        var child = heap.count - 1
        let entry = heap[child]
        while child > 0 {
            let parent = (child - 1) / 2
            guard entry.precedes(heap[parent]) else { break }
            heap[child] = heap[parent]
            child = parent
        }
        heap[child] = entry
    }

    private mutating func siftDown(_ entry: Entry) {
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].precedes(heap[child]) { child += 1 }
            guard heap[child].precedes(entry) else { break }
            heap[parent] = heap[child]
            parent = child
        }
        heap[parent] = entry
    }
}
