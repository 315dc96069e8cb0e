public import Logging

/// How log lines look.
public enum LineFormat: Sendable {
    /// `2026-11-26T00:03:38.123Z info  connection established peer=02:… link=3`
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
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }
            .map { ($0.key, "\($0.value)") }
        let level = event.level.rawValue
        switch format {
        case .text:
            let padding = String(repeating: " ", count: max(0, 8 - level.count))
            let fields = all.map { " \($0.0)=\(LogText.value($0.1))" }.joined()
            write("\(timestamp()) \(level)\(padding) \(LogText.line("\(event.message)"))\(fields)")
        case .json:
            let fields = [("time", timestamp()), ("level", level), ("message", "\(event.message)")] + all
            write("{" + fields.map { "\(LogText.json($0.0)):\(LogText.json($0.1))" }.joined(separator: ",") + "}")
        }
    }
}
