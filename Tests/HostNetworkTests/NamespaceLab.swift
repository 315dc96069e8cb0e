import Foundation
import HostNetwork
import Testing

/// What the tests here need and did not find. They never skip: a machine without it cannot run them.
struct LabError: Error, CustomStringConvertible {
    let description: String
}

/// One command that ran to its end.
struct CommandResult {
    let status: Int32
    let output: String
}

/// A network namespace that plays the host, and others that play containers. Nothing outside them is touched.
///
/// Needs root and the command `ip`. Namespaces are called `wefttest-PID-...` and are deleted when the test's body ends,
/// however it ends; those of test processes that were killed are deleted by the next lab.
final class NamespaceLab {
    let host: String
    private var namespaces: [String] = []
    private let prefix: String

    /// Runs `body` in a fresh lab and cleans up on every path.
    static func run<Result>(_ body: (NamespaceLab) async throws -> Result) async throws -> Result {
        let lab = try NamespaceLab()
        do {
            let result = try await body(lab)
            lab.tearDown()
            return result
        } catch {
            lab.tearDown()
            throw error
        }
    }

    private init() throws {
        guard getuid() == 0 else { throw LabError(description: "tests of the host network need root") }
        Self.removeLeftovers()
        prefix = "wefttest-\(getpid())-\(UInt32.random(in: 0..<0x1000000))"
        host = prefix + "-host"
        try add(host)
    }

    /// The bridge and the containers of this lab's host.
    func network(names: HostNetworkNames = HostNetworkNames()) throws -> HostNetwork {
        try HostNetwork(names: names, host: .name(host))
    }

    /// A further namespace.
    func container(_ name: String) throws -> String {
        let full = "\(prefix)-\(name)"
        try add(full)
        return full
    }

    func remove(_ namespace: String) throws {
        try Self.require("/usr/sbin/ip", ["netns", "delete", namespace])
        namespaces.removeAll { $0 == namespace }
    }

    /// Runs `ip` inside a namespace.
    @discardableResult
    func ip(_ namespace: String, _ arguments: String...) throws -> String {
        try Self.require("/usr/sbin/ip", ["-n", namespace] + arguments)
    }

    /// Runs a command inside a namespace; its status is the caller's to judge.
    func run(_ namespace: String, _ arguments: String...) throws -> CommandResult {
        try run(namespace, arguments)
    }

    func run(_ namespace: String, _ arguments: [String]) throws -> CommandResult {
        try Self.command("/usr/sbin/ip", ["netns", "exec", namespace] + arguments)
    }

    /// Starts `ip -batch` inside a namespace; the caller waits for its end.
    func batch(_ namespace: String, _ commands: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/sbin/ip")
        process.arguments = ["-n", namespace, "-batch", "-"]
        let input = Pipe()
        process.standardInput = input
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data((commands.joined(separator: "\n") + "\n").utf8))
        try input.fileHandleForWriting.close()
        return process
    }

    /// Reads a file of /proc/sys from inside a namespace.
    func setting(_ namespace: String, _ path: String) throws -> String {
        try run(namespace, "cat", path).output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func add(_ name: String) throws {
        try Self.require("/usr/sbin/ip", ["netns", "add", name])
        namespaces.append(name)
        try ip(name, "link", "set", "lo", "up")
    }

    private func tearDown() {
        for name in namespaces {
            // Nothing can be done about a failure here; the next lab tries again.
            _ = try? Self.command("/usr/sbin/ip", ["netns", "delete", name])
        }
    }

    private static func removeLeftovers() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/run/netns")) ?? []
        for name in names where name.hasPrefix("wefttest-") {
            let parts = name.split(separator: "-")
            guard parts.count > 1, let pid = Int32(parts[1]), kill(pid, 0) != 0, errno == ESRCH else { continue }
            _ = try? command("/usr/sbin/ip", ["netns", "delete", name])
        }
    }

    @discardableResult
    private static func require(_ program: String, _ arguments: [String]) throws -> String {
        let result = try command(program, arguments)
        guard result.status == 0 else {
            throw LabError(description: "\(program) \(arguments.joined(separator: " ")): \(result.output)")
        }
        return result.output
    }

    private static func command(_ program: String, _ arguments: [String]) throws -> CommandResult {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return CommandResult(status: process.terminationStatus, output: String(decoding: output, as: UTF8.self))
    }
}
