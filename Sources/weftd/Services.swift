import ControlPlane
import Glibc
import Logging
import ServiceLifecycle

/// A user's wish to stop, kept until someone waits for it.
final class StopSignal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    func request() {
        continuation.yield()
    }

    /// Returns at the wish, or when the surrounding task is cancelled.
    func wait() async {
        for await _ in stream { return }
    }
}

/// Ends the group of services when a user asks for it through the API.
struct StopService: Service {
    let stop: StopSignal

    func run() async throws {
        await cancelWhenGracefulShutdown { await stop.wait() }
    }
}

/// Begins with the group and ends last.
struct ControlPlaneService: Service {
    let control: ControlPlane

    func run() async throws {
        await control.start()
        try? await gracefulShutdown()  // Also ends when the task is cancelled; then it is time as well.
        await control.shutDown()
    }
}

/// Tells a service manager that the daemon serves (sd_notify(3): a datagram to `NOTIFY_SOCKET`).
enum Readiness {
    static func announce(_ logger: Logger) {
        if let path = environment("NOTIFY_SOCKET"), !send("READY=1", to: path) {
            logger.warning("the service manager cannot be told", metadata: ["socket": "\(path)"])
        }
    }

    /// Sends one datagram; false if that fails.
    private static func send(_ text: String, to path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        // An abstract socket is written with an at sign in place of its first byte, zero.
        if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
        let length = MemoryLayout<sa_family_t>.size + bytes.count
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { _ = close(descriptor) }
        let message = Array(text.utf8)
        let sent = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe sendto(descriptor, message, message.count, 0, generic, socklen_t(length))
            }
        }
        return sent == message.count
    }
}
