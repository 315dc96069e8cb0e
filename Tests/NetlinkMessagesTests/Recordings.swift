import Foundation
import NetlinkMessages
import TestSupport
import Testing

/// One recorded conversation of `netlink-fixtures/rtnetlink`.
struct Recording: CustomTestStringConvertible, Sendable {
    let name: String
    let request: [UInt8]
    let reply: [UInt8]

    var testDescription: String { name }

    static let folder = Fixture.repository.appending(path: "netlink-fixtures/rtnetlink")

    /// All of them; a test that gets none fails by its count.
    static let all: [Recording] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return names.filter { $0.hasSuffix(".request.bin") }.sorted().compactMap {
            try? Recording(String($0.dropLast(".request.bin".count)))
        }
    }()

    init(_ name: String) throws {
        self.name = name
        request = try [UInt8](Data(contentsOf: Self.folder.appending(path: name + ".request.bin")))
        reply = try [UInt8](Data(contentsOf: Self.folder.appending(path: name + ".reply.bin")))
    }

    var answers: [NetlinkMessage] {
        get throws { try NetlinkMessage.messages(in: reply) }
    }
}

/// Decodes a message as whatever it claims to be, so that no decoder is left out when bytes are damaged.
func decodeAny(_ message: NetlinkMessage) throws {
    switch message.header.type {
    case .newLink, .deleteLink: _ = try Link(message)
    case .newAddress, .deleteAddress: _ = try AssignedAddress(message)
    case .newRoute, .deleteRoute: _ = try Route(message)
    case .newNamespaceNumber: _ = try NamespaceNumber.decode(message)
    case .newChain: _ = try BaseChain(message)
    case .error, .done: _ = try NetlinkVerdict(message)
    default: break
    }
}
