import Foundation
import Glibc

/// A network namespace of its own, which ends with this object and what was opened in it. Needs root; without it the
/// tests fail and say so.
final class PrivateNamespace: Sendable {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    private let descriptor: CInt

    /// Makes it, runs `body` on a thread that is in it, and keeps it.
    init(_ body: @escaping @Sendable () throws -> Void) throws {
        let (finished, box) = (DispatchSemaphore(value: 0), Box())
        Thread {
            box.result = Result {
                guard let symbol = dlsym(nil, "unshare") else { preconditionFailure("glibc has unshare") }
                // Needs _GNU_SOURCE in C, so that Swift does not see it. CLONE_NEWNET, linux/sched.h.
                let unshare = unsafeBitCast(symbol, to: (@convention(c) (CInt) -> CInt).self)
                guard unshare(0x4000_0000) == 0 else {
                    throw Failed(description: "a network namespace can only be made by root")
                }
                let descriptor = Glibc.open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
                try body()
                return descriptor
            }
            finished.signal()
        }.start()
        finished.wait()
        guard let result = box.result else { preconditionFailure("the thread has run") }
        descriptor = try result.get()
    }

    deinit { close(descriptor) }

    /// Runs a command on the calling thread's network.
    static func run(_ command: String) throws {
        guard system(command) == 0 else { throw Failed(description: command) }
    }

    /// Runs a command in the namespace.
    func run(_ command: String) throws {
        try PrivateNamespace.run("nsenter --net=/proc/\(getpid())/fd/\(descriptor) \(command)")
    }

    /// Unchecked: one thread writes and then the other, which has waited, reads.
    private final class Box: @unchecked Sendable {
        var result: Result<CInt, any Error>?
    }
}
