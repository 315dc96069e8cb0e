import Foundation

/// A host: a namespace with an underlay address, and a daemon of its own when launched.
public struct LabHost: LabNamespace, Sendable {
    public let namespace: String
    public let number: Int
    /// On the underlay.
    public let address: String
    public let nickname: String
    public let folder: URL
    public let stateDirectory: String
    public let socket: String

    init(lab: Lab, number: Int, namespace: String) throws {
        self.namespace = namespace
        self.number = number
        address = "192.0.2.\(number)"
        nickname = "host\(number)"
        folder = lab.folder.appending(path: nickname)
        stateDirectory = folder.appending(path: "state").path
        socket = folder.appending(path: "weft.sock").path
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Runs a verb of the command against this host's daemon.
    @discardableResult
    public func weft(_ arguments: String..., environment: [String: String] = [:]) throws -> CommandResult {
        try weft(arguments, environment: environment)
    }

    @discardableResult
    public func weft(_ arguments: [String], environment: [String: String] = [:]) throws -> CommandResult {
        try run([Programs.weft] + arguments, environment: environment.merging(["WEFT_SOCKET": socket]) { $1 })
    }

    /// The same, for verbs that have to succeed.
    @discardableResult
    public func require(_ arguments: String...) throws -> String {
        let result = try weft(arguments)
        guard result.succeeded else {
            throw CommandFailed(
                "\(nickname): weft \(arguments.joined(separator: " ")): exit \(result.status)\n\(result.text)")
        }
        return result.output
    }

    /// Launches the daemon with this host's state directory and nickname; returns what the command printed.
    @discardableResult
    public func launch(_ arguments: String..., environment: [String: String] = [:]) throws -> String {
        try launch(arguments, environment: environment)
    }

    @discardableResult
    public func launch(_ arguments: [String], environment: [String: String] = [:]) throws -> String {
        let common = ["launch", "--state-dir", stateDirectory, "--nickname", nickname, "--log-level", "debug"]
        let result = try weft(common + arguments, environment: environment)
        guard result.succeeded else {
            throw CommandFailed("\(nickname): launch: exit \(result.status)\n\(result.text)\n\(logTail())")
        }
        return result.output
    }

    /// Attaches a new container.
    public func attach(_ name: String, _ addresses: String..., in lab: Lab) throws -> LabContainer {
        let container = try lab.makeContainer(name)
        let result = try weft(["attach"] + addresses + [container.namespace])
        guard result.succeeded else {
            throw CommandFailed("\(nickname): attach \(name): exit \(result.status)\n\(result.text)")
        }
        return container
    }

    /// Writes a password file that only the owner can read.
    public func passwordFile(_ password: String) throws -> String {
        let file = folder.appending(path: "password")
        try (password + "\n").write(to: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        return file.path
    }

    /// `weft status [SUB] -o json` as JSON values.
    public func status(_ part: String? = nil) throws -> Any {
        let arguments = ["status"] + (part.map { [$0] } ?? []) + ["-o", "json"]
        let result = try weft(arguments)
        guard result.succeeded else {
            throw CommandFailed("\(nickname): \(arguments): exit \(result.status)\n\(result.text)")
        }
        return try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    }

    /// `weft status connections -o json`: one dictionary for each connection or attempt.
    public func connections() throws -> [[String: Any]] {
        let value = try status("connections")
        return value as? [[String: Any]] ?? (value as? [String: Any])?["connections"] as? [[String: Any]] ?? []
    }

    /// The established connection to a peer with this nickname.
    public func connection(to nickname: String) throws -> [String: Any]? {
        try connections().first {
            $0["state"] as? String == "established"
                && ($0["peer"] as? [String: Any])?["nickname"] as? String == nickname
        }
    }

    /// When the daemon first wrote a line with these words to its log; nil if it has not.
    public func logged(_ words: String) throws -> Date? {
        let log = try String(contentsOfFile: "\(stateDirectory)/weftd.log", encoding: .utf8)
        guard let line = log.split(separator: "\n").first(where: { $0.contains(words) }) else { return nil }
        return try Date(
            String(line.prefix { $0 != " " }), strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// The daemon's process: what its own status says.
    public func daemon() throws -> pid_t {
        guard let id = (try status() as? [String: Any])?["processID"] as? Int, id > 1 else {
            throw CommandFailed("\(nickname): status has no processID")
        }
        return pid_t(id)
    }

    /// The end of each log file of the daemon.
    public func logTail() -> String {
        let result = try? Command.run(["sh", "-c", "find \(folder.path) -type f -name '*log*' -exec tail -n 40 {} +"])
        return result?.output ?? ""
    }
}
