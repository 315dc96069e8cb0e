import ControlTypes

extension FuzzTarget {
    /// The text of a template, which is read, and run on a report in little.
    static let templates = FuzzTarget("templates") { bytes throws(BrokenPromise) in
        let limits = TemplateLimits(output: 10_000, work: 1 << 20)
        let read = Result { () throws(TemplateError) in
            try Template(parsing: String(decoding: bytes, as: UTF8.self))
        }
        switch read {
        case .failure(let error):
            let lines = bytes.filter { $0 == UInt8(ascii: "\n") }.count + 1
            try promise((1...lines).contains(error.line), "an error stands in a line of the text")
        case .success(let template):
            let outcome = template.run(on: report, limits: limits)
            try promise(outcome.text.utf8.count <= limits.output, "what is printed stays below the limit")
            try promise(outcome == template.run(on: report, limits: limits), "a template prints the same again")
        }
    }

    private static let report = TemplateValue.record([
        TemplateMember("Version", .text("2.8.1")), TemplateMember("IPAM", .off),
        TemplateMember("UID", .unsigned(.max)), TemplateMember("Targets", .list([], isNull: true)),
        TemplateMember(
            "Connections",
            .list([
                .record([
                    TemplateMember("Name", .text("h\u{e9}")), TemplateMember("Outbound", .bool(true)),
                    TemplateMember("Attrs", .map([TemplateMember("mtu", .integer(1_414))])),
                ]),
                .record([TemplateMember("Name", .text("")), TemplateMember("Attrs", .map([], isNull: true))]),
            ])),
    ])
}
