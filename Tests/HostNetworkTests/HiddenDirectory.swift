import Foundation

/// Runs code that sees an empty directory where a directory of /proc is, on a thread with a mount namespace of its own,
/// so that nobody else notices. Threads that the code starts see the same.
enum HiddenDirectory {
    private typealias Unshare = @convention(c) (CInt) -> CInt
    private typealias Mount =
        @convention(c) (
            UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafePointer<CChar>, UInt, UnsafeRawPointer?
        ) -> CInt

    static func run<Result>(hiding path: String, _ body: () -> Result) -> Result {
        withoutActuallyEscaping(body) { body in
            let box = Box(body)
            let finished = DispatchSemaphore(value: 0)
            let thread = Thread {
                hide(path)
                box.run()
                finished.signal()
            }
            thread.start()
            finished.wait()
            return box.takeResult()
        }
    }

    private static func hide(_ path: String) {
        // Both calls need _GNU_SOURCE in C, so that Swift does not see them.
        guard let unshareSymbol = dlsym(nil, "unshare"), let mountSymbol = dlsym(nil, "mount") else {
            preconditionFailure("glibc has unshare and mount")
        }
        let (unshare, mount) = (
            unsafeBitCast(unshareSymbol, to: Unshare.self), unsafeBitCast(mountSymbol, to: Mount.self)
        )
        // CLONE_FS | CLONE_NEWNS, linux/sched.h; MS_REC | MS_PRIVATE, linux/mount.h.
        precondition(unshare(0x200 | 0x20000) == 0, "a mount namespace can be made by root")
        precondition(mount("none", "/", "none", 0x4000 | 0x40000, nil) == 0, "mounts can be made private")
        precondition(mount("none", path, "tmpfs", 0, nil) == 0, "a tmpfs can hide \(path)")
    }

    /// Unchecked: one thread runs it and then the other, which has waited, takes the result.
    private final class Box<Result>: @unchecked Sendable {
        private var body: (() -> Result)?
        private var result: Result?

        init(_ body: @escaping () -> Result) { self.body = body }

        func run() {
            result = body?()
            body = nil
        }

        func takeResult() -> Result {
            guard let result else { preconditionFailure("the thread has run") }
            return result
        }
    }
}
