import Glibc
import NIOCore
import Wire

/// The clocks of the edge; cores are given what these say.
enum Clocks {
    static var now: MonotonicInstant {
        MonotonicInstant(nanoseconds: Int64(clamping: NIODeadline.now().uptimeNanoseconds))
    }

    static var wall: WallClockInstant {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return WallClockInstant(nanosecondsSince1970: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// The date of an instant on the monotonic clock.
    static func date(of instant: MonotonicInstant) -> WallClockInstant {
        WallClockInstant(nanosecondsSince1970: wall.nanosecondsSince1970 &+ (instant - now).wholeNanoseconds)
    }
}

extension MonotonicInstant {
    /// The event loop's form.
    var deadline: NIODeadline { .uptimeNanoseconds(UInt64(clamping: nanoseconds)) }
}
