import NetlinkMessages
import TestSupport
import Testing

/// Whatever the bytes are, a decoder returns or throws its error. A trap would end the whole test run.
@Suite struct DamagedBytesTests {
    private func decodeAll(_ bytes: [UInt8]) -> NetlinkMessageError? {
        do {
            for message in try NetlinkMessage.messages(in: bytes) { try decodeAny(message) }
            return nil
        } catch let error as NetlinkMessageError {
            #expect(!error.description.isEmpty)
            return error
        } catch {
            Issue.record("\(error)")
            return nil
        }
    }

    @Test("bytes that end early are an error, at every place", arguments: Recording.all)
    func truncated(_ recording: Recording) throws {
        for bytes in [recording.request, recording.reply] {
            var boundaries: Set<Int> = [0]
            var end = 0
            for message in try NetlinkMessage.messages(in: bytes) {
                end += (Int(message.header.lengthBytes) + 3) & ~3
                boundaries.insert(end)
                // The padding of the last message may be missing.
                for short in 1...3 where (Int(message.header.lengthBytes) + short).isMultiple(of: 4) {
                    for left in 1...short { boundaries.insert(end - left) }
                }
            }
            for count in 0..<bytes.count where !boundaries.contains(count) {
                #expect(decodeAll(Array(bytes.prefix(count))) != nil, "\(count) bytes")
            }
        }
    }

    @Test("a message whose body ends early is an error or complete without it", arguments: Recording.all)
    func shortBodies(_ recording: Recording) throws {
        for message in try recording.answers {
            let whole = NetlinkRequest(
                type: message.header.type, flags: message.header.flags, body: message.bodyBytes, operation: "")
            for count in 0...whole.body.count {
                let short = NetlinkRequest(
                    type: whole.type, flags: whole.flags, body: Array(whole.body.prefix(count)), operation: "")
                _ = decodeAll(short.bytes(sequence: 1, port: 1))
            }
        }
    }

    @Test("no flipped bit traps", arguments: Recording.all)
    func flippedBits(_ recording: Recording) {
        // The longest lists are flipped in their first messages; the others repeat them.
        for index in recording.reply.indices.prefix(1024) {
            for bit in 0..<8 {
                var bytes = recording.reply
                bytes[index] ^= 1 << bit
                _ = decodeAll(bytes)
            }
        }
    }

    @Test("random bytes behind a valid header do not trap")
    func random() {
        var generator = SeededGenerator(seed: 0x7765_6674)
        let types: [NetlinkType] = [.newLink, .newAddress, .newRoute, .newNamespaceNumber, .newChain, .error, .done]
        for round in 0..<20_000 {
            var body = generator.bytes(Int(generator.next() % 96))
            // Lengths that nearly fit go deeper than random ones.
            if round.isMultiple(of: 2), body.count > 20 { (body[16], body[17]) = (UInt8(generator.next() % 32), 0) }
            let request = NetlinkRequest(
                type: types[round % types.count], flags: NetlinkFlags(rawValue: UInt16(generator.next() & 0x3ff)),
                body: body, operation: "")
            _ = decodeAll(request.bytes(sequence: 1, port: 1))
        }
    }

    @Test("an attribute of length zero ends in an error, not in a loop")
    func zeroLength() throws {
        let body: [UInt8] = Array(repeating: 0, count: 16) + [0, 0, 3, 0]
        let request = NetlinkRequest(type: .newLink, flags: [], body: body, operation: "")
        let message = try #require(try NetlinkMessage.messages(in: request.bytes(sequence: 1, port: 1)).first)
        #expect(throws: NetlinkMessageError.attributeFraming(container: "struct ifinfomsg", declared: 0, left: 4)) {
            try Link(message)
        }
    }

    @Test("a missing or mis-sized attribute is named")
    func named() throws {
        let header: [UInt8] = [0, 0, 1, 0, 7, 0, 0, 0] + Array(repeating: 0, count: 8)
        let without = NetlinkRequest(type: .newLink, flags: [], body: header, operation: "")
        let empty = try #require(try NetlinkMessage.messages(in: without.bytes(sequence: 1, port: 1)).first)
        #expect(throws: NetlinkMessageError.attributeMissing(attribute: "IFLA_IFNAME")) { try Link(empty) }
        // IFLA_MTU with two bytes.
        let short = header + [6, 0, 4, 0, 0, 5, 0, 0]
        let bad = NetlinkRequest(type: .newLink, flags: [], body: short, operation: "")
        let message = try #require(try NetlinkMessage.messages(in: bad.bytes(sequence: 1, port: 1)).first)
        #expect(throws: NetlinkMessageError.attributeLength(attribute: "IFLA_MTU", length: 2)) { try Link(message) }
    }
}
