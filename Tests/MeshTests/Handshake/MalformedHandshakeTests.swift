import Foundation
import Mesh
import Sealing
import TestSupport
import Testing
import Wire

/// What a reference router was sent, and what it did; a link does the same, or the list below says why not.
@Suite struct MalformedHandshakeTests {
    struct Case: Decodable, CustomTestStringConvertible, Sendable {
        let `case`: String
        let outcome: String
        let sent: [String]

        var testDescription: String { `case` }
    }
    private struct File: Decodable { let cases: [Case] }

    static func cases() throws -> [Case] {
        try Fixture.json("mesh/malformed.json", as: File.self).cases
    }

    /// Where the outcome is not the link's to decide: the router judges names, channels and payloads.
    static let decidedAbove: Set<String> = [
        "name of the router itself, other UID", "tag 4 topology, payload garbage", "tag 5 topology to the router",
        "tag 6 nameserver garbage", "tag 4 IPallocation garbage", "nameserver gossip, clock 1000 s ahead",
        "nameserver gossip, same entry twice", "tag 5 IPallocation, payload empty",
        "topology: ShortID 65536 in gossip", "tag 7 index out of range", "tag 1 empty", "tag 3 empty",
    ]
    /// Only the one who stopped in the middle of a frame ends the connection.
    static let endedByUs: Set<String> = ["frame cut off then close by us"]
    /// Accepted by the original, refused here.
    static let stricter: [String: LinkError.Kind] = [
        // Features may have 64 KiB.
        "features frame of exactly 10 MiB announced": .tooLong,
        // No router sends abbreviated names.
        "name abbreviated ::9:9": .features,
    ]

    /// A link as the recorded router was started.
    static func router() -> MeshLink {
        JoinedLinksTests.link(.acceptor, JoinedLinksTests.Setting(versions: 1...2, password: nil))
    }

    /// The bytes of what was sent; `(N bytes)` at the end of a text stands for the rest, which is zeros.
    static func expand(_ text: String) throws -> [UInt8] {
        guard let cut = text.range(of: "...") else { return try #require(bytes(hexadecimal: text)) }
        let start = try #require(bytes(hexadecimal: text[..<cut.lowerBound]))
        let count = try #require(Int(text[cut.upperBound...].filter { $0.isNumber }))
        return start + [UInt8](repeating: 0, count: count - start.count)
    }

    @Test("a link does what the recorded router did with good and bad input", arguments: try cases())
    func recorded(_ sample: Case) throws {
        for pieces in [Pieces.whole, .bytes] {
            var link = MalformedHandshakeTests.router()
            _ = link.start()
            // A second connection in the list is another conversation.
            let first = sample.case == "second connection from the same peer" ? sample.sent.prefix(3) : sample.sent[...]
            let bytes = try first.flatMap { try MalformedHandshakeTests.expand($0) }
            guard pieces == .whole || bytes.count < 100_000 else { continue }
            var failure: LinkError?
            var isReady = false
            do throws(LinkError) {
                for piece in pieces.cut(bytes) {
                    for case .ready in try link.receive(piece) { isReady = true }
                }
            } catch {
                failure = error
            }
            let name = sample.case
            if let kind = MalformedHandshakeTests.stricter[name] {
                #expect(sample.outcome == "open" && failure?.kind == kind, "\(String(describing: failure))")
            } else if sample.outcome.contains("open") || MalformedHandshakeTests.decidedAbove.contains(name)
                || MalformedHandshakeTests.endedByUs.contains(name)
            {
                #expect(failure == nil && isReady, "\(String(describing: failure))")
            } else {
                #expect(failure != nil, "the router closed, the link did not")
            }
        }
    }

    @Test("features cut anywhere leave the handshake waiting")
    func truncated() throws {
        let good = try #require(try MalformedHandshakeTests.cases().first { $0.case == "good handshake" })
        let bytes = try good.sent.flatMap { try MalformedHandshakeTests.expand($0) }
        for length in 0..<bytes.count {
            var link = MalformedHandshakeTests.router()
            _ = link.start()
            for case .ready in try link.receive(Array(bytes.prefix(length))) {
                Issue.record("ready after \(length) of \(bytes.count) bytes")
            }
        }
    }

    @Test("public keys of small order are refused", arguments: [UInt8(0), 1])
    func smallOrder(_ first: UInt8) throws {
        var link = JoinedLinksTests.link(.acceptor, JoinedLinksTests.Setting(versions: 2...2, password: "x"))
        _ = link.start()
        let key = [first] + [UInt8](repeating: 0, count: 31)
        #expect(throws: LinkError.badPublicKey) { try link.receive(Array("weave".utf8) + [1, 2, 1] + key) }
    }

    @Test("a public key of a wrong length in version 1 is refused")
    func wrongKeyLength() throws {
        var dialler = JoinedLinksTests.link(.dialler, JoinedLinksTests.Setting(versions: 1...1, password: "x"))
        var collected = Collected()
        collected.add(dialler.start())
        // The key is the last feature: 64 digits after their count. One pair less everywhere.
        var bytes = collected.sent
        let count = try #require(bytes.lastIndex(of: 64))
        try #require(count == bytes.count - 65)
        bytes.removeLast(2)
        bytes[count] = 62
        // The message's length, in two bytes before type 65: it comes after the header and a definition of 15 bytes.
        let length = 7 + 15
        try #require(bytes[length] == 0xff && Int(bytes[length + 1]) == collected.sent.count - length - 2)
        bytes[length + 1] -= 2
        var acceptor = JoinedLinksTests.link(.acceptor, JoinedLinksTests.Setting(versions: 1...1, password: "x"))
        _ = acceptor.start()
        #expect(throws: LinkError.badPublicKey) { try acceptor.receive(bytes) }
    }

    @Test("every reason has words that name what to do or look at, and shows no foreign control characters")
    func words() {
        #expect("\(LinkError.onlyRemoteHasPassword)".contains("--password-file"))
        #expect(
            "\(LinkError.noCommonVersion(ownMinimum: 2, ownMaximum: 2, remoteMinimum: 1, remoteMaximum: 1))"
                == "no common protocol version: we speak 2..2, it speaks 1..1 (--min-protocol 1 admits it)")
        let text = "\(LinkError.badFeature(key: "Name", value: "a\nb\u{1b}[31m" + String(repeating: "x", count: 99)))"
        #expect(!text.contains("\n") && !text.contains("\u{1b}") && text.utf8.count < 160)
    }
}
