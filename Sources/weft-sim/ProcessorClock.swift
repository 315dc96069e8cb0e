import Glibc

/// What the calling thread has computed: the time that others had the processor does not count.
enum ProcessorClock {
    static let nanoseconds: @Sendable () -> Int64 = {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
