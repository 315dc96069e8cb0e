import ControlTypes
import Foundation
import TestSupport
import Testing
import Wire

@Suite("Times as text")
struct TimestampTests {
    @Test("random instants are written as Foundation's calendar has them, and parse back")
    func calendar() throws {
        var random = SeededGenerator(seed: 5)
        let formatter = ISO8601DateFormatter()
        for _ in 0..<2_000 {
            // 1900 to 2200; Foundation switches to another calendar before 1582.
            let seconds = Int64.random(in: -2_208_988_800...7_258_118_400, using: &random)
            let whole = WallClockInstant(nanosecondsSince1970: seconds * 1_000_000_000)
            #expect(whole.description == formatter.string(from: Date(timeIntervalSince1970: TimeInterval(seconds))))
            let instant = WallClockInstant(
                nanosecondsSince1970: seconds * 1_000_000_000 + .random(in: 0..<1_000_000_000, using: &random))
            #expect(WallClockInstant(text: instant.description) == instant)
        }
    }

    @Test("the last instants that fit are written without a trap", arguments: [Int64.min, Int64.max, 0, -1])
    func limits(nanoseconds: Int64) {
        let instant = WallClockInstant(nanosecondsSince1970: nanoseconds)
        #expect(instant.description.hasSuffix("Z"))
        #expect(instant.longText(sinceStart: .nanoseconds(nanoseconds)).contains(" +0000 UTC m="))
    }

    @Test("the long form is that of the recorded texts")
    func longForm() throws {
        let instant = try #require(WallClockInstant(text: "2026-11-25T03:59:55.001299426Z"))
        #expect(
            instant.longText(sinceStart: .nanoseconds(3_864_680_133))
                == "2026-11-25 03:59:55.001299426 +0000 UTC m=+3.864680133")
        let short = try #require(WallClockInstant(text: "2026-11-25T04:03:53.47860205Z"))
        #expect(
            short.longText(sinceStart: .nanoseconds(-2_064_808_554))
                == "2026-11-25 04:03:53.47860205 +0000 UTC m=-2.064808554")
    }

    @Test("offsets are taken into account")
    func offsets() {
        #expect(
            WallClockInstant(text: "2026-11-25T05:00:00+01:00") == WallClockInstant(text: "2026-11-25T04:00:00Z"))
    }

    @Test(
        "what is no time is refused",
        arguments: [
            "", "2026-11-25", "2026-11-25T04:00:00", "2026-13-25T04:00:00Z", "2026-11-25T24:00:00Z",
            "2026-11-25T04:00:00.Z", "2026-11-25T04:00:00Zx", "9999-01-01T00:00:00Z", "2026-11-25T04:00:00+1:00",
        ])
    func refused(text: String) {
        #expect(WallClockInstant(text: text) == nil)
    }
}
