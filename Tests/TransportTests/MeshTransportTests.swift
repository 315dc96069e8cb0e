import Mesh
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing
import Transport
import Wire

/// A transport on its own event loop, and what it has reported.
private final class Station: Sendable {
    let loop: any EventLoop
    private let transport: NIOLoopBound<MeshTransport>
    private let log: Log

    private final class Log: Sendable {
        let events = Mutex<[TransportEvent]>([])
    }

    init(group: MultiThreadedEventLoopGroup, port: UInt16) async throws {
        let loop = group.next()
        let log = Log()
        self.loop = loop
        self.log = log
        transport = try await loop.submit {
            NIOLoopBound(
                MeshTransport(loop: loop, host: .loopback, port: PortNumber(rawValue: port)) { event in
                    log.events.withLock { $0.append(event) }
                }, eventLoop: loop)
        }.get()
    }

    var events: [TransportEvent] { log.events.withLock { $0 } }

    func listen() async throws {
        let transport = transport
        try await loop.flatSubmit { transport.value.listen() }.get()
    }

    func run(_ body: @escaping @Sendable (MeshTransport) -> Void) async throws {
        let transport = transport
        try await loop.submit { body(transport.value) }.get()
    }

    /// The link of the first connection that was accepted.
    var accepted: LinkID? {
        events.lazy.compactMap { if case .accepted(let link, _, _) = $0 { link } else { nil } }.first
    }

    func received(on link: LinkID) -> [UInt8] {
        events.flatMap { event -> [UInt8] in
            if case .received(link, let bytes) = event { bytes } else { [] }
        }
    }

    var failure: String? {
        events.lazy.compactMap { if case .dialFailed(_, let reason) = $0 { reason } else { nil } }.first
    }
}

@Suite("TCP connections of the mesh", .serialized)
struct MeshTransportTests {
    private static let port: UInt16 = 36_783

    private func withStations(_ body: (Station, Station) async throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let listener = try await Station(group: group, port: Self.port)
        let dialler = try await Station(group: group, port: Self.port + 1)
        let outcome: Result<Void, any Error>
        do {
            try await listener.listen()
            try await body(listener, dialler)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try await listener.run { $0.stop() }
        try await dialler.run { $0.stop() }
        try await group.shutdownGracefully()
        try outcome.get()
    }

    private func target(_ text: String) throws -> Target { try #require(Target(text: text)) }

    @Test("bytes arrive in order, the sender hears when all have left, and closing ends the other side")
    func conversation() async throws {
        try await withStations { listener, dialler in
            let link = LinkID.dial(1)
            let target = try target("127.0.0.1:\(Self.port)")
            try await dialler.run { $0.dial(link, target) }
            try await eventually("the connection is accepted") { listener.accepted != nil }
            let accepted = try #require(listener.accepted)
            let message = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try await eventually("the dialler knows") {
                dialler.events.contains { if case .dialled(link, _, _) = $0 { true } else { false } }
            }
            try await dialler.run { transport in
                transport.send(link, Array(message[..<100_000]))
                transport.send(link, Array(message[100_000...]))
            }
            try await eventually("all bytes arrive") { listener.received(on: accepted).count == message.count }
            #expect(listener.received(on: accepted) == message)
            try await eventually("the sender hears that all have left") {
                dialler.events.contains { if case .drained(link) = $0 { true } else { false } }
            }
            try await listener.run { $0.close(accepted) }
            try await eventually("the dialler hears of the end") {
                dialler.events.contains { if case .closed(link, _) = $0 { true } else { false } }
            }
            #expect(!listener.events.contains { if case .closed = $0 { true } else { false } })
        }
    }

    @Test("a port where nothing listens is refused in words")
    func refused() async throws {
        try await withStations { _, dialler in
            let target = try target("127.0.0.1:\(Self.port + 2)")
            try await dialler.run { $0.dial(.dial(1), target) }
            try await eventually("the failure is reported") { dialler.failure != nil }
            #expect(dialler.failure?.contains("connection refused") == true, "\(dialler.failure ?? "")")
        }
    }

    @Test("a name that does not resolve is reported with the name")
    func unknownName() async throws {
        try await withStations { _, dialler in
            let target = try target("no-such-host.invalid")
            try await dialler.run { $0.dial(.dial(1), target) }
            try await eventually("the failure is reported", within: .seconds(30)) { dialler.failure != nil }
            #expect(dialler.failure?.contains("no-such-host.invalid") == true, "\(dialler.failure ?? "")")
        }
    }

    @Test("a port that is taken is refused with what to do")
    func taken() async throws {
        try await withStations { _, _ in
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let second = try await Station(group: group, port: Self.port)
            let error = await #expect(throws: TransportError.self) { try await second.listen() }
            #expect(error?.description.contains("--port") == true)
            try await second.run { $0.stop() }
            try await group.shutdownGracefully()
        }
    }
}
