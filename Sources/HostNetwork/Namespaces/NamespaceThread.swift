internal import Glibc

/// Runs `body` on a short-lived thread that has entered `namespace`, and waits for it.
///
/// A network namespace belongs to a thread. Entering one on a thread that lives on would need a way back that cannot
/// fail; a thread of its own ends instead. Sockets opened inside stay in the namespace, and /proc/sys/net and
/// /proc/thread-self/net show the namespace of the thread that opens them. `body` may use what its caller lends it,
/// since the caller does nothing but wait.
func inNamespace<Result: ~Copyable>(
    _ namespace: borrowing NamespaceDescriptor, _ body: () throws(HostNetworkError) -> Result
) throws(HostNetworkError) -> Result {
    let descriptor = namespace.rawValue
    let label = namespace.label
    let outcome = Outcome<Result>()
    try runOnThread(label) {
        do throws(HostNetworkError) {
            do throws(SystemCallError) {
                try SystemCalls.enterNamespace(descriptor, label)
            } catch {
                throw HostNetworkError(error, label)
            }
            outcome.value = .success(try body())
        } catch {
            outcome.value = .failure(error)
        }
    }
    guard let value = outcome.value.take() else {
        preconditionFailure("a thread that ended has left its outcome")
    }
    return try value.get()
}

/// Where the thread leaves what came out; read only after it has ended.
private final class Outcome<Value: ~Copyable> {
    var value: Result<Value, HostNetworkError>?
}

/// The work of one thread. Unchecked: made by the waiting thread, run once by the other, and dropped by it before it ends.
private final class ThreadWork: @unchecked Sendable {
    let run: () -> Void

    init(_ run: @escaping () -> Void) {
        self.run = run
    }
}

private func runOnThread(_ label: String, _ body: () -> Void) throws(HostNetworkError) {
    let code = withoutActuallyEscaping(body) { body -> CInt in
        // The thread releases it; when there is no thread, this function does.
        let work = unsafe Unmanaged.passRetained(ThreadWork(body))
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { @Sendable argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<ThreadWork>.fromOpaque(argument).takeRetainedValue().run()
                }
                return nil
            }, work.toOpaque())
        guard code == 0 else {
            unsafe work.release()
            return code
        }
        return pthread_join(thread, nil)
    }
    guard code == 0 else {
        throw HostNetworkError(SystemCallError(call: "start a thread for", object: label, errno: code), label)
    }
}
