import NetlinkMessages
import TestSupport
import Testing

/// Whatever the bytes are, a decoder returns or throws its error. A trap would end the whole test run.
@Suite struct OpenVSwitchDamageTests {
    /// Reads bytes as everything that they could be; the first error, if any.
    @discardableResult
    private func read(_ bytes: [UInt8], _ families: OpenVSwitchFamilies) -> NetlinkMessageError? {
        do throws(NetlinkMessageError) {
            for message in try NetlinkMessage.messages(in: bytes) {
                if message.header.type == .genericControl { _ = try GenericFamily(message) }
                _ = try OpenVSwitchNews(message, families)
                if message.header.type == .error { _ = try NetlinkVerdict(message) }
            }
            let span = bytes.span
            var cursor = MessageCursor(0..<span.count)
            while let message = try cursor.next(in: span) {
                #expect(message.body.upperBound <= span.count)
                guard let upcall = try UpcallView(span, message, family: families.packet) else { continue }
                #expect(message.body.contains(upcall.packet.lowerBound) && upcall.packet.upperBound <= span.count)
                if let userdata = upcall.userdata { #expect(userdata.upperBound <= span.count) }
            }
            return nil
        } catch {
            #expect(!error.description.isEmpty)
            return error
        }
    }

    /// Answers, events and upcalls; one of each shape is enough to be cut at every byte.
    private func samples(_ recording: OpenVSwitchRecording) -> [OpenVSwitchRecording.Entry] {
        var seen: Set<String> = []
        return recording.entries.filter { entry in
            guard entry.expected.direction == "to-user" else { return false }
            let shape = [entry.expected.command ?? "", "\(entry.expected.attrs.map(\.name))"]
            return seen.insert(shape.joined()).inserted
        }
    }

    @Test("a message that ends early is an error", arguments: OpenVSwitchRecording.all)
    func truncated(_ recording: OpenVSwitchRecording) throws {
        let samples = samples(recording)
        #expect(samples.count >= 8)
        for entry in samples {
            let whole = try NetlinkMessage.messages(in: entry.bytes)
            guard whole.count == 1, let length = whole.first?.header.lengthBytes else { continue }
            #expect(read(entry.bytes, recording.families) == nil)
            for count in 1..<Int(length) {
                #expect(read(Array(entry.bytes.prefix(count)), recording.families) != nil, "\(count) bytes")
            }
        }
    }

    @Test("a body that ends early is an error or complete without it", arguments: OpenVSwitchRecording.all)
    func shortBodies(_ recording: OpenVSwitchRecording) throws {
        for entry in samples(recording) {
            let whole = try #require(try NetlinkMessage.messages(in: entry.bytes).first)
            for count in 0...whole.bodyBytes.count {
                let short = NetlinkRequest(
                    type: whole.header.type, flags: [], body: Array(whole.bodyBytes.prefix(count)), operation: "")
                read(short.bytes(sequence: 1, port: 1), recording.families)
            }
        }
    }

    @Test("no flipped bit traps", arguments: OpenVSwitchRecording.all)
    func flippedBits(_ recording: OpenVSwitchRecording) {
        for entry in samples(recording) {
            // Behind it there are the bytes of a packet, of which nothing is read.
            for index in entry.bytes.indices.prefix(256) {
                for bit in 0..<8 {
                    var bytes = entry.bytes
                    bytes[index] ^= 1 << bit
                    read(bytes, recording.families)
                }
            }
        }
    }

    @Test("random attributes do not trap")
    func random() throws {
        let recording = try OpenVSwitchRecording("clear")
        let families = recording.families
        var generator = SeededGenerator(seed: 0x6f76_7331)
        let types = [families.datapath, families.vport, families.flow, families.packet, .genericControl]
        for round in 0..<20_000 {
            var body = [UInt8(1 + generator.next() % 4), 1, 0, 0, 1, 0, 0, 0]
            for _ in 0..<(generator.next() % 6) {
                // Lengths that fit and numbers that mean something go deeper than random bytes.
                let payload = generator.bytes(Int(generator.next() % 40))
                body += [UInt8(4 + payload.count), 0, UInt8(generator.next() % 26), 0] + payload
                while !body.count.isMultiple(of: 4) { body.append(0) }
            }
            let request = NetlinkRequest(type: types[round % types.count], flags: [], body: body, operation: "")
            read(request.bytes(sequence: 1, port: 1), families)
        }
    }

    @Test("actions within actions end somewhere")
    func deepActions() throws {
        let recording = try OpenVSwitchRecording("clear")
        var bytes: [UInt8] = []
        for _ in 0..<3000 {
            let length = UInt16(bytes.count + 4)
            bytes = [UInt8(truncatingIfNeeded: length), UInt8(length >> 8), 20, 0] + bytes
        }
        let length = UInt16(bytes.count + 4)
        let body: [UInt8] =
            [1, 1, 0, 0, 1, 0, 0, 0, UInt8(truncatingIfNeeded: length), UInt8(length >> 8), 2, 0] + bytes
        let request = NetlinkRequest(type: recording.families.flow, flags: [], body: body, operation: "")
        let message = try #require(try NetlinkMessage.messages(in: request.bytes(sequence: 1, port: 1)).first)
        #expect(throws: NetlinkMessageError.attributeValue(attribute: "OVS_ACTION_ATTR_CLONE")) { try Flow(message) }
    }

    @Test("what is missing or mis-sized is named with what contains it")
    func named() throws {
        let families = try OpenVSwitchRecording("clear").families
        func error(_ type: NetlinkType, _ attributes: [UInt8], command: UInt8 = 1) -> NetlinkMessageError? {
            let request = NetlinkRequest(
                type: type, flags: [], body: [command, 1, 0, 0, 1, 0, 0, 0] + attributes, operation: "")
            return read(request.bytes(sequence: 1, port: 1), families)
        }
        #expect(error(families.packet, []) == .attributeMissing(attribute: "OVS_PACKET_ATTR_PACKET"))
        let packet: [UInt8] = [18, 0, 1, 0] + Array(repeating: 0, count: 16)
        #expect(error(families.packet, packet) == .attributeMissing(attribute: "OVS_PACKET_ATTR_KEY"))
        #expect(error(families.packet, packet + [4, 0, 2, 0]) == .attributeMissing(attribute: "OVS_KEY_ATTR_IN_PORT"))
        #expect(
            error(families.packet, packet + [10, 0, 2, 0, 6, 0, 3, 0, 1, 0, 0, 0])
                == .attributeLength(attribute: "OVS_KEY_ATTR_IN_PORT", length: 2))
        #expect(
            error(families.packet, packet + [8, 0, 2, 0, 9, 0, 3, 0])
                == .attributeFraming(container: "OVS_PACKET_ATTR_KEY", declared: 9, left: 4))
        #expect(
            error(families.packet, [], command: 9)
                == .unexpectedCommand(message: "struct ovs_header of an upcall", command: 9))
        #expect(error(families.vport, []) == .attributeMissing(attribute: "OVS_VPORT_ATTR_PORT_NO"))
        #expect(
            error(families.vport, [8, 0, 1, 0, 1, 0, 0, 0, 9, 0, 5, 0, 1, 2, 3, 4, 5, 0, 0, 0])
                == .attributeLength(attribute: "OVS_VPORT_ATTR_UPCALL_PID", length: 5))
        #expect(
            error(families.flow, [], command: 7)
                == .unexpectedCommand(message: "struct ovs_header of a flow", command: 7))
    }
}
