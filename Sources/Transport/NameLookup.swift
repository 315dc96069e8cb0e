public import NIOCore

/// Asks once whether a host's name has an address, for people who want to know at once.
public enum NameLookup {
    /// Why `host` has no IPv4 address; nil if it has one. The lookup runs on a thread of its own.
    public static func failure(of host: String, on loop: any EventLoop) -> EventLoopFuture<String?> {
        let resolver = NameResolver()
        return resolver.address(of: host, on: loop).map { outcome in
            if case .failure(let failure) = outcome { failure.description } else { nil }
        }.always { _ in resolver.stop() }
    }
}
