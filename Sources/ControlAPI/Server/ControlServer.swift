public import ControlTypes
import Glibc
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
public import ServiceLifecycle

/// The control API: HTTP/1.1 on a unix socket that only the daemon's user may connect to. Serves until the service
/// group shuts down; the socket's file goes with it.
public struct ControlServer: Service {
    /// Connections at a time; further ones wait. Chosen: the commands hold one each, for a moment.
    static let connectionLimit = 64
    /// How long a connection may be idle; chosen.
    static let idleLimit = TimeAmount.seconds(30)

    private let claim: SocketClaim
    private let operations: any ControlOperations
    private let logger: Logger
    private let onServing: @Sendable () async -> Void

    private var socketPath: String { claim.path }

    /// - Parameters:
    ///   - claim: the right to the socket's path; given back when the server ends.
    ///   - onServing: called once, when clients can connect: the place for readiness notification.
    public init(
        claim: SocketClaim, operations: any ControlOperations, logger: Logger,
        onServing: @escaping @Sendable () async -> Void = {}
    ) {
        self.claim = claim
        self.operations = operations
        self.logger = logger
        self.onServing = onServing
    }

    /// Serves. Throws ``ControlSocketError`` if the socket cannot be had.
    public func run() async throws {
        var quiet = logger
        // The library tells of each start in words of its own; ours come below.
        quiet.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            responder: ControlResponder(operations: operations),
            server: .http1(
                configuration: .init(
                    idleTimeout: Self.idleLimit,
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 16_384, maxHeaderListSize: 16_384, maxHeaderFieldCount: 64))),
            configuration: ApplicationConfiguration(
                address: .unixDomainSocket(path: socketPath),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.connectionLimit)),
            onServerRunning: { [logger, claim, onServing] _ in
                // Only the owner may connect; the claim's umask has kept others out until here.
                _ = unsafe chmod(claim.path, 0o600)
                logger.info("control API is serving", metadata: ["socket": "\(claim.path)"])
                await onServing()
            },
            logger: quiet)
        let serving = Serving(application, logger: quiet)
        do {
            try await serving.run()
        } catch {
            claim.release()
            throw ControlSocketError.cannotServe(path: socketPath, reason: "\(error)")
        }
        claim.release()
    }
}

/// Runs a server in a task of its own that is never cancelled, only shut down.
///
/// NIO's asynchronous channels end the process when a task is cancelled while an accepted connection waits to be handed
/// out (swift-nio issue 2637). A service group cancels its services when one of them fails, so cancellation must not
/// reach the server.
private struct Serving {
    private let group: ServiceGroup

    init(_ server: some Service, logger: Logger) {
        group = ServiceGroup(configuration: .init(services: [server], logger: logger))
    }

    func run() async throws {
        let task = Task.detached { [group] in try await group.run() }
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await task.value
            } onGracefulShutdown: {
                shutDown()
            }
        } onCancel: {
            shutDown()
        }
    }

    private func shutDown() {
        Task.detached { [group] in await group.triggerGracefulShutdown() }
    }
}
