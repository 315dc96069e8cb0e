import ControlAPI
import ControlFakes
import Foundation
import LocalHTTP
import Logging
import ServiceLifecycle
import TestSupport

/// Runs `body` beside a server on a socket of its own, and ends the server by value, without signals.
func withServer(
    _ operations: FakeOperations = FakeOperations(),
    _ body: (TestClient, FakeOperations) async throws -> Void
) async throws {
    let path = temporarySocket()
    defer { removeFolder(of: path) }
    let group = try serviceGroup(path, operations)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        try await eventually("the server serves", within: .seconds(60)) { await isServing(path) }
        try await body(TestClient(socketPath: path), operations)
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
}

func serviceGroup(_ path: String, _ operations: FakeOperations) throws -> ServiceGroup {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let server = ControlServer(claim: try SocketClaim(path: path), operations: operations, logger: logger)
    return ServiceGroup(configuration: .init(services: [server], logger: logger))
}

/// A path in a folder of its own; who uses it removes that: `removeFolder`.
func temporarySocket() -> String { "/tmp/weft-api-\(UUID().uuidString.prefix(8))/weft.sock" }

/// Takes away the folder that a socket was in: a server removes its socket and its lock, not the folder that it made.
func removeFolder(of socket: String) {
    try? FileManager.default.removeItem(at: URL(filePath: socket).deletingLastPathComponent())
}

func isServing(_ path: String) async -> Bool {
    (try? await TestClient(socketPath: path).send(.get("/v1/status"))) != nil
}

/// The blocking client on threads of its own: on those of Swift's pool it would keep the server in the same process from
/// running.
struct TestClient {
    let socketPath: String

    func send(_ request: LocalHTTPRequest) async throws -> LocalHTTPResponse {
        let client = LocalHTTPClient(socketPath: socketPath, timeout: .seconds(60))
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try client.send(request) }) }
        }
    }
}
