import Foundation
import LogOutput
import Logging
import Synchronization
import TestSupport
import Testing

@Suite("Log lines")
struct LineLogHandlerTests {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    private func logger(_ format: LineFormat, _ level: Logger.Level = .info) -> (Logger, Lines) {
        let lines = Lines()
        let logger = Logger(label: "test") { _ in
            LineLogHandler(format: format, level: level) { line in lines.all.withLock { $0.append(line) } }
        }
        return (logger, lines)
    }

    @Test("a text line has date, level, message and its keys in order")
    func text() throws {
        let (logger, lines) = logger(.text)
        logger.info("connection established", metadata: ["peer": "02:00:00:00:0b:01", "address": "10.0.0.1:6783"])
        let line = try #require(lines.all.withLock { $0.first })
        #expect(
            line.hasSuffix("Z info     connection established address=10.0.0.1:6783 peer=02:00:00:00:0b:01"), "\(line)")
        #expect(line.prefix(24).wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
    }

    @Test("what others send cannot begin a line of its own")
    func forged() throws {
        let (logger, lines) = logger(.text)
        logger.warning("bad nickname", metadata: ["nickname": "x\n2026-01-01T00:00:00.000Z info fake \u{1b}[31m"])
        let line = try #require(lines.all.withLock { $0.first })
        #expect(!line.contains("\n"))
        #expect(!line.contains("\u{1b}"))
    }

    @Test("a JSON line is one object whatever it holds")
    func json() throws {
        let (logger, lines) = logger(.json)
        logger.error("odd \"text\"", metadata: ["reason": "back\\slash\ttab\n"])
        let line = try #require(lines.all.withLock { $0.first })
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
        #expect(object["message"] == "odd \"text\"")
        #expect(object["reason"] == "back\\slash\ttab\n")
        #expect(object["level"] == "error")
    }

    @Test("lines below the level are left out")
    func level() {
        let (logger, lines) = logger(.text, .warning)
        logger.info("not wanted")
        #expect(lines.all.withLock { $0.isEmpty })
    }
}
