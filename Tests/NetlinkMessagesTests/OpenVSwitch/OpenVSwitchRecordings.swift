import Foundation
import NetlinkMessages
import TestSupport
import Testing

/// One recording of `netlink-fixtures/openvswitch`: datagrams in both directions, each with what an independent decoder
/// read in it.
struct OpenVSwitchRecording: CustomTestStringConvertible, Sendable {
    let name: String
    let families: OpenVSwitchFamilies
    let entries: [Entry]

    var testDescription: String { name }

    /// A message and its neighbour's description of it.
    struct Entry: Sendable {
        let bytes: [UInt8]
        let message: NetlinkMessage
        let expected: Described
    }

    static let folder = Fixture.repository.appending(path: "netlink-fixtures/openvswitch")
    static let all = ["clear", "relay", "encrypted", "dpctl"].compactMap { try? OpenVSwitchRecording($0) }

    init(_ name: String) throws {
        self.name = name
        let bytes = try [UInt8](Data(contentsOf: Self.folder.appending(path: name + ".bin")))
        let text = try Data(contentsOf: Self.folder.appending(path: name + ".json"))
        let described = try JSONDecoder().decode(File.self, from: text)
        let family = { (name: String) in
            GenericFamily(
                type: NetlinkType(rawValue: described.families[name] ?? 0), name: name, groups: [name: 1])
        }
        families = OpenVSwitchFamilies(
            datapath: family("ovs_datapath"), vport: family("ovs_vport"), flow: family("ovs_flow"),
            packet: family("ovs_packet"))
        var entries: [Entry] = []
        var offset = 0
        for expected in described.datagrams {
            let length = bytes[offset..<(offset + 4)].reversed().reduce(0) { $0 << 8 | Int($1) }
            let datagram = Array(bytes[(offset + 4)..<(offset + 4 + length)])
            offset += 4 + length
            let messages = try NetlinkMessage.messages(in: datagram)
            #expect(messages.count == expected.count)
            for (message, one) in zip(messages, expected) {
                entries.append(Entry(bytes: datagram, message: message, expected: one))
            }
        }
        #expect(offset == bytes.count)
        self.entries = entries
    }

    /// Messages of one family, in one direction.
    func entries(_ family: String, fromKernel: Bool) -> [Entry] {
        entries.filter { $0.expected.family == family && ($0.expected.direction == "to-user") == fromKernel }
    }

    private struct File: Decodable {
        let families: [String: UInt16]
        let datagrams: [[Described]]
    }
}

/// A message as the other decoder described it.
struct Described: Decodable, Sendable {
    let type: UInt16
    let flags: String
    let seq: UInt32
    let pid: UInt32
    let direction: String
    let family: String?
    let command: String?
    let version: UInt8?
    let dpIndex: UInt32?
    let error: Int32?
    let attrs: [DescribedAttribute]

    private enum CodingKeys: String, CodingKey {
        case type, flags, seq, pid, direction, family, command, version, error, attrs
        case dpIndex = "dp_ifindex"
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        type = try values.decode(UInt16.self, forKey: .type)
        flags = try values.decode(String.self, forKey: .flags)
        seq = try values.decode(UInt32.self, forKey: .seq)
        pid = try values.decode(UInt32.self, forKey: .pid)
        direction = try values.decode(String.self, forKey: .direction)
        family = try values.decodeIfPresent(String.self, forKey: .family)
        command = try values.decodeIfPresent(String.self, forKey: .command)
        version = try values.decodeIfPresent(UInt8.self, forKey: .version)
        dpIndex = try values.decodeIfPresent(UInt32.self, forKey: .dpIndex)
        error = try values.decodeIfPresent(Int32.self, forKey: .error)
        attrs = try values.decodeIfPresent([DescribedAttribute].self, forKey: .attrs) ?? []
    }
}

/// `["NAME(number)", value]`.
struct DescribedAttribute: Decodable, Sendable {
    let name: String
    let value: DescribedValue

    init(from decoder: any Decoder) throws {
        var values = try decoder.unkeyedContainer()
        name = String(try values.decode(String.self).prefix { $0 != "(" })
        value = try values.decode(DescribedValue.self)
    }
}

/// A value of the description: a number, text (also hex), a nest, a list of nests, or a dictionary.
enum DescribedValue: Decodable, Sendable {
    case number(UInt64)
    case text(String)
    case flag(Bool)
    case nest([DescribedAttribute])
    case nests([[DescribedAttribute]])
    case fields([String: String])
    case counts([String: UInt64])
    case packet(length: Int, head: String)

    private enum PacketKeys: String, CodingKey {
        case len
        case head = "head_hex"
    }

    init(from decoder: any Decoder) throws {
        if let packet = try? decoder.container(keyedBy: PacketKeys.self), packet.contains(.head) {
            self = .packet(
                length: try packet.decode(Int.self, forKey: .len), head: try packet.decode(String.self, forKey: .head))
            return
        }
        let single = try decoder.singleValueContainer()
        if let value = try? single.decode(Bool.self) {
            self = .flag(value)
        } else if let value = try? single.decode(UInt64.self) {
            self = .number(value)
        } else if let value = try? single.decode(String.self) {
            self = .text(value)
        } else if let value = try? single.decode([DescribedAttribute].self) {
            self = .nest(value)
        } else if let value = try? single.decode([[DescribedAttribute]].self) {
            self = .nests(value)
        } else if let value = try? single.decode([String: UInt64].self) {
            self = .counts(value)
        } else {
            self = .fields(try single.decode([String: String].self))
        }
    }
}
