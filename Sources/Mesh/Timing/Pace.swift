import Wire

/// Lets a few of a kind go at once, and the rest one an interval: what changes now and then is told at once, and what
/// changes all the time costs no more than the interval allows.
struct Pace: Sendable {
    private let burst: Int
    private let interval: Duration
    private var allowance: Int
    private var refilledAt: MonotonicInstant

    init(burst: Int, interval: Duration, at now: MonotonicInstant) {
        self.burst = burst
        self.interval = interval
        allowance = burst
        refilledAt = now
    }

    /// When the next one may go; not before `now`.
    mutating func next(at now: MonotonicInstant) -> MonotonicInstant {
        while allowance < burst, now - refilledAt >= interval {
            allowance += 1
            refilledAt = refilledAt + interval
        }
        if allowance == burst { refilledAt = now }
        return allowance > 0 ? now : max(now, refilledAt + interval)
    }

    /// One goes.
    mutating func spend(at now: MonotonicInstant) {
        _ = next(at: now)
        allowance = max(0, allowance - 1)
    }
}
