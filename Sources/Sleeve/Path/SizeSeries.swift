internal import Wire

/// MTU tests of several sizes at once, each repeated until it is answered or the time is up.
///
/// Tries go out at 0, 1, 3 and 7 units, and the verdict falls at 15: 10 ms a unit on a fast path.
struct SizeSeries: Hashable, Sendable {
    /// Sizes without an answer, ascending.
    private(set) var unanswered: [Int]
    let start: MonotonicInstant
    private let unit: Duration
    private var tries = 1

    /// `roundTrip` stretches the series on a slow path.
    init(_ sizes: [Int], roundTrip: Duration?, at now: MonotonicInstant) {
        unanswered = sizes
        start = now
        let patience = (roundTrip ?? .zero) * SleeveTimes.sizeVerdictRoundTrips
        let verdict = min(max(SleeveTimes.sizeVerdict, patience), SleeveTimes.longestSizeVerdict)
        unit = verdict / ((1 << SleeveTimes.sizeTries) - 1)
    }

    /// When the next try or the verdict is due.
    var wake: MonotonicInstant {
        start + unit * ((1 << tries) - 1)
    }

    /// A path that carries `size` carries everything below it.
    mutating func answered(_ size: Int) {
        unanswered.removeAll { $0 <= size }
    }

    /// At `wake`: the sizes to send once more, or nil when the verdict is due.
    mutating func nextTry() -> [Int]? {
        guard tries < SleeveTimes.sizeTries else { return nil }
        tries += 1
        return unanswered
    }
}
