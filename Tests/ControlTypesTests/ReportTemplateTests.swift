import ControlTypes
import TestSupport
import Testing

@Suite("The report's tree for templates")
struct ReportTemplateTests {
    private func run(_ template: String, sample: String) throws -> TemplateOutcome {
        let report = try Report(json: Array(Fixture.bytes("services/report/\(sample).json")))
        return try Template(parsing: template).run(on: report.templateTree())
    }

    @Test("as JSON it is the report", arguments: ReportTests.samples)
    func json(sample: String) throws {
        let report = try Report(json: Array(Fixture.bytes("services/report/\(sample).json")))
        #expect(try run("{{json .Router}}", sample: sample).text == report.router.json(.reportLine))
        #expect(try run("{{json .VersionCheck}}", sample: sample).text == report.versionCheck.json(.reportLine))
    }

    @Test("each kind of nothing shows as in the reference: services, lists, maps, values of maps")
    func nothing() throws {
        let alone = "01-waiting-for-peer.host1"
        let outcome = try run(
            "{{.IPAM}} {{.DNS}} {{.Proxy}} {{.Plugin}} {{(index .Router.Peers 0).Connections}} "
                + "{{(index .Router.Connections 0).Attrs}} {{.Router.OverlayDiagnostics.sleeve}} "
                + "{{.Router.OverlayDiagnostics.none}}", sample: alone)
        #expect(outcome.failure == nil)
        #expect(outcome.text == "<nil> <nil> <nil> <nil> [] map[] <no value> <no value>")
        #expect(try run("{{.IPAM.Range}}", sample: alone).failure == .refused("nil pointer evaluating Range"))
        #expect(try run("{{.Routes}}", sample: alone).failure == .refused("can't evaluate field Routes"))
    }

    @Test("attributes and counters are maps, and have their names in order")
    func maps() throws {
        let text = try run(
            "{{range .Router.Connections}}{{.Attrs}} {{.Attrs.nope}}\n{{end}}", sample: "30-encrypted.host1"
        ).text
        #expect(
            text
                == """
                map[encrypted:true mtu:1414 name:sleeve] <no value>
                map[mtu:1438 name:sleeve] <no value>

                """)
    }
}
