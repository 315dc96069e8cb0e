internal import Wire

/// Finds out whether IP fragments of the underlay arrive, by a 60,001-byte frame without DF, every five minutes.
///
/// The reference router forgets the last verdict at each test and believes a single loss. Here the verdict stays until
/// a series of five tests goes without an answer.
struct FragmentationProbe: Hashable, Sendable {
    private enum Phase: Hashable, Sendable {
        case idle
        /// `tries` tests have gone out since the series began.
        case testing(tries: Int, next: MonotonicInstant)
        case resting(until: MonotonicInstant)
    }

    private(set) var carriesFragments = false
    private var phase = Phase.idle
    private var seriesStart = MonotonicInstant(nanoseconds: 0)

    /// When `timer` is due.
    var wake: MonotonicInstant? {
        switch phase {
        case .idle: nil
        case .testing(_, let next): next
        case .resting(let until): until
        }
    }

    /// Begins a series; a test is to be sent now.
    mutating func start(at now: MonotonicInstant) {
        seriesStart = now
        phase = .testing(tries: 1, next: now + SleeveTimes.fragmentationRetry)
    }

    /// A test arrived; late answers count.
    mutating func answered() {
        guard phase != .idle else { return }
        carriesFragments = true
        phase = .resting(until: seriesStart + SleeveTimes.fragmentationTest)
    }

    /// At `wake`: whether a test is to be sent now.
    mutating func timer(at now: MonotonicInstant) -> Bool {
        guard let wake, wake <= now else { return false }
        switch phase {
        case .idle:
            return false
        case .testing(let tries, _) where tries < SleeveTimes.fragmentationTries:
            phase = .testing(tries: tries + 1, next: now + SleeveTimes.fragmentationRetry * (1 << tries))
            return true
        case .testing:
            carriesFragments = false
            phase = .resting(until: seriesStart + SleeveTimes.fragmentationTest)
            return false
        case .resting:
            start(at: now)
            return true
        }
    }
}
