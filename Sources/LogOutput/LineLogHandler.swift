public import Logging
import Synchronization

/// How log lines look.
public enum LineFormat: Sendable {
    /// `2026-11-26T00:03:38.123Z info  connection established peer=02:… connection="link 3"`
    case text
    /// One JSON object a line, for collectors.
    case json
}

/// A log handler for standard error. `docs/logging.md` lists the keys.
public struct LineLogHandler: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    private let format: LineFormat
    private let write: @Sendable (String) -> Void
    /// Shared by the copies of this handler.
    private let repeats = Repeats()

    /// Writes to standard error.
    public init(format: LineFormat, level: Logger.Level) {
        self.init(format: format, level: level, write: LineWriter.write)
    }

    /// Writes to `write`, one call a line, without the line's end.
    public init(format: LineFormat, level: Logger.Level, write: @escaping @Sendable (String) -> Void) {
        self.format = format
        self.logLevel = level
        self.write = write
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        // What ends the daemon is always written.
        guard event.level < .critical else { return writeLine(event.level, "\(event.message)", all) }
        let verdict = repeats.admit(Self.identity(event, all))
        for leftOut in verdict.before {
            writeLine(.notice, "repeats left out", ["line": "\(leftOut.line)", "count": "\(leftOut.count)"])
        }
        if verdict.isWritten { writeLine(event.level, "\(event.message)", all) }
    }

    /// Lines with the same message about the same thing are repeats, whatever their other values are.
    private static func identity(_ event: LogEvent, _ metadata: Logger.Metadata) -> String {
        let subjects = ["peer", "container", "object"].compactMap { key in metadata[key].map { "\(key)=\($0)" } }
        return (["\(event.message)"] + subjects).joined(separator: " ")
    }

    private func writeLine(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) {
        let all = metadata.sorted { $0.key < $1.key }.map { ($0.key, Self.shown($0.key, "\($0.value)")) }
        switch format {
        case .text:
            let padding = String(repeating: " ", count: max(0, 8 - level.rawValue.count))
            let fields = all.map { " \($0.0)=\(LogText.value($0.1))" }.joined()
            write("\(timestamp()) \(level.rawValue)\(padding) \(LogText.line(message))\(fields)")
        case .json:
            let fields = [("time", timestamp()), ("level", level.rawValue), ("message", message)] + all
            write("{" + fields.map { "\(LogText.json($0.0)):\(LogText.json($0.1))" }.joined(separator: ",") + "}")
        }
    }

    /// A value under a key that names a secret is never written, even if someone logs it by mistake.
    private static func shown(_ key: String, _ value: String) -> String {
        let name = key.lowercased()
        return ["password", "secret", "private-key", "session-key"].contains { name.contains($0) }
            ? "<redacted>" : value
    }
}

/// The repeats of one handler and its copies, which may log on any thread.
private final class Repeats: Sendable {
    private let limiter = Mutex(RepeatLimiter())

    func admit(_ line: String) -> (isWritten: Bool, before: [RepeatLimiter.LeftOut]) {
        limiter.withLock { $0.admit(line, at: .now) }
    }
}
