/// A point on the monotonic clock: what timers and state machines are given as `now`.
///
/// Only differences mean something; the zero is arbitrary (the daemon's clock source, a simulation's start).
public struct MonotonicInstant: Hashable, Comparable, Sendable {
    public let nanoseconds: Int64

    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    public static func + (left: MonotonicInstant, right: Duration) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: left.nanoseconds &+ right.wholeNanoseconds)
    }

    public static func - (left: MonotonicInstant, right: MonotonicInstant) -> Duration {
        .nanoseconds(left.nanoseconds &- right.nanoseconds)
    }

    public static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

/// A date, in nanoseconds since 1970-01-01 UTC; only where a protocol or a person asks for one.
public struct WallClockInstant: Hashable, Comparable, Sendable {
    public let nanosecondsSince1970: Int64

    public init(nanosecondsSince1970: Int64) {
        self.nanosecondsSince1970 = nanosecondsSince1970
    }

    public static func < (left: WallClockInstant, right: WallClockInstant) -> Bool {
        left.nanosecondsSince1970 < right.nanosecondsSince1970
    }
}

extension Duration {
    /// The duration in nanoseconds, cut off below; saturates at 292 years.
    public var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : product &+ attoseconds / 1_000_000_000
    }
}
