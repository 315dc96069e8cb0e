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

/// A program's run. Its output goes to files and its end is waited for as such: a daemon that it leaves behind then holds up
/// nobody, as it would with Foundation's `Process`, which waits for a socket that all descendants inherit.
public enum Command {
    /// Runs a program found in PATH and waits for its end; after `limit` it is stopped and an error thrown.
    @discardableResult
    public static func run(
        _ arguments: [String], environment: [String: String] = [:], limit: Duration = .seconds(30)
    ) throws -> CommandResult {
        let folder = FileManager.default.temporaryDirectory.appending(path: "weft-command-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // timeout(1) keeps the limit, so that waiting for it needs no clock here; 124 is its word for "too long".
        let limited = ["timeout", "--kill-after=1", "\(limit.components.seconds)"] + arguments
        let status = try RunningProgram(limited, environment: environment, folder: folder).wait()
        let result = CommandResult(status: status, output: read("output", folder), errors: read("errors", folder))
        guard status != 124 else {
            throw CommandFailed("not done after \(limit): \(arguments.joined(separator: " "))\n\(result.text)")
        }
        return result
    }

    /// Runs a program that has to succeed; returns what it printed.
    @discardableResult
    public static func require(_ arguments: [String], environment: [String: String] = [:]) throws -> String {
        let result = try run(arguments, environment: environment)
        guard result.succeeded else {
            throw CommandFailed("exit \(result.status): \(arguments.joined(separator: " "))\n\(result.text)")
        }
        return result.output
    }

    private static func read(_ name: String, _ folder: URL) -> String {
        (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
    }
}
