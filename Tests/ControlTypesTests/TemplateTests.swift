import ControlTypes
import TestSupport
import Testing

/// What is expected here is what Go's `text/template` (1.19) prints for the same template and tree.
@Suite("Report templates")
struct TemplateTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let template: String
        let output: String
        var testDescription: String { template }

        init(_ template: String, _ output: String) {
            self.template = template
            self.output = output
        }
    }

    /// Runs a template that does not fail.
    private func run(_ template: String) throws -> String {
        let outcome = try Template(parsing: template).run(on: TemplateTree.root)
        if let failure = outcome.failure { throw failure }
        return outcome.text
    }

    private func expect(_ row: Row) throws {
        // By bytes: Swift's own comparison takes different spellings of a character as the same.
        let output = try run(row.template)
        #expect(Array(output.utf8) == Array(row.output.utf8), "printed \(output)")
    }

    @Test(
        "templates in use print what the reference prints",
        arguments: [
            Row("{{.Version}}", "2.8.1"), Row("{{.Router.Name}}", "02:00:00:00:0b:01"),
            Row("{{ .Router.NickName}}", "host <1>"), Row("{{.DNS.Domain}}", "weave.local."),
            Row("{{json .DNS}}", #"{"Domain":"weave.local.","Upstream":["10.0.0.9"],"TTL":1}"#),
            Row("{{json .Router.NickName}}", #""host \u003c1\u003e""#),
            Row("{{.IPAM}} {{json .IPAM}} {{if .IPAM}}on{{else}}off{{end}}", "<nil> null off"),
            Row("{{len .Router.Peers}} {{len .Router.Targets}}", "2 0"),
            Row(
                "{{range $i, $e := .Router.Peers}}{{if $i}}, {{end}}{{$e.Name}} {{.UID}}{{end}}",
                "02:00:00:00:0b:01 17182003036090850983, 02:00:00:00:0b:02 5"),
            Row(
                "{{range .Router.Connections}}{{eq .Attrs.name \"sleeve\"}} {{.Attrs.mtu}};{{end}}",
                "true 1414;false <no value>;"),
            Row("{{range .Router.Peers}}{{if eq .ShortID 12}}{{.NickName}}{{end}}{{end}}", "hé\"2"),
        ])
    func inUse(row: Row) throws { try expect(row) }

    @Test(
        "text, trimming and comments",
        arguments: [
            Row("", ""), Row("}} {{1}} }", "}} 1 }"), Row("a {{- 1 -}} y", "a1y"), Row("{{- -1 -}} x", "-1x"),
            Row("a\n {{- if true}} b {{end -}} \n c", "a b c"), Row("{{/*x*/}}y", "y"),
            Row("a {{- /*x*/ -}} y", "ay"), Row("{{1 -}}  \n x {{- 2 -}} y", "1x2y"),
            Row("{{len\n.Version}}", "5"),
        ])
    func layout(row: Row) throws { try expect(row) }

    @Test(
        "literals",
        arguments: [
            Row(#"{{"\x41\u00e9\t\101"}}{{`r\n`}}{{"\\"}}"#, "Aé\tAr\\n\\"),
            Row(#"{{'\n'}} {{'é'}} {{'\''}} {{'\xff'}}"#, "10 233 39 255"),
            Row("{{1_000}} {{0x1F}} {{0b11}} {{0o17}} {{017}} {{+3}} {{-0x10}}", "1000 31 3 15 15 3 -16"),
            Row("{{-9223372036854775808}} {{9223372036854775807}}", "-9223372036854775808 9223372036854775807"),
            Row("{{1e3}} {{1.5}} {{.5}} {{0x1p4}} {{1.0}} {{-0.0}}", "1000 1.5 0.5 16 1 -0"),
            Row(
                "{{100000.0}} {{1000000.0}} {{12345.678}} {{0.00001234}} {{0.0001}} {{1e100}} {{1.5e300}}",
                "100000 1e+06 12345.678 1.234e-05 0.0001 1e+100 1.5e+300"),
            Row("{{true}} {{false}} {{print nil}}", "true false <nil>"),
        ])
    func literals(row: Row) throws { try expect(row) }

    @Test(
        "variables, pipelines and blocks",
        arguments: [
            Row("{{$x := 1}}{{if true}}{{$x = 2}}{{$x}}{{$x := 3}}{{$x}}{{end}}{{$x}}", "232"),
            Row("{{$x := 1}}{{range .Router.Peers}}{{$x = print $x $x}}{{end}}{{$x}}", "1 11 1"),
            Row("{{if $x := 0}}{{else if $y := 2}}{{$x}}{{$y}}{{end}}", "02"),
            Row("{{if .IPAM}}a{{else if .DNS}}b{{else}}c{{end}}", "b"),
            Row(
                "{{with $d := .DNS}}{{$d.TTL}}{{.TTL}}{{$.Version}}{{end}}{{with .IPAM}}x{{else}}off{{end}}",
                "112.8.1off"),
            Row("{{range .Router.Targets}}x{{else}}none{{end}}", "none"),
            Row("{{range $k, $v := .Router.CaptureStats}}{{$k}}={{$v}};{{end}}", "PacketsDropped=0;PacketsReceived=3;"),
            Row("{{$i := 0}}{{$e := 0}}{{range $i, $e = .Router.Peers}}{{end}}{{$i}}", "1"),
            Row("{{range .Router.Peers}}{{if eq .ShortID 12}}{{continue}}{{end}}{{.NickName}}{{end}}", "host1"),
            Row("{{range .Router.Peers}}{{.NickName}}{{break}}{{end}}", "host1"),
            Row("{{range .Router.Peers}}{{range .Connections}}{{break}}{{end}}x{{end}}", "xx"),
            Row("{{.Version | len | printf \"%03d\"}} {{\"a\" | printf \"%s-%s\" \"b\"}} {{1 |}}", "005 b-a 1"),
            Row(
                "{{(index .Router.Connections 0).Attrs.name}} {{(.Router).Name}} {{((1))}}",
                "sleeve 02:00:00:00:0b:01 1"),
            Row(
                "{{.Router.OverlayDiagnostics.sleeve}} {{range .Router.OverlayDiagnostics.none.Vports}}{{else}}-{{end}}",
                "<no value> -"),
            Row(
                "{{.Router.Connections}} {{.DNS}} {{.Router.Targets}}",
                "[{c1 10.0.0.1:6783 true map[encrypted:true mtu:1414 name:sleeve]} {c2 10.0.0.2:6783 false map[]}] "
                    + "{weave.local. [10.0.0.9] 1} []"),
        ])
    func blocks(row: Row) throws { try expect(row) }

    @Test(
        "functions",
        arguments: [
            Row(
                "{{and 1 0 2}} {{or 0 \"\" 3}} {{or 0 \"\"}}|{{not 0}} {{not .DNS}} {{1 | and 2}}", "0 3 |true false 1"),
            Row("{{or .Version .Nope}} {{and 0 .Nope}}", "2.8.1 0"),
            Row(
                "{{eq 1 2 1}} {{eq \"a\" \"b\"}} {{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt \"b\" \"a\"}} {{ge 1.5 1.5}}",
                "true false true true true true true"),
            Row(
                "{{eq true true}} {{eq .IPAM nil}} {{ne .DNS nil}} {{eq nil 1}} {{eq .Router.Targets nil}}",
                "true true true false true"),
            Row(#"{{eq "é" "e\u0301"}} {{lt "a" "ab"}}"#, "false true"),
            Row(
                "{{$u := (index .Router.Peers 0).UID}}{{gt $u 5}} {{eq -7 $u}} {{lt -7 $u}} {{le $u 7}}",
                "true false true false"),
            Row(
                "{{index .DNS.Upstream 0}} {{index .Router.CaptureStats \"PacketsReceived\"}} {{index \"abc\" 1}} {{index 5}}",
                "10.0.0.9 3 98 5"),
            Row("{{len \"é\"}} {{len .Router.CaptureStats}}", "2 2"),
            Row("{{print 1 2 \"a\" \"b\" 3 true}}|{{println 1 \"a\"}}|{{print}}", "1 2ab3 true|1 a\n|"),
            Row(
                "{{json 1.0}} {{json true}} {{json nil}} {{json .Router.Targets}} {{json .Router.TrustedSubnets}}",
                "1 true null null []"),
        ])
    func functions(row: Row) throws { try expect(row) }

    @Test(
        "printf",
        arguments: [
            Row(#"{{printf "%s %d %v %q %t %x %%" "a" 1 2 "q" true 255}}"#, "a 1 2 \"q\" true ff %"),
            Row(
                #"{{printf "%5s|%-5s|%05d|%+d|% d|%x|%#x|%.2s" "a" "b" -42 5 5 "hi" 255 "héllo"}}"#,
                "    a|b    |-0042|+5| 5|6869|0xff|hé"),
            Row(#"{{printf "%6.3d|%-08d|%X|%o|%b|%c" 7 5 255 8 5 128512}}"#, "   007|5       |FF|10|101|😀"),
            Row(
                #"{{printf "%d" "a"}} {{printf "%s" 1}} {{printf "%z" 1}} {{printf "%s" nil}}"#,
                "%!d(string=a) %!s(int=1) %!z(int=1) %!s(<nil>)"),
            Row(
                #"{{printf "%s"}} {{printf "a" 1 "b"}} {{printf "%"}} {{printf "%d %d" 1}}"#,
                "%!s(MISSING) a%!(EXTRA int=1, string=b) %!(NOVERB) 1 %!d(MISSING)"),
            Row(#"{{printf "%q" "a\"b\n\té\u0001\u2028`"}} {{printf "%q" 'x'}}"#, #""a\"b\n\té\x01\u2028`" 'x'"#),
            Row(
                #"{{printf "%v %d %q" .Router.CaptureStats .DNS.Upstream .DNS.Upstream}}"#,
                #"map[PacketsDropped:0 PacketsReceived:3] [%!d(string=10.0.0.9)] ["10.0.0.9"]"#),
            Row(
                #"{{printf "%+v" (index .Router.Connections 1)}}"#,
                "{Name:c2 Address:10.0.0.2:6783 Outbound:false Attrs:map[]}"),
            Row(#"{{printf "%8v|%-5t|%08v" 1.5 true -1.5}}"#, "     1.5|true |-00001.5"),
        ])
    func formats(row: Row) throws { try expect(row) }

    @Test(
        "what is no template is told in Go's words, with its line",
        arguments: [
            Row("{{", "1: unclosed action"), Row("a\n{{ .X\n}}{{", "3: unclosed action"),
            Row("{{.X\n", "2: unclosed action started at format:1"),
            Row("{{print `a\nb` \"\n\"}}", "2: unterminated quoted string in action started at format:1"),
            Row("{{foo}}", #"1: function "foo" not defined"#), Row("\n\n{{$x}}", #"3: undefined variable "$x""#),
            Row("{{if 1}}\n\n", "3: unexpected EOF"), Row("{{end}}", "1: unexpected {{end}}"),
            Row("{{else if 1}}", "1: unexpected {{else}}"),
            Row("{{if 1}}{{else}}{{else}}{{end}}", "1: expected end; found {{else}}"),
            Row("{{}}", "1: missing value for command"), Row("{{range}}{{end}}", "1: missing value for range"),
            Row("{{/* x}}", "1: unclosed comment"), Row("{{/* x */ }}", "1: comment ends before closing delimiter"),
            Row("{{(1}}", "1: unclosed left paren"), Row("{{1)}}", #"1: unexpected ")" in command"#),
            Row("{{1 | 2}}", "1: non executable command in pipeline stage 2"),
            Row("{{break}}", "1: {{break}} outside {{range}}"), Row("{{.X@}}", "1: bad character U+0040 '@'"),
            Row("{{\"a\"\"b\"}}", #"1: unexpected "\"b\"" in operand"#),
            Row("{{1 2 `abcdefghijklmn``x`}}", #"1: unexpected "`x`" in operand"#),
            Row("{{if 1}}{{end abcdefghijklmn}}", #"1: unexpected "abcdefghij"... in end"#),
            Row("{{$x, $y := 1}}", "1: too many declarations in command"),
            Row("{{range $i, 1 := .X}}{{end}}", "1: range can only initialize variables"),
            Row("{{3k}}", #"1: bad number syntax: "3k""#), Row("{{1e400}}", #"1: illegal number syntax: "1e400""#),
            Row("{{1__0}}", #"1: illegal number syntax: "1__0""#), Row("{{1-}}", #"1: bad number syntax: "1-""#),
            Row("{{99999999999999999999}}", #"1: integer overflow: "99999999999999999999""#),
            Row("{{'ab'}}", "1: malformed character constant: 'ab'"), Row(#"{{"\q"}}"#, "1: invalid syntax"),
            Row("{{with 1}}{{else with 2}}{{end}}", "1: unexpected <with> in else"),
            Row("{{true.X}}", #"1: unexpected . after term "true""#),
            Row("{{..}}", "1: unexpected <.> in operand"),
            Row("{{😀}}", "1: unrecognized character in action: U+1F600 '😀'"),
        ])
    func malformed(row: Row) {
        #expect {
            try Template(parsing: row.template)
        } throws: {
            "\($0)" == "template: format:" + row.output
        }
    }

    @Test(
        "what weft leaves out is refused when it is read",
        arguments: [
            Row("{{define \"x\"}}{{end}}", "{{define}} is not supported"),
            Row("{{template \"x\"}}", "{{template}} is not supported"),
            Row("{{block \"x\" .}}{{end}}", "{{block}} is not supported"),
            Row("{{html 1}}", #"function "html" not defined"#), Row("{{1i}}", #"bad number syntax: "1i""#),
        ])
    func leftOut(row: Row) {
        #expect {
            try Template(parsing: row.template)
        } throws: {
            "\($0)" == "template: format:1: " + row.output
        }
    }

    @Test(
        "a template that asks for what is not there fails, behind what it has printed",
        arguments: [
            ".NoSuch", ".version", ".Version.X", ".IPAM.Domain", ".Router.OverlayDiagnostics.sleeve.x", ".Version 1",
            "1 2", "nil", "$y = 1", "9223372036854775808", "len 3", "len .IPAM", "len nil", "and", "eq 1", "eq 1 `1`",
            "eq 1 1.0", "lt true false", "lt nil 1", "ne 1 2 3", "eq .Router.Peers .Router.Peers",
            "index .Router.Peers 5",
            "index .Router.Peers -1", "index .Router.Peers `a`", "index .Router 1", "index `abc` 3", "index nil 1",
            "json", "json 1 2", "printf", "printf 1", "printf `%f` 1.5", "printf `%#v` 1", "printf `%*d` 1 2",
            "range 3}}{{end", "range .Router}}{{end", "range .IPAM}}{{end", "range nil}}{{end",
        ])
    func failing(action: String) throws {
        let outcome = try Template(parsing: "x{{\(action)}}y").run(on: TemplateTree.root)
        #expect(outcome.text == "x")
        guard case .refused = outcome.failure else {
            Issue.record("\(action): \(String(describing: outcome.failure))")
            return
        }
    }
}
