extension Report {
    /// The report as templates see it: the tree that is its JSON, where the reference router's kinds of nothing are told
    /// apart by name.
    public func templateTree() throws(JSONError) -> TemplateValue {
        guard case .record(var members) = Self.tree(try JSONValue(encoding: self), named: "") else { return .absent }
        // Services that are off have no member in JSON, but a field.
        let known = Set(members.map(\.name))
        members += Self.services.filter { !known.contains($0) }.map { TemplateMember($0, .off) }
        return .record(members)
    }

    private static let services = ["IPAM", "DNS", "Proxy", "Plugin"]
    /// Objects whose members differ from one to the next.
    private static let maps: Set<String> = ["OverlayDiagnostics", "Attrs", "CaptureStats"]
    /// Records that may be `null`. Where else there is a `null` outside of a map, it is an empty list.
    private static let optionalRecords: Set<String> = ["Paxos"]

    private static func tree(_ value: JSONValue, named name: String) -> TemplateValue {
        switch value {
        case .null where maps.contains(name): .map([], isNull: true)
        case .null where optionalRecords.contains(name): .off
        case .null: .list([], isNull: true)
        case .bool(let flag): .bool(flag)
        case .integer(let number): .integer(number)
        case .unsigned(let number): .unsigned(number)
        case .number(let number): .float(number)
        case .text(let text): .text(text)
        case .array(let values): .list(values.map { tree($0, named: "") })
        case .object(let members) where maps.contains(name):
            .map(
                members.map { TemplateMember($0.name, $0.value == .null ? .absent : tree($0.value, named: $0.name)) }
                    .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
        case .object(let members): .record(members.map { TemplateMember($0.name, tree($0.value, named: $0.name)) })
        }
    }
}
