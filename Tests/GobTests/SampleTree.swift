import Foundation
import Gob
import Testing
import Wire

/// A value as the samples' JSON shows it: every number and truth value as its text.
indirect enum SampleTree: Decodable, Hashable {
    case null
    case text(String)
    case list([SampleTree])
    case object([String: SampleTree])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .text(String(value))
        } else if let value = try? container.decode(Int64.self) {
            self = .text(String(value))
        } else if let value = try? container.decode(UInt64.self) {
            self = .text(String(value))
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([SampleTree].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: SampleTree].self))
        }
    }

    subscript(key: String) -> SampleTree? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    /// The names of `nameserver-two` are listed as they were given, but sent in the order of the hostnames.
    var withSortedEntries: SampleTree {
        guard case .object(var members) = self, case .list(let entries) = members["Entries"] else { return self }
        func hostname(_ entry: SampleTree) -> String {
            if case .text(let text) = entry["Hostname"] { text } else { "" }
        }
        members["Entries"] = .list(entries.sorted { hostname($0) < hostname($1) })
        return .object(members)
    }

    /// How the samples show a gob value that stands in the field `name`.
    init(_ value: GobValue?, type: GobType, name: String = "") {
        switch (type, value) {
        case (.bool, let value):
            self = .text(
                value.flatMap { if case .bool(let bool) = $0 { bool } else { nil } } == true ? "true" : "false")
        case (.int, let value): self = .text(String(value?.int ?? 0))
        case (.uint, let value): self = .text(SampleTree.number(value?.uint ?? 0, name))
        case (.string, let value): self = .text(value?.text ?? "")
        case (.bytes, let value):
            let bytes = value?.bytes ?? []
            self = .text(
                name == "NameByte"
                    ? bytes.map { String(format: "%02x", $0) }.joined(separator: ":") : hexadecimal(bytes))
        case (.slice(_, let element), let value), (.array(_, let element, _), let value):
            self = .list((value?.list ?? []).map { SampleTree($0, type: element, name: name) })
        case (.map(_, let keyType, let valueType), let value):
            self = SampleTree.map(value?.pairs, keyType, valueType, name)
        case (.structure(let structure), let value):
            // A nil pointer is shown as null, but a structure within one is shown with its zeros.
            if value == nil, name == "Ring" {
                self = .null
            } else {
                var members: [String: SampleTree] = [:]
                for (index, field) in structure.fields.enumerated() {
                    members[field.name] = SampleTree(
                        value?.structure?.values[index], type: field.type, name: field.name)
                }
                self = .object(members)
            }
        case (.float, _): self = .null
        }
    }

    private static func map(_ pairs: [GobPair]?, _ keyType: GobType, _ valueType: GobType, _ name: String) -> SampleTree
    {
        if name == "Paxos" {
            let claims = (pairs ?? []).map { pair -> SampleTree in
                guard case .object(var members) = SampleTree(pair.value, type: valueType) else { return .null }
                members["NodeID"] = SampleTree(pair.key, type: keyType)
                return .object(members)
            }
            return claims.isEmpty ? .null : .list(claims)
        }
        var members: [String: SampleTree] = [:]
        for pair in pairs ?? [] {
            guard case .text(let key) = SampleTree(pair.key, type: keyType, name: "Name") else { continue }
            members[key] = SampleTree(pair.value, type: valueType)
        }
        return .object(members)
    }

    /// Peer names and addresses are shown as such.
    private static func number(_ value: UInt64, _ name: String) -> String {
        switch name {
        case "Name", "Origin", "Peer", "Value", "Seeds": PeerName(rawValue: value)?.description ?? "?"
        case "Addr", "Start", "End", "Token":
            UInt32(exactly: value).map { IPv4Address(rawValue: $0).description } ?? "?"
        default: String(value)
        }
    }
}

struct GobSample: Decodable, CustomTestStringConvertible {
    let name: String
    let hex: String
    let type: String
    let value: SampleTree

    var bytes: [UInt8] { Wire.bytes(hexadecimal: hex) ?? [] }
    var testDescription: String { "\(name) \(hex.prefix(40))" }
}
