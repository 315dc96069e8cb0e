import Glibc
import NIOCore
import NIOPosix
import Wire

/// Looks up host names on a thread of its own, since the C library blocks while it asks.
///
/// Today's wire carries IPv4 only, so only such addresses are asked for.
final class NameResolver: Sendable {
    private let threads: NIOThreadPool

    init() {
        threads = NIOThreadPool(numberOfThreads: 1)
        threads.start()
    }

    /// Stops the thread; lookups under way fail.
    func stop() {
        threads.shutdownGracefully { _ in }
    }

    /// The first IPv4 address of `host`, or why there is none.
    func address(of host: String, on loop: any EventLoop) -> EventLoopFuture<Result<IPv4Address, ResolutionFailure>> {
        if let address = IPv4Address(text: host) { return loop.makeSucceededFuture(.success(address)) }
        return threads.runIfActive(eventLoop: loop) { NameResolver.lookUp(host) }
    }

    /// Asks the C library; blocks.
    static func lookUp(_ host: String) -> Result<IPv4Address, ResolutionFailure> {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_INET
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, nil, &hints, &list)
        guard status == 0, let first = unsafe list else {
            let text = unsafe String(cString: gai_strerror(status))
            return .failure(ResolutionFailure(description: "cannot resolve \(host): \(text.lowercased())"))
        }
        defer { unsafe freeaddrinfo(first) }
        guard let generic = unsafe first.pointee.ai_addr else {
            return .failure(ResolutionFailure(description: "cannot resolve \(host): no IPv4 address"))
        }
        // struct sockaddr_in, netinet/in.h: family and port are two bytes each, then the address.
        let raw = unsafe UnsafeRawPointer(generic).loadUnaligned(fromByteOffset: 4, as: UInt32.self)
        return .success(IPv4Address(rawValue: UInt32(bigEndian: raw)))
    }
}

/// Why a name has no address.
public struct ResolutionFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
}
