import ControlTypes
import TestSupport
import Testing

@Suite("Report templates from strangers")
struct TemplateLimitTests {
    private static let limits = TemplateLimits(output: 1_000, work: 200_000)

    private func failure(_ template: String) throws -> TemplateFailure? {
        let outcome = try Template(parsing: template).run(on: TemplateTree.root, limits: Self.limits)
        #expect(outcome.text.utf8.count <= Self.limits.output)
        return outcome.failure
    }

    @Test("blocks and parentheses are nested at most 64 deep, and a text has at most 64 KiB")
    func reading() throws {
        func nested(_ depth: Int) -> [String] {
            [
                String(repeating: "{{if 1}}", count: depth) + String(repeating: "{{end}}", count: depth),
                "{{" + String(repeating: "(", count: depth) + "1" + String(repeating: ")", count: depth) + "}}",
            ]
        }
        for template in nested(62) { #expect(try failure(template) == nil) }
        for depth in [65, 4_000] {
            for template in nested(depth) {
                #expect {
                    try Template(parsing: template)
                } throws: {
                    "\($0)" == "template: format:1: nested deeper than 64 levels"
                }
            }
        }
        #expect(try failure(String(repeating: "x", count: 10)) == nil)
        _ = try Template(parsing: String(repeating: "x", count: Template.maximumSize))
        #expect(throws: TemplateError.self) {
            try Template(parsing: String(repeating: "x", count: Template.maximumSize + 1))
        }
    }

    @Test("long chains that are not nested are read")
    func chains() throws {
        let count = 2_000
        #expect(try failure(String(repeating: "{{/**/}}", count: count)) == nil)
        #expect(try failure("{{if 0}}" + String(repeating: "{{else if 0}}", count: count) + "{{end}}") == nil)
        #expect(try failure("{{1" + String(repeating: " | not", count: count) + "}}") == nil)
    }

    @Test("output and texts end at the limit")
    func output() throws {
        let tooLong = TemplateFailure.limit("the output exceeds 1000 bytes")
        #expect(try failure(String(repeating: "x", count: 1_000)) == nil)
        #expect(try failure(String(repeating: "x", count: 1_001)) == tooLong)
        #expect(try failure("{{printf `%900d` 1}}{{printf `%101d` 1}}") == tooLong)
        #expect(try failure("{{$x := printf `%1001d` 1}}") == .limit("a text exceeds 1000 bytes"))
        #expect(try failure("{{$x := printf `%99999999999999999999d` 1}}") == .limit("a width exceeds 1048576"))
        let doubling = String(repeating: "{{$x = print $x $x}}", count: 30)
        #expect(try failure("{{$x := `abcdefgh`}}" + doubling) == .limit("a text exceeds 1000 bytes"))
    }

    @Test(
        "work ends at the limit",
        arguments: [
            String(repeating: "{{range $.Router.Peers}}", count: 20) + String(repeating: "{{end}}", count: 20),
            String(repeating: "{{eq `abcdefgh` `abcdefgh`}}{{$x := json .}}", count: 400),
            (0..<700).map { "{{$v\($0) := 1}}" }.joined() + String(repeating: "{{$v0 = 1}}", count: 700),
        ])
    func work(template: String) throws {
        #expect(try failure(template) == .limit("the template takes too many steps"))
    }

    @Test("garbage of a template's own pieces never traps, and ends")
    func garbage() {
        var random = SeededGenerator(seed: 7)
        let pieces = [
            "{{", "}}", "{{- ", " -}}", "{{if ", "{{else if ", "{{else}}", "{{end}}", "{{range ", "{{with ",
            "{{break}}",
            "{{continue}}", "$x", "$", ":=", "=", ", ", " ", "\n", "(", ")", "|", ".", ".Router", ".Peers", ".Attrs",
            ".X",
            "1", "-", "0x", "1.5", "1e9", "'a'", "\"%", "`", "\"", "nil", "true", "len ", "index ",
            "printf \"%5d%-3v%q%x\" ",
            "print ", "json ", "eq ", "lt ", "and ", "or ", "not ", "é", "\u{0}", "/*", "*/", "text",
        ]
        var ran = 0
        for round in 0..<5_000 {
            var text = (0..<Int.random(in: 1...14, using: &random)).compactMap { _ in
                pieces.randomElement(using: &random)
            }
            // Otherwise nearly nothing is a template.
            if round.isMultiple(of: 2) { text = ["{{"] + text.filter { !$0.hasPrefix("{{") && $0 != "}}" } + ["}}"] }
            guard let template = try? Template(parsing: text.joined()) else { continue }
            ran += 1
            let outcome = template.run(on: TemplateTree.root, limits: Self.limits)
            #expect(outcome.text.utf8.count <= Self.limits.output)
        }
        #expect(ran > 200)
    }

    @Test("a template cut off or with a flipped bit anywhere never traps")
    func damage() {
        let text = Array(
            (#"a {{- /*c*/ -}} {{range $i, $e := .Router.Peers}}{{if and (eq $i 0) $e.Name | not}}{{printf "%-5s|%x" $e.Name 1.5}}"#
                + "{{else if 'x'}}{{break}}{{end}}{{json `r` | print}}{{else}}{{with $y := 0x1F}}{{$y}}{{end}}{{end}}")
                .utf8)
        #expect((try? Template(parsing: String(decoding: text, as: UTF8.self))) != nil)
        for position in text.indices {
            for bit in 0..<8 {
                var broken = text
                broken[position] ^= 1 << bit
                for bytes in [broken, Array(broken[...position])] {
                    let template = try? Template(parsing: String(decoding: bytes, as: UTF8.self))
                    _ = template?.run(on: TemplateTree.root, limits: Self.limits)
                }
            }
        }
    }
}
