import Sealing
import Sleeve
import TestSupport
import Testing
import Wire

/// `Tests/Fixtures/sleeve/crypto-vectors.json`: datagrams made by the reference router's code.
private struct Vectors: Decodable {
    struct Frame: Decodable {
        let source: String
        let destination: String
        let frame: String

        private enum CodingKeys: String, CodingKey {
            case source = "Src"
            case destination = "Dst"
            case frame = "Frame"
        }
    }
    struct Datagram: Decodable {
        let note: String
        let seq: UInt64
        let df: Bool
        let frames: [Frame]?
        let datagram: String
    }
    struct Group: Decodable {
        let datagrams: [Datagram]
        let sender: String
        let sessionKey: String?
        let packetOverhead: Int

        private enum CodingKeys: String, CodingKey {
            case datagrams, sender
            case sessionKey = "session_key"
            case packetOverhead = "packet_overhead"
        }
    }
    let clear: Group
    let fromAcceptor: Group
    let fromDialler: Group

    private enum CodingKeys: String, CodingKey {
        case clear = "sleeve_clear"
        case fromAcceptor = "sleeve_sealed_sender_inbound"
        case fromDialler = "sleeve_sealed_sender_outbound"
    }

    static func load() throws -> Vectors {
        try Fixture.json("sleeve/crypto-vectors.json", as: Vectors.self)
    }
}

private func name(_ hexadecimal: String) throws -> PeerName {
    try #require(UInt64(hexadecimal, radix: 16).flatMap(PeerName.init(rawValue:)))
}

private func binary(_ hexadecimal: String) throws -> [UInt8] {
    try #require(bytes(hexadecimal: hexadecimal))
}

private func records(_ datagram: Vectors.Datagram) throws -> [SleeveRecord] {
    try (datagram.frames ?? []).map {
        SleeveRecord(source: try name($0.source), destination: try name($0.destination), frame: try binary($0.frame))
    }
}

@Suite("Datagrams")
struct DatagramTests {
    @Test("clear datagrams are read and written as the reference router does")
    func clearVectors() throws {
        let group = try Vectors.load().clear
        #expect(group.packetOverhead == SleeveLayout.datagramHeader(isSealed: false))
        for vector in group.datagrams {
            let bytes = try binary(vector.datagram)
            let datagram = try SleeveDatagram(bytes)
            #expect(datagram.sender == (try name(group.sender)))
            let body = SleeveBody(datagram.body)
            #expect(body == SleeveBody(records: try records(vector)), "\(vector.note)")
            #expect(SleeveDatagram(sender: datagram.sender, body: body.encoded).encoded == bytes)
        }
    }

    @Test("datagrams sealed by either side open, and are sealed to the same bytes")
    func sealedVectors() throws {
        let vectors = try Vectors.load()
        for (group, senderDialled) in [(vectors.fromAcceptor, false), (vectors.fromDialler, true)] {
            #expect(group.packetOverhead == SleeveLayout.datagramHeader(isSealed: true))
            let opener = try DatagramOpener(
                sessionKey: try binary(try #require(group.sessionKey)), senderDialled: senderDialled)
            for vector in group.datagrams {
                let bytes = try binary(vector.datagram)
                let sealed = try SealedBody(try SleeveDatagram(bytes).body)
                #expect(sealed.sequence == SealedSequence(number: vector.seq, dontFragment: vector.df))
                #expect(sealed.sequence.number == vector.seq && sealed.sequence.dontFragment == vector.df)
                let clear = try #require(opener.open(sealed), "\(vector.note)")
                #expect(SleeveBody(clear) == SleeveBody(records: try records(vector)))
                let again = SleeveDatagram(
                    sender: try name(group.sender), body: opener.seal(clear, sequence: sealed.sequence).encoded)
                #expect(again.encoded == bytes)
            }
        }
    }

    @Test("a datagram cut at any byte gives the records before the cut, and says what is missing")
    func truncation() throws {
        let one = try name("02000000000a")
        let two = try name("02000000000b")
        let records = [
            SleeveRecord(source: one, destination: two, frame: [UInt8](1...20)),
            SleeveRecord(source: two, destination: one, frame: []),
            SleeveRecord(source: one, destination: one, frame: [UInt8](1...5)),
        ]
        let whole = SleeveBody(records: records).encoded
        let ends = [0, 34, 48, 67]
        #expect(whole.count == 67)
        for count in 0...whole.count {
            let cut = Array(whole.prefix(count))
            let body = SleeveBody(cut)
            let complete = ends.lastIndex { $0 <= count } ?? 0
            #expect(body.records == Array(records.prefix(complete)))
            #expect((body.fault == nil) == ends.contains(count), "\(count) bytes")
        }
        for count in 0..<6 {
            let cut = [UInt8](repeating: 2, count: count)
            #expect(throws: WireError.truncated(field: "sender", needed: 6, left: count)) {
                try SleeveDatagram(cut)
            }
        }
        for count in 0..<24 {
            let cut = [UInt8](repeating: 2, count: count)
            #expect(throws: WireError.self) { try SealedBody(cut) }
        }
    }

    @Test("random bytes never trap, and what was read is written to the same bytes")
    func randomBodies() {
        var random = SeededGenerator(seed: 0xb0d1)
        for _ in 0..<5_000 {
            var bytes = random.bytes(Int.random(in: 0..<120, using: &random))
            // Small lengths, so that many records are complete.
            for index in stride(from: 12, to: bytes.count, by: 14) { bytes[index] = 0 }
            let body = SleeveBody(bytes)
            let again = body.encoded
            #expect(Array(bytes.prefix(again.count)) == again)
            #expect((body.fault == nil) == (again.count == bytes.count))
        }
    }

    @Test("special frames are told apart by their length, and only if the Ethernet header is all zero")
    func specialFrames() throws {
        let source = try #require(Endpoint(text: "10.0.0.1:6783"))
        let heartbeat = SleeveSpecial.heartbeat(connectionUID: 0x0102_0304_0506_0708).frame
        #expect(hexadecimal(heartbeat) == "0000000000000000000000000000" + "0102030405060708")
        #expect(
            SleeveEvent(heartbeat, from: source)
                == .heartbeat(connectionUID: 0x0102_0304_0506_0708, from: source))
        let call = SleeveSpecial.call(connectionUID: 0x0102_0304_0506_0708).frame
        #expect(call == heartbeat + [1])
        #expect(SleeveEvent(call, from: source) == .call(connectionUID: 0x0102_0304_0506_0708, from: source))
        var fragmentation = SleeveSpecial.fragmentationTest.frame
        #expect(fragmentation.count == 60_001)
        #expect(SleeveEvent(fragmentation, from: source) == .fragmentationTest(intact: true))
        fragmentation[60_000] = 1
        #expect(SleeveEvent(fragmentation, from: source) == .fragmentationTest(intact: false))
        for size in [0, 7, 9, 64, 1_438, 59_986, 59_988] {
            let test = SleeveSpecial.mtuTest(size: size).frame
            #expect(test.count == size + 14)
            #expect(SleeveEvent(test, from: source) == .mtuTest(size: size))
        }
        for index in 0..<14 {
            var frame = heartbeat
            frame[index] = 1
            #expect(SleeveEvent(frame, from: source) == nil)
        }
        #expect(SleeveEvent([UInt8](repeating: 0, count: 13), from: source) == nil)
        #expect([8, 59_987, -1, 65_522].allSatisfy { !SleeveLayout.isTestable(size: $0) })
        #expect([0, 552, 65_521].allSatisfy { SleeveLayout.isTestable(size: $0) })
    }

    @Test("control messages have tags 1 to 3, and unknown or short ones are nothing")
    func controls() {
        let messages: [(SleeveControl, UInt8, [UInt8])] = [
            (.established, 1, []), (.fragmentsArrive, 2, []), (.mtuVerified(size: 1_438), 3, [0x05, 0x9e]),
        ]
        for (control, tag, payload) in messages {
            #expect(control.tag == tag && control.payload == payload)
            #expect(SleeveControl(tag: tag, payload: payload) == control)
        }
        #expect(SleeveControl(tag: 1, payload: [1, 2, 3]) == .established)
        #expect(SleeveControl(tag: 3, payload: [5]) == nil)
        #expect([0, 4, 255].allSatisfy { SleeveControl(tag: $0, payload: [0, 0]) == nil })
    }

    @Test("overheads are 62 bytes in clear and 86 sealed, so that 1,500 carries 1,438 and 1,414")
    func overheads() {
        #expect(SleeveLayout.overhead(isSealed: false) == 62)
        #expect(SleeveLayout.overhead(isSealed: true) == 86)
    }
}
