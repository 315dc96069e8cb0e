import Glibc
public import Mesh
public import NIOCore
import NIOPosix
public import Wire

/// The TCP sockets of the mesh: one listener, and one channel for each connection, all on one event loop.
///
/// Owner: that event loop; every method must be called on it. Nothing blocks. Closing resets the connection, which is
/// what peers of this protocol expect; there is no goodbye.
public final class MeshTransport {
    /// A dial that gets no answer ends after this long. Chosen: shorter than the system's two minutes, longer than any
    /// path's round trips.
    public static let dialTimeout = TimeAmount.seconds(10)
    /// Chosen: how long the other side may take to read our last words.
    static let finishing = TimeAmount.seconds(1)
    /// Bytes that may wait for the kernel before the mesh hears nothing of progress any more; the mesh itself ends
    /// a connection without progress.
    private static let unsentLimitBytes = 16 << 20

    private struct Link {
        let channel: any Channel
        var unsentWrites = 0
        var unsentBytes = 0
    }

    private let loop: any EventLoop
    private let resolver = NameResolver()
    private let host: IPv4Address
    private let port: PortNumber
    private let handler: (TransportEvent) -> Void
    private var listener: (any Channel)?
    private var links: [LinkID: Link] = [:]
    private var accepted: UInt64 = 0
    private var isStopped = false

    /// `host` is both where to listen and where dials leave from; `.any` for all addresses.
    public init(
        loop: any EventLoop, host: IPv4Address, port: PortNumber, handler: @escaping (TransportEvent) -> Void
    ) {
        self.loop = loop
        self.host = host
        self.port = port
        self.handler = handler
    }

    /// Opens the port.
    public func listen() -> EventLoopFuture<Void> {
        let bound = NIOLoopBound(self, eventLoop: loop)
        let address = "\(host):\(port)"
        return ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { bound.value.adopt(accepted: channel) }
            }
            .bind(host: host.description, port: Int(port.rawValue))
            .map { bound.value.listener = $0 }
            .flatMapErrorThrowing { error in
                throw TransportError(
                    description: "cannot listen on TCP \(address): \(words(of: error)); "
                        + "another router may be running, or choose another --port or --host")
            }
    }

    /// Resolves and dials; answers with `dialled` or `dialFailed`.
    public func dial(_ link: LinkID, _ target: Target) {
        let bound = NIOLoopBound(self, eventLoop: loop)
        let port = target.port ?? port
        resolver.address(of: target.host, on: loop).whenComplete { outcome in
            switch outcome {
            case .success(.success(let address)): bound.value.connect(link, to: address, port)
            case .success(.failure(let failure)): bound.value.handler(.dialFailed(link, reason: failure.description))
            case .failure(let error): bound.value.handler(.dialFailed(link, reason: words(of: error)))
            }
        }
    }

    /// Queues bytes; `drained` follows when everything queued has left.
    public func send(_ link: LinkID, _ bytes: [UInt8]) {
        guard var state = links[link] else { return }
        guard state.unsentBytes + bytes.count <= MeshTransport.unsentLimitBytes else {
            // The mesh bounds its queues; beyond that the peer has stopped reading long ago.
            abandon(link, reason: "the other side does not read: \(state.unsentBytes) bytes wait")
            return
        }
        state.unsentWrites += 1
        state.unsentBytes += bytes.count
        links[link] = state
        let bound = NIOLoopBound(self, eventLoop: loop)
        let count = bytes.count
        state.channel.writeAndFlush(ByteBuffer(bytes: bytes)).whenSuccess { bound.value.sent(link, count) }
    }

    /// Resets the connection; nothing more is reported of it.
    public func close(_ link: LinkID) {
        links.removeValue(forKey: link)?.channel.close(promise: nil)
    }

    /// Sends what waits, ends our side, and resets when the other side has ended its own, or after a second; nothing more
    /// is reported of it.
    public func finish(_ link: LinkID) {
        guard let channel = links.removeValue(forKey: link)?.channel else { return }
        // An empty write completes after all that wait before it.
        channel.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.close(mode: .output, promise: nil) }
        loop.scheduleTask(in: MeshTransport.finishing) { channel.close(promise: nil) }
    }

    /// Closes the port and all connections.
    public func stop() {
        isStopped = true
        listener?.close(promise: nil)
        for link in Array(links.keys) { close(link) }
        resolver.stop()
    }

    func received(_ link: LinkID, _ bytes: [UInt8]) {
        guard links[link] != nil else { return }
        handler(.received(link, bytes))
    }

    func closedByRemote(_ link: LinkID, reason: String) {
        guard links.removeValue(forKey: link) != nil else { return }
        handler(.closed(link, reason: reason))
    }

    private func abandon(_ link: LinkID, reason: String) {
        close(link)
        handler(.closed(link, reason: reason))
    }

    private func sent(_ link: LinkID, _ count: Int) {
        guard var state = links[link] else { return }
        state.unsentWrites -= 1
        state.unsentBytes -= count
        links[link] = state
        if state.unsentWrites == 0 { handler(.drained(link)) }
    }

    private func adopt(accepted channel: any Channel) {
        guard !isStopped, let local = Endpoint(channel.localAddress), let remote = Endpoint(channel.remoteAddress)
        else {
            channel.close(promise: nil)
            return
        }
        accepted += 1
        let link = LinkID.accepted(accepted)
        start(link, channel) { .accepted(link, local: local, remote: remote) }
    }

    private func connect(_ link: LinkID, to address: IPv4Address, _ port: PortNumber) {
        guard !isStopped else { return }
        let bound = NIOLoopBound(self, eventLoop: loop)
        var bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(MeshTransport.dialTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.autoRead, value: false)
        do {
            if host != .any {
                bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: host.description, port: 0))
            }
            let remote = try SocketAddress(ipAddress: address.description, port: Int(port.rawValue))
            bootstrap.connect(to: remote).whenComplete { outcome in
                switch outcome {
                case .success(let channel): bound.value.adopt(dialled: channel, as: link)
                case .failure(let error): bound.value.handler(.dialFailed(link, reason: words(of: error)))
                }
            }
        } catch {
            handler(.dialFailed(link, reason: words(of: error)))
        }
    }

    private func adopt(dialled channel: any Channel, as link: LinkID) {
        guard !isStopped, let local = Endpoint(channel.localAddress), let remote = Endpoint(channel.remoteAddress)
        else {
            channel.close(promise: nil)
            handler(.dialFailed(link, reason: "the connection ended at once"))
            return
        }
        start(link, channel) { .dialled(link, local: local, remote: remote) }
    }

    /// Reports the link before its first byte is read.
    private func start(_ link: LinkID, _ channel: any Channel, _ event: () -> TransportEvent) {
        links[link] = Link(channel: channel)
        // Closing resets: what waits unsent for a peer that we are done with is worth nothing.
        if let options = channel as? any SocketOptionProvider {
            options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenFailure { _ in channel.close(promise: nil) }
        }
        do {
            try channel.pipeline.syncOperations.addHandler(LinkHandler(link: link, transport: self))
        } catch {
            closedByRemote(link, reason: words(of: error))
            return
        }
        handler(event())
        channel.setOption(.autoRead, value: true).whenFailure { _ in channel.close(promise: nil) }
    }
}
