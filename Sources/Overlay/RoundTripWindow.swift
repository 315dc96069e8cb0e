/// The last round trips of one neighbour. The lowest of them counts: what comes on top is waiting in queues, often in
/// those of our own traffic, and choosing hops by that would make it swing to and fro.
public struct RoundTripWindow: Hashable, Sendable {
    /// Chosen: a way that became longer is believed after as many measurements, one that became shorter at once.
    static var size: Int { 4 }
    private var samples: [Duration] = []

    public init() {}

    public var lowest: Duration? { samples.min() }

    public mutating func add(_ sample: Duration) {
        samples.append(sample)
        if samples.count > RoundTripWindow.size { samples.removeFirst() }
    }
}
