import Mesh
import TestSupport
import Testing
import Wire

@Suite struct MeshMessageCodecTests {
    private func decode(_ hex: String) throws -> MeshMessage {
        try MeshMessageCodec.decode(try #require(bytes(hexadecimal: hex.filter { $0 != " " })))
    }

    private let peer = PeerName(rawValue: 0x0200_0000_0b01) ?? .unknown

    @Test("a gossip message is tag, channel, source and payload, in canonical bytes")
    func gossip() throws {
        let message = MeshMessage.gossip(channel: "topology", source: peer, payload: [1, 2])
        let hex = "04 0b0c0008746f706f6c6f6779 090600fa020000000b01 050a00020102"
        #expect(hexadecimal(MeshMessageCodec.encode(message)) == hex.filter { $0 != " " })
        #expect(try decode(hex) == message)
        // Bytes after the payload don't matter.
        #expect(try decode(hex + "6a756e6b") == message)
    }

    @Test("every message comes back from its bytes")
    func roundTrip() throws {
        for message in JoinedLinksTests.messages {
            #expect(try MeshMessageCodec.decode(MeshMessageCodec.encode(message)) == message)
        }
    }

    @Test("a heartbeat's body, an empty message and unknown tags are ignored")
    func ignored() throws {
        #expect(try decode("00 616263") == .heartbeat)
        #expect(try decode("") == .unknown)
        #expect(try decode("08 616263") == .unknown)
        #expect(try decode("ff") == .unknown)
    }

    @Test("overlay control of less than two bytes is an error", arguments: ["07", "0700"])
    func shortControl(_ hex: String) {
        #expect(throws: MeshMessageError.self) { try decode(hex) }
    }

    @Test("overlay control has an index, a tag, and maybe a body")
    func control() throws {
        #expect(try decode("07 00 01") == .overlayControl(index: 0, tag: 1, body: []))
        #expect(try decode("07 09 03 05 9e") == .overlayControl(index: 9, tag: 3, body: [5, 0x9e]))
        #expect(try decode("03 05 9e") == .plainOverlayControl(tag: 3, body: [5, 0x9e]))
        #expect(try decode("01") == .plainOverlayControl(tag: 1, body: []))
    }

    @Test(
        "a gossip header with a value missing or of another type is an error",
        arguments: [
            "04", "0468656c6c6f", "04 0b0c0008746f706f6c6f6779", "04 0b0c0008746f706f6c6f6779 03060005",
            "04 0b0c0008746f706f6c6f6779 040c000178 030a0000", "05 0b0c0008746f706f6c6f6779 03060005",
            // A source beyond 48 bits.
            "04 0b0c0008746f706f6c6f6779 0a0600f901000000000000 030a0000",
        ])
    func badGossip(_ hex: String) {
        #expect(throws: MeshMessageError.self) { try decode(hex) }
    }

    @Test("a unicast without payload, and a channel that is not UTF-8, are ignored")
    func relayed() throws {
        #expect(try decode("05 0b0c0008746f706f6c6f6779 03060005 040600ff99") == .unknown)
        #expect(try decode("04 050c0002fffe 03060005 060a000378797a") == .unknown)
    }

    @Test("random bytes never stop the decoder from returning", arguments: 0..<50)
    func random(_ seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let valid = MeshMessageCodec.encode(
            .unicast(channel: "IPallocation", source: peer, destination: peer, payload: random.bytes(40)))
        var refused = 0
        for _ in 0..<400 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if (try? MeshMessageCodec.decode(Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))))
                == nil
            {
                refused += 1
            }
        }
        #expect(refused > 0)
    }
}
