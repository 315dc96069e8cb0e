import Foundation

/// A thread in a network namespace of its own, which ends with it: nothing of the machine's network is seen or touched.
/// Needs root; without it the tests fail and say so.
enum PrivateNamespace {
    struct NeedsRoot: Error, CustomStringConvertible {
        let description = "a network namespace can only be made by root"
    }

    /// Runs `body` on such a thread.
    static func run<Value>(_ body: () throws -> Value) throws -> Value {
        try withoutActuallyEscaping(body) { body in
            let box = Box(body)
            let finished = DispatchSemaphore(value: 0)
            let thread = Thread {
                box.run()
                finished.signal()
            }
            thread.start()
            finished.wait()
            return try box.take()
        }
    }

    /// Moves the calling thread on into a further namespace; sockets and descriptors of the one before stay.
    static func enterNew() throws {
        guard let symbol = dlsym(nil, "unshare") else { preconditionFailure("glibc has unshare") }
        // Needs _GNU_SOURCE in C, so that Swift does not see it. CLONE_NEWNET, linux/sched.h.
        let unshare = unsafeBitCast(symbol, to: (@convention(c) (CInt) -> CInt).self)
        guard unshare(0x4000_0000) == 0 else { throw NeedsRoot() }
    }

    /// An open file of the calling thread's namespace; the caller closes it.
    static func openCurrent() -> Int32 {
        open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
    }

    /// Unchecked: one thread runs it and then the other, which has waited, takes the result.
    private final class Box<Value>: @unchecked Sendable {
        private var body: (() throws -> Value)?
        private var result: Result<Value, any Error>?

        init(_ body: @escaping () throws -> Value) { self.body = body }

        func run() {
            if let body {
                result = Result {
                    try PrivateNamespace.enterNew()
                    return try body()
                }
            }
            body = nil
        }

        func take() throws -> Value {
            guard let result else { preconditionFailure("the thread has run") }
            return try result.get()
        }
    }
}
