import Dispatch
import Foundation

/// What a program answered.
public struct CommandResult: Sendable {
    public let status: Int32
    public let output: String
    public let errors: String

    public var succeeded: Bool { status == 0 }
    /// Both streams, for messages.
    public var text: String { output + errors }
}

/// A program that could not be run, or did not succeed though it had to.
public struct CommandFailed: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

/// A program's run. Its output goes to files, not pipes: a daemon that it leaves behind then holds up nobody.
public enum Command {
    /// Runs a program found in PATH and waits for its end; after `limit` it is stopped and an error thrown.
    @discardableResult
    public static func run(
        _ arguments: [String], environment: [String: String] = [:], input: String? = nil,
        limit: Duration = .seconds(30)
    ) throws -> CommandResult {
        let folder = FileManager.default.temporaryDirectory.appending(path: "weft-command-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let ended = DispatchSemaphore(value: 0)
        let process = try start(
            arguments, environment: environment, folder: folder, input: input, onEnd: { ended.signal() })
        let seconds = Double(limit.components.seconds)
        if ended.wait(timeout: .now() + seconds) == .timedOut {
            kill(process.processIdentifier, SIGKILL)
            throw CommandFailed(
                "not done after \(limit): \(arguments.joined(separator: " "))\n\(read("errors", folder))")
        }
        return CommandResult(
            status: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus,
            output: read("output", folder), errors: read("errors", folder))
    }

    /// Runs a program that has to succeed; returns what it printed.
    @discardableResult
    public static func require(_ arguments: [String], environment: [String: String] = [:]) throws -> String {
        let result = try run(arguments, environment: environment)
        guard result.succeeded else {
            throw CommandFailed(
                "exit \(result.status): \(arguments.joined(separator: " "))\n\(result.text)")
        }
        return result.output
    }

    /// Starts a program that goes on; its streams are `output` and `errors` in `folder`.
    public static func start(
        _ arguments: [String], environment: [String: String] = [:], folder: URL, input: String? = nil,
        onEnd: (@Sendable () -> Void)? = nil
    ) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if let input {
            try input.write(to: folder.appending(path: "input"), atomically: false, encoding: .utf8)
            process.standardInput = try FileHandle(forReadingFrom: folder.appending(path: "input"))
        } else {
            process.standardInput = FileHandle.nullDevice
        }
        process.standardOutput = try file("output", folder)
        process.standardError = try file("errors", folder)
        if let onEnd { process.terminationHandler = { _ in onEnd() } }
        try process.run()
        return process
    }

    private static func file(_ name: String, _ folder: URL) throws -> FileHandle {
        let url = folder.appending(path: name)
        _ = FileManager.default.createFile(atPath: url.path, contents: nil)
        return try FileHandle(forWritingTo: url)
    }

    private static func read(_ name: String, _ folder: URL) -> String {
        (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
    }
}
