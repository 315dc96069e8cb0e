import ControlTypes

/// A report in little, for templates.
enum TemplateTree {
    static let root = record(
        ("Ready", .bool(true)), ("Version", .text("2.8.1")), ("Router", router), ("IPAM", .off),
        (
            "DNS",
            record(
                ("Domain", .text("weave.local.")), ("Upstream", .list([.text("10.0.0.9")])), ("TTL", .integer(1)))
        ))

    private static let router = record(
        ("Name", .text("02:00:00:00:0b:01")), ("NickName", .text("host <1>")), ("Port", .integer(6_783)),
        ("Peers", .list(peers)), ("Connections", .list(connections)), ("Targets", .list([], isNull: true)),
        ("OverlayDiagnostics", map(("fastdp", .absent), ("sleeve", .absent))), ("TrustedSubnets", .list([])),
        ("CaptureStats", map(("PacketsDropped", .integer(0)), ("PacketsReceived", .integer(3)))))

    private static let peers = [
        record(
            ("Name", .text("02:00:00:00:0b:01")), ("NickName", .text("host1")),
            ("UID", .unsigned(17_182_003_036_090_850_983)), ("ShortID", .integer(-7)),
            ("Connections", .list(connections))),
        record(
            ("Name", .text("02:00:00:00:0b:02")), ("NickName", .text("hé\"2")), ("UID", .integer(5)),
            ("ShortID", .integer(12)), ("Connections", .list([], isNull: true))),
    ]

    private static let connections = [
        record(
            ("Name", .text("c1")), ("Address", .text("10.0.0.1:6783")), ("Outbound", .bool(true)),
            ("Attrs", map(("encrypted", .bool(true)), ("mtu", .integer(1_414)), ("name", .text("sleeve"))))),
        record(
            ("Name", .text("c2")), ("Address", .text("10.0.0.2:6783")), ("Outbound", .bool(false)),
            ("Attrs", .map([], isNull: true))),
    ]

    private static func record(_ members: (String, TemplateValue)...) -> TemplateValue {
        .record(members.map { TemplateMember($0.0, $0.1) })
    }

    private static func map(_ members: (String, TemplateValue)...) -> TemplateValue {
        .map(members.map { TemplateMember($0.0, $0.1) })
    }
}
