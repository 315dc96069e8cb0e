internal import Wire

/// Measures the round trip with small MTU tests: out over UDP with DF, back over the mesh connection.
///
/// The reference router answers a test of any size and has no use of its own for sizes below its search floor, 552.
/// The sizes 64 to 127 take turns, so that a late answer is not taken for that of the next test.
struct RoundTripProbe: Hashable, Sendable {
    private static var sizes: Range<Int> { 64..<128 }

    private(set) var last: Duration?
    private var size = 63
    private var sent: MonotonicInstant?
    /// When the next measurement is due; nil before the first.
    private(set) var wake: MonotonicInstant?

    /// The size to test now, if it is time.
    mutating func due(at now: MonotonicInstant) -> Int? {
        guard let wake, wake <= now else { return nil }
        return next(at: now)
    }

    /// The size to test now. A test that is still on its way is given up.
    mutating func next(at now: MonotonicInstant) -> Int {
        wake = now + SleeveTimes.roundTrip
        size = size + 1 < RoundTripProbe.sizes.upperBound ? size + 1 : RoundTripProbe.sizes.lowerBound
        sent = now
        return size
    }

    /// The path is another one.
    mutating func forget() {
        last = nil
    }

    /// Whether `size` answers the test that is on its way.
    mutating func answered(_ size: Int, at now: MonotonicInstant) -> Bool {
        guard size == self.size, let sent else { return false }
        last = now - sent
        self.sent = nil
        return true
    }
}
