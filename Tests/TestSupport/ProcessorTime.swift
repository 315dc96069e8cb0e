import Foundation

/// Processor time, for tests of how much work something is: a busy machine does not change it.
public enum ProcessorTime {
    /// What the calling thread has used so far.
    public static func ofThisThread() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
