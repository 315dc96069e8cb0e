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
    /// Calls to other programs, such as container engines, which may hang: none of ours waits behind them.
    private let lookups: NIOThreadPool

    init(_ network: HostNetwork) {
        self.network = network
        threads = NIOThreadPool(numberOfThreads: 1)
        threads.start()
        lookups = NIOThreadPool(numberOfThreads: 2)
        lookups.start()
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

    /// Writes to disk, in order, after what was asked for before.
    func write(_ body: @escaping @Sendable () -> Void) {
        threads.submit { _ in body() }
    }

    /// The result of a call to a container engine's socket.
    func lookUp<Value: Sendable>(
        on loop: any EventLoop, _ body: @escaping @Sendable () throws(ControlError) -> Value
    ) -> EventLoopFuture<Result<Value, ControlError>> {
        lookups.runIfActive(eventLoop: loop) {
            do throws(ControlError) {
                return .success(try body())
            } catch {
                return .failure(error)
            }
        }
    }

    func stop() {
        threads.shutdownGracefully { _ in }
        lookups.shutdownGracefully { _ in }
    }
}
