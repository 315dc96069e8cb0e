import ControlAPI
import ControlFakes
import Foundation
import Logging
import ServiceLifecycle
import TestSupport

/// What a run of a program left.
struct CommandResult: Equatable {
    var status: Int32
    var output: String
    var errors: String
}

/// Runs the built `weft` with these arguments, away from the threads of Swift's pool.
func weft(
    _ arguments: [String], socket: String? = nil, input: String = "", environment: [String: String] = [:],
    executable: URL = builtProgram("weft")
) async throws -> CommandResult {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    var variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    variables["WEFT_SOCKET"] = socket ?? "/nonexistent/weft.sock"
    process.environment = variables
    let (output, errors, standardInput) = (Pipe(), Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = standardInput
    return try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            continuation.resume(
                with: Result {
                    try process.run()
                    standardInput.fileHandleForWriting.write(Data(input.utf8))
                    try standardInput.fileHandleForWriting.close()
                    // Both fit a pipe's buffer, so reading one after the other cannot block.
                    let texts = [output, errors].map { $0.fileHandleForReading.readDataToEndOfFile() }
                    process.waitUntilExit()
                    return CommandResult(
                        status: process.terminationStatus, output: String(decoding: texts[0], as: UTF8.self),
                        errors: String(decoding: texts[1], as: UTF8.self))
                })
        }
    }
}

/// A program beside the one that runs the tests.
func builtProgram(_ name: String) -> URL {
    let own = URL(filePath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "")
    return own.deletingLastPathComponent().appending(path: name)
}

func temporaryDirectory() throws -> URL {
    let directory = URL(filePath: "/tmp/weft-command-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    return directory
}

/// Runs `body` beside a control server with fake operations; `stop` and `reset` end the server.
func withDaemon(
    _ body: (_ socket: String, _ operations: FakeOperations) async throws -> Void
) async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let path = directory.path + "/weft.sock"
    let (stream, stopped) = AsyncStream.makeStream(of: Void.self)
    let operations = FakeOperations { stopped.yield() }
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let (serving, served) = AsyncStream.makeStream(of: Void.self)
    let server = ControlServer(claim: try SocketClaim(path: path), operations: operations, logger: logger) {
        served.yield()
    }
    let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        tasks.addTask {
            for await _ in stream { break }
            await group.triggerGracefulShutdown()
        }
        for await _ in serving { break }
        try await body(path, operations)
        stopped.yield()
        try await tasks.waitForAll()
    }
}
