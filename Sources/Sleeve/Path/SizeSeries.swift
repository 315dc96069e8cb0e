internal import Wire

/// MTU tests of several sizes at once, each repeated until it is answered or the time is up.
///
/// Tries go out at 0, 1, 3, 7 units and so on, as long as the verdict is far enough away: it falls at 15, 10 ms a unit
/// on a fast path. While no round trip is known the verdict is a second away, until the first answer says how slow the
/// path is. What goes out late puts off all that follows: a host that was busy has tested nothing in that time.
struct SizeSeries: Hashable, Sendable {
    /// Sizes without an answer, ascending.
    private(set) var unanswered: [Int]
    /// Whether anything has been answered since the start. Where nothing arrives, silence says nothing about sizes.
    private(set) var isHeard = false
    private let start: MonotonicInstant
    /// How much later than planned the tries so far went out, all together.
    private var delay = Duration.zero
    private let unit: Duration
    private let knowsRoundTrip: Bool
    /// After the start.
    private var verdict: Duration
    private var tries = 1

    /// `roundTrip` stretches the series on a slow path.
    init(_ sizes: [Int], roundTrip: Duration?, at now: MonotonicInstant) {
        unanswered = sizes
        start = now
        knowsRoundTrip = roundTrip != nil
        unit = SizeSeries.verdict(after: roundTrip ?? .zero) / ((1 << SleeveTimes.sizeTries) - 1)
        verdict = roundTrip.map(SizeSeries.verdict(after:)) ?? SleeveTimes.firstSizeVerdict
    }

    private static func verdict(after roundTrip: Duration) -> Duration {
        let patience = roundTrip * SleeveTimes.sizeVerdictRoundTrips
        return min(max(SleeveTimes.sizeVerdict, patience), SleeveTimes.longestSizeVerdict)
    }

    private var hasTryLeft: Bool { unit * (1 << tries) < verdict }

    /// When the next try or the verdict is due.
    var wake: MonotonicInstant {
        start + delay + (hasTryLeft ? unit * ((1 << tries) - 1) : verdict)
    }

    /// A path that carries `size` carries everything below it.
    mutating func answered(_ size: Int, at now: MonotonicInstant) {
        unanswered.removeAll { $0 <= size }
        // Whichever try this answers, a round trip takes no longer than since the first.
        if !isHeard, !knowsRoundTrip { verdict = SizeSeries.verdict(after: now - start) }
        isHeard = true
    }

    /// At `wake`: the sizes to send once more, or nil when the verdict is due.
    mutating func nextTry(at now: MonotonicInstant) -> [Int]? {
        guard hasTryLeft else { return nil }
        delay += max(.zero, now - wake)
        tries += 1
        return unanswered
    }
}
