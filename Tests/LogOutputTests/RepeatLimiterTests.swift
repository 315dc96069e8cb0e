import Logging
import Synchronization
import Testing

@testable import LogOutput

@Suite("Repeated lines")
struct RepeatLimiterTests {
    private let start = ContinuousClock.now

    @Test("five of a kind are written, the rest is counted and told after the window, with any next line")
    func window() {
        var limiter = RepeatLimiter()
        for number in 0..<20 {
            let verdict = limiter.admit("a", at: start + .seconds(number))
            #expect(verdict.isWritten == (number < 5))
            #expect(verdict.before.isEmpty)
        }
        let other = limiter.admit("b", at: start + .seconds(30))
        #expect(other.isWritten)
        #expect(other.before == [RepeatLimiter.LeftOut(line: "a", count: 15)])
        #expect(limiter.admit("a", at: start + .seconds(31)).isWritten)
        #expect(limiter.admit("b", at: start + .seconds(90)).before.isEmpty)
    }

    @Test("the table stays bounded however many different lines come, and no count is lost")
    func bounded() {
        var limiter = RepeatLimiter()
        for _ in 0..<9 { _ = limiter.admit("first", at: start) }
        var told: [RepeatLimiter.LeftOut] = []
        for number in 0..<2_000 {
            let verdict = limiter.admit("line \(number)", at: start + .milliseconds(number + 1))
            #expect(verdict.isWritten)
            told += verdict.before
        }
        #expect(told == [RepeatLimiter.LeftOut(line: "first", count: 4)])
    }

    @Test("a handler leaves repeats about one peer out, and never what ends the daemon or is about another peer")
    func handler() {
        let lines = Mutex<[String]>([])
        let logger = Logger(label: "test") { _ in
            LineLogHandler(format: .text, level: .info) { line in lines.withLock { $0.append(line) } }
        }
        for port in 0..<50 { logger.warning("refused", metadata: ["peer": "a", "port": "\(port)"]) }
        #expect(lines.withLock { $0.count } == 5)
        logger.warning("refused", metadata: ["peer": "b"])
        #expect(lines.withLock { $0.count } == 6)
        for _ in 0..<10 { logger.critical("the end") }
        #expect(lines.withLock { $0.count } == 16)
    }

    @Test("a value under a secret's name is never written")
    func secrets() {
        let lines = Mutex<[String]>([])
        for format in [LineFormat.text, .json] {
            let logger = Logger(label: "test") { _ in
                LineLogHandler(format: format, level: .info) { line in lines.withLock { $0.append(line) } }
            }
            logger.info("start", metadata: ["password": "hunter2", "Session-Key": "hunter2", "peer": "p"])
        }
        let all = lines.withLock { $0.joined(separator: "\n") }
        #expect(!all.contains("hunter2"))
        #expect(all.contains("<redacted>") && all.contains("p"))
    }
}
