internal import CLinux

/// An event that wakes a thread out of `wait`; any thread may signal it.
public struct WakeEvent: ~Copyable, Sendable {
    private let descriptor: Descriptor

    public init() throws(SystemError) {
        descriptor = try Descriptor(weft_event(), "eventfd")
    }

    public func signal() { weft_signal_event(descriptor.raw) }
    package func clear() { weft_clear_event(descriptor.raw) }
    package var waitable: CInt { descriptor.raw }
}

/// What `wait` found. Plain tests of bits: an OptionSet's array literals allocate where they are not optimised away.
package struct Readiness {
    private let bits: CInt

    /// Readable, or failed: reading says why.
    package var first: Bool { bits & 0x11 != 0 }
    package var second: Bool { bits & 0x22 != 0 }
    package var third: Bool { bits & 0x44 != 0 }

    /// Waits until a descriptor is readable or failed; -1 leaves a place out. Empty after the timeout (-1: none).
    package static func wait(_ first: CInt, _ second: CInt, _ third: CInt, milliseconds: CInt) -> Readiness {
        // ENOMEM is the only failure; the caller comes again.
        Readiness(bits: max(weft_wait(first, second, third, milliseconds), 0))
    }
}

/// The clock of the packet threads: CLOCK_MONOTONIC, which is also the one of `MonotonicInstant` in the daemon.
package enum PacketClock {
    @inline(__always)
    package static var nanoseconds: Int64 { weft_now() }
}

/// A thread of the operating system. No signals are delivered to it.
public struct PacketThread: ~Copyable, Sendable {
    private let number: UInt

    /// Starts `body` on a thread of that name (at most 15 bytes).
    public init(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
        let box = unsafe Unmanaged.passRetained(Body(body))
        var number: UInt = 0
        let result = unsafe weft_start_thread(&number, name, { unsafe runBody($0) }, box.toOpaque())
        guard result == 0 else {
            unsafe box.release()
            throw SystemError(call: "pthread_create", errno: result)
        }
        self.number = number
    }

    /// Waits until the body has returned; once.
    public func join() {
        weft_join_thread(number)
    }
}

private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// The thread's entry: a plain function, so that no actor's isolation is checked on it.
private func runBody(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
    return nil
}
