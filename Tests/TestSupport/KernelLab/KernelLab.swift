import Foundation

/// Kernels with Open vSwitch that run beside the machine's own, on its files (`scripts/lab`, docs/kernel-lab.md).
public enum KernelLab: String, CaseIterable, Sendable, CustomStringConvertible {
    /// User-mode Linux 6.1: one processor, near the machine's speed.
    case uml
    /// Debian's Linux 6.12 in QEMU: two processors, each several times slower.
    case qemu

    public var description: String { rawValue }

    /// nil, or why no lab can run here.
    public static let missing: String? = geteuid() == 0 ? nil : "kernel labs need root"

    /// The folder of programs with Swift's libraries in them, which start fast enough: `WEFT_LAB_BIN_DIR`.
    public static let programs = ProcessInfo.processInfo.environment["WEFT_LAB_BIN_DIR"]

    /// nil, or why no daemon can run in a lab here.
    public static let missingPrograms: String? = {
        guard let programs else { return "WEFT_LAB_BIN_DIR does not name a folder with release programs" }
        for name in ["weft", "weftd"] where !FileManager.default.isExecutableFile(atPath: "\(programs)/\(name)") {
            return "\(name) is not in \(programs)"
        }
        return missing
    }()

    /// Starts the kernel and runs a bash script there as root, in `folder`, which is this machine's: what the script prints
    /// is found in its files `output` and `errors` as it comes. The script ends at the first command that fails.
    public func start(
        _ script: String, environment: [String: String] = [:], limit: Duration = .seconds(300), folder: URL
    ) throws -> RunningProgram {
        try RunningProgram(
            [
                Fixture.repository.appending(path: "scripts/lab").path, "--kernel", rawValue,
                "--timeout", "\(limit.components.seconds)", "--", "bash", "-euo", "pipefail", "-c", script,
            ], environment: environment, folder: folder)
    }

    /// The same, and waits for its end. Status 124 is that of a script that took longer than `limit`, 125 of a kernel that
    /// ended by itself.
    public func run(
        _ script: String, environment: [String: String] = [:], limit: Duration = .seconds(300)
    ) throws -> CommandResult {
        try Self.withFolder { folder in
            let status = try start(script, environment: environment, limit: limit, folder: folder).wait()
            return CommandResult(
                status: status, output: try Self.text("output", in: folder), errors: try Self.text("errors", in: folder)
            )
        }
    }

    /// The same, for a script that has to succeed; returns what it printed.
    @discardableResult
    public func require(
        _ script: String, environment: [String: String] = [:], limit: Duration = .seconds(300)
    ) throws -> String {
        let result = try run(script, environment: environment, limit: limit)
        guard result.succeeded else {
            throw CommandFailed("in the kernel lab \(self): exit \(result.status)\n\(script)\n\(result.text)")
        }
        return result.output
    }

    /// A folder that both kernels see, for the time of the test. Not in TMPDIR, which may be what guests hide.
    public static func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
        let folder = try makeFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }

    public static func withFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
        let folder = try makeFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder)
    }

    private static func makeFolder() throws -> URL {
        let folder = URL(filePath: "/tmp/weft-kernel-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return folder
    }

    /// What a file in such a folder says so far.
    public static func text(_ name: String, in folder: URL) throws -> String {
        String(decoding: try Data(contentsOf: folder.appending(path: name)), as: UTF8.self)
    }
}
