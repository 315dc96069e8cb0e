/// Keeps one line that comes again and again from filling the log, and says how often it was left out.
///
/// A line may be written `burst` times within `window`; what comes beyond is counted. The count is told when the window
/// has ended: with the next line, whatever it is. Time is an argument.
struct RepeatLimiter {
    /// Chosen: enough to see that it repeats.
    static let burst = 5
    /// Chosen.
    static let window = Duration.seconds(30)
    /// Different lines that are watched at a time; beyond that, the oldest window ends early.
    static let capacity = 256

    /// A line of which some were left out.
    struct LeftOut: Equatable {
        var line: String
        var count: Int
    }
    private struct Entry {
        var start: ContinuousClock.Instant
        var written = 0
        var leftOut = 0
    }
    private var entries: [String: Entry] = [:]

    /// Whether the line may be written now, and what is to be told before it.
    mutating func admit(_ line: String, at now: ContinuousClock.Instant) -> (isWritten: Bool, before: [LeftOut]) {
        var ended = entries.filter { now - $0.value.start >= Self.window }.map(\.key)
        if entries.count - ended.count >= Self.capacity, entries[line] == nil,
            let oldest = entries.min(by: { $0.value.start < $1.value.start })?.key
        {
            ended.append(oldest)
        }
        let told = ended.sorted().compactMap { line -> LeftOut? in
            guard let entry = entries.removeValue(forKey: line), entry.leftOut > 0 else { return nil }
            return LeftOut(line: line, count: entry.leftOut)
        }
        var entry = entries[line] ?? Entry(start: now)
        let isWritten = entry.written < Self.burst
        if isWritten { entry.written += 1 } else { entry.leftOut += 1 }
        entries[line] = entry
        return (isWritten, told)
    }
}
