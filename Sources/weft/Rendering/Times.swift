import Glibc
import Wire

func wallClockNow() -> WallClockInstant {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return WallClockInstant(nanosecondsSince1970: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
}

/// A length of time, two units at most: `12 s`, `3 min`, `2 h 5 min`, `4 d 1 h`.
func lengthText(seconds: Int) -> String {
    let seconds = max(0, seconds)
    func two(_ large: Int, _ largeUnit: String, _ small: Int, _ smallUnit: String) -> String {
        small == 0 ? "\(large) \(largeUnit)" : "\(large) \(largeUnit) \(small) \(smallUnit)"
    }
    switch seconds {
    case ..<60: return "\(seconds) s"
    case ..<3_600: return seconds < 600 ? two(seconds / 60, "min", seconds % 60, "s") : "\(seconds / 60) min"
    case ..<86_400: return two(seconds / 3_600, "h", seconds / 60 % 60, "min")
    default: return two(seconds / 86_400, "d", seconds / 3_600 % 24, "h")
    }
}

/// How long ago, or how far ahead, an instant is.
func distanceText(_ instant: WallClockInstant, _ now: WallClockInstant) -> String {
    let (distance, overflow) = now.nanosecondsSince1970.subtractingReportingOverflow(instant.nanosecondsSince1970)
    return overflow ? "?" : lengthText(seconds: Int((distance / 1_000_000_000).magnitude))
}

/// `0.21 ms`, `12.3 ms`, `1.2 s`
func roundTripText(microseconds: Int) -> String {
    func decimals(_ value: Int, _ unit: Int, _ digits: Int) -> String {
        let scale = digits == 2 ? 100 : 10
        let scaled = value * scale / unit
        let fraction = String(scaled % scale)
        return "\(scaled / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
    switch microseconds {
    case ..<0: return "?"
    case ..<10_000: return decimals(microseconds, 1_000, 2) + " ms"
    case ..<1_000_000: return decimals(microseconds, 1_000, 1) + " ms"
    case ..<1_000_000_000: return decimals(microseconds, 1_000_000, 1) + " s"
    default: return "> 1000 s"
    }
}
