import ControlTypes
import HostNetwork
import NIOCore
import NIOPosix

/// Runs calls to the host's network on a thread of its own: they wait for the kernel, and the control plane must not.
///
/// One thread, so calls happen in the order in which they were made.
final class HostWorker: Sendable {
    let network: HostNetwork
    private let threads: NIOThreadPool

    init(_ network: HostNetwork) {
        self.network = network
        threads = NIOThreadPool(numberOfThreads: 1)
        threads.start()
    }

    /// The result of a call, on `loop`.
    func run<Value: Sendable>(
        on loop: any EventLoop, _ body: @escaping @Sendable (HostNetwork) throws(HostNetworkError) -> Value
    ) -> EventLoopFuture<Result<Value, HostNetworkError>> {
        let network = network
        return threads.runIfActive(eventLoop: loop) {
            do throws(HostNetworkError) {
                return .success(try body(network))
            } catch {
                return .failure(error)
            }
        }
    }

    /// The result of another call that waits, such as one to a container engine's socket.
    func runBlocking<Value: Sendable>(
        on loop: any EventLoop, _ body: @escaping @Sendable () throws(ControlError) -> Value
    ) -> EventLoopFuture<Result<Value, ControlError>> {
        threads.runIfActive(eventLoop: loop) {
            do throws(ControlError) {
                return .success(try body())
            } catch {
                return .failure(error)
            }
        }
    }

    func stop() {
        threads.shutdownGracefully { _ in }
    }
}
