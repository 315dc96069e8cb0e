/// How much of its time a thread works rather than sleeps, window by window.
struct LoadMeter {
    private let windowNanoseconds: Int64
    private var windowStart: Int64
    private var slept: Int64 = 0

    init(windowNanoseconds: Int64, now: Int64) {
        self.windowNanoseconds = windowNanoseconds
        windowStart = now
    }

    /// Notes a sleep. At the end of a window returns the percentage of it that was spent working.
    @inline(__always)
    mutating func slept(from start: Int64, to end: Int64) -> Int64? {
        slept &+= end &- start
        let length = end &- windowStart
        guard length >= windowNanoseconds else { return nil }
        let busy = (length &- slept) &* 100 / length
        windowStart = end
        slept = 0
        return busy
    }
}
