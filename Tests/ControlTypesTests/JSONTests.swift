import ControlTypes
import Testing
import TestSupport

@Suite("JSON")
struct JSONTests {
    @Test("every layout of a tree parses back to the tree")
    func roundTrip() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<300 {
            let value = tree(&random, depth: 0)
            for layout in [JSONLayout.compact, .readable, .report, .reportLine] {
                #expect(try JSONValue(parsing: Array(value.text(layout).utf8)) == value)
            }
        }
    }

    @Test("a text cut off anywhere is refused, and so is any text with more behind it")
    func truncation() throws {
        let text = Array(#"{"a":[1,-2.5e3,true,null,"x\u00e9\ud83d\ude00\n"],"b":{}}"#.utf8)
        _ = try JSONValue(parsing: text)
        for length in 0..<text.count {
            #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text[..<length])) }
        }
        #expect(throws: JSONError.self) { try JSONValue(parsing: text + [UInt8(ascii: "]")]) }
    }

    @Test("flipped bits never trap")
    func flippedBits() {
        let text = Array(#"{"a":[1,-2.5e3,true,null,"x\u00e9\ud83d\ude00\n"],"b":{}}"#.utf8)
        for position in text.indices {
            for bit in 0..<8 {
                var broken = text
                broken[position] ^= 1 << bit
                if let value = try? JSONValue(parsing: broken) { _ = value.text(.report) }
            }
        }
    }

    @Test(
        "what RFC 8259 does not allow is refused",
        arguments: [
            "", " ", "{", "[1,]", "{\"a\":1,}", "{a:1}", "01", "1.", ".5", "+1", "1e", "nul", "\"\u{1}\"", "\"\\x\"",
            "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\u00g0\"", "1e999", "{\"a\":1,\"a\":2}", "[1] 2", "'a'",
        ])
    func malformed(text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text.utf8)) }
    }

    @Test("broken UTF-8 and nesting without end are refused")
    func hostile() {
        #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xff, 0x22]) }
        #expect(throws: JSONError.self) {
            try JSONValue(parsing: [UInt8](repeating: UInt8(ascii: "["), count: 100_000))
        }
    }

    @Test("numbers keep 64 bits")
    func numbers() throws {
        #expect(try JSONValue(parsing: Array("17182003036090850983".utf8)) == .unsigned(17_182_003_036_090_850_983))
        #expect(try JSONValue(parsing: Array("-9223372036854775808".utf8)) == .integer(.min))
        #expect(try [UInt64](json: Array("[18446744073709551615]".utf8)) == [.max])
        #expect(throws: JSONError.unexpected(path: "[0]", "a number out of range or not whole")) {
            try [UInt8](json: Array("[256]".utf8))
        }
    }

    @Test("an absent optional is written as null, and null or nothing is read as absent")
    func optionals() throws {
        struct Facts: Codable, Equatable {
            var count: Int?
            var text: String?
            var list: [Int]?
        }
        #expect(try Facts().json() == #"{"count":null,"text":null,"list":null}"#)
        for text in [#"{"count":null}"#, "{}", #"{"unknown":[1,{"a":2}]}"#] {
            #expect(try Facts(json: Array(text.utf8)) == Facts())
        }
    }

    @Test("a wrong type is told with its place")
    func wrongType() {
        #expect(throws: JSONError.unexpected(path: "addresses[1]", "\"10.0.0.1\" is no InterfaceAddress")) {
            try AttachRequest(json: Array(#"{"container":"a","addresses":["10.0.0.1/8","10.0.0.1"]}"#.utf8))
        }
        #expect(throws: JSONError.unexpected(path: "container", "missing")) {
            try AttachRequest(json: Array("{}".utf8))
        }
        #expect(throws: JSONError.unexpected(path: "container", "expected text, found a number")) {
            try AttachRequest(json: Array(#"{"container":1,"addresses":[]}"#.utf8))
        }
    }

    private func tree(_ random: inout SeededGenerator, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth < 4 ? 8 : 6), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .integer(.random(in: .min ... .max, using: &random))
        case 3: return .unsigned(.random(in: UInt64(Int64.max) + 1 ... .max, using: &random))
        case 4: return .number(.random(in: -1e9...1e9, using: &random) + 0.5)
        case 5:
            let scalars = ["a", "\"", "\\", "\n", "\u{0}", "<", "&", "é", "😀", "\u{2028}", "/"]
            return .text((0..<6).compactMap { _ in scalars.randomElement(using: &random) }.joined())
        case 6: return .array((0..<3).map { _ in tree(&random, depth: depth + 1) })
        default: return .object((0..<3).map { JSONMember("m\($0)\u{7}", tree(&random, depth: depth + 1)) })
        }
    }
}
