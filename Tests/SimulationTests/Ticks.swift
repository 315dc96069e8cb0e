import Synchronization

/// A clock that goes on by one with each look.
final class Ticks: Sendable {
    private let count = Atomic<Int64>(0)

    func next() -> Int64 {
        count.add(1, ordering: .relaxed).newValue
    }
}
