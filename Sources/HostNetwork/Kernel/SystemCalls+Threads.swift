internal import CLinux
internal import Glibc

/// Threads that live on, and how they wait.
extension SystemCalls {
    /// An eventfd, nonblocking; the caller owns the descriptor.
    static func makeEvent() throws(SystemCallError) -> CInt {
        let result = weft_event()
        guard result >= 0 else { throw SystemCallError(call: "make", object: "an event", errno: -result) }
        return result
    }

    /// Makes an eventfd readable.
    static func signalEvent(_ descriptor: CInt) {
        weft_signal_event(descriptor)
    }

    /// Waits until a descriptor is readable or has failed, which reading it tells; -1 leaves a place out, or waits for
    /// ever. Neither is, after the time, or when the call was interrupted: the caller comes again.
    static func waitReadable(_ first: CInt, _ second: CInt, milliseconds: CInt) -> (first: Bool, second: Bool) {
        let bits = max(weft_wait(first, second, -1, milliseconds), 0)
        // Bits 0 to 2: readable; 4 to 6: failed.
        return (bits & 0x11 != 0, bits & 0x22 != 0)
    }

    /// Starts a thread to which no signals are delivered; the caller joins or detaches it, once. At most 15 bytes of
    /// name. The body has a stack of 256 KiB.
    static func startThread(
        name: String, _ body: @escaping @Sendable () -> Void
    ) throws(SystemCallError) -> UInt {
        // The thread releases it; when there is no thread, this function does.
        let box = unsafe Unmanaged.passRetained(ThreadBody(body))
        var thread: UInt = 0
        let code = unsafe weft_start_thread(&thread, name, { unsafe runThreadBody($0) }, box.toOpaque())
        guard code == 0 else {
            unsafe box.release()
            throw SystemCallError(call: "start", object: "a thread", errno: code)
        }
        return thread
    }

    /// Waits for the thread's end.
    static func join(_ thread: UInt) {
        weft_join_thread(thread)
    }

    /// Nobody will wait for the thread.
    static func detach(_ thread: UInt) {
        // It fails only for a thread that is none.
        _ = pthread_detach(thread)
    }

    static func isCurrent(_ thread: UInt) -> Bool {
        pthread_equal(thread, pthread_self()) != 0
    }
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) {
        self.run = run
    }
}

/// A plain function, so that no actor's isolation is checked on the new thread.
private func runThreadBody(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run()
    return nil
}
