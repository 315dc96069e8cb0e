import NetlinkMessages
import Testing

/// The kernel is played by a function from sequence and port to datagrams.
@Suite struct ConversationTests {
    private func answer(
        _ type: NetlinkType, _ flags: NetlinkFlags = [], _ body: [UInt8] = [], sequence: UInt32 = 7, port: UInt32 = 42
    ) -> [UInt8] {
        var bytes = NetlinkRequest(type: type, flags: flags, body: body, operation: "").bytes(
            sequence: sequence, port: port)
        // Requests always carry NLM_F_REQUEST; answers never do.
        bytes[6] &= ~1
        return bytes
    }

    private func verdict(_ negated: [UInt8]) -> [UInt8] {
        answer(.error, .capped, negated + Array(repeating: 0, count: 16))
    }

    private func conversation(_ request: NetlinkRequest) -> NetlinkConversation {
        NetlinkConversation(request, sequence: 7, port: 42)
    }

    @Test("an acknowledged request ends with its acknowledgement")
    func acknowledged() throws {
        var conversation = conversation(.deleteLink(1))
        #expect(try conversation.receive(verdict([0, 0, 0, 0])) == .answered([]))
    }

    @Test("a refusal ends any request")
    func refused() throws {
        for request in [NetlinkRequest.deleteLink(1), .links(), .link(index: 1)] {
            var conversation = conversation(request)
            // -EPERM
            #expect(
                try conversation.receive(verdict([0xff, 0xff, 0xff, 0xff])) == .refused(NetlinkVerdict(errno: 1)))
        }
    }

    @Test("the most negative number is not negated into a trap")
    func mostNegative() throws {
        var conversation = conversation(.deleteLink(1))
        let outcome = try conversation.receive(verdict([0, 0, 0, 0x80]))
        #expect(outcome == .refused(NetlinkVerdict(errno: .min)))
    }

    @Test("answers to other requests are skipped and counted")
    func others() throws {
        var conversation = conversation(.link(index: 1))
        #expect(try conversation.receive(answer(.newLink, sequence: 6)) == nil)
        #expect(try conversation.receive(answer(.newLink, port: 41)) == nil)
        #expect(try conversation.receive(answer(.newLink, sequence: 0, port: 0)) == nil)
        #expect(conversation.skipped == 3)
        guard case .answered(let messages) = try conversation.receive(answer(.newLink)) else {
            Issue.record("the answer was not taken")
            return
        }
        #expect(messages.count == 1)
    }

    @Test("a list ends with its end, over several datagrams")
    func list() throws {
        var conversation = conversation(.links())
        #expect(
            try conversation.receive(answer(.newLink, .multipart) + answer(.newLink, .multipart)) == nil)
        #expect(try conversation.receive(answer(.newLink, .multipart)) == nil)
        guard case .answered(let messages) = try conversation.receive(answer(.done, .multipart, [0, 0, 0, 0])) else {
            Issue.record("the list did not end")
            return
        }
        #expect(messages.count == 3)
    }

    @Test("a list that changed while it was read is interrupted, wherever the kernel says so")
    func interrupted() throws {
        var first = conversation(.links())
        #expect(try first.receive(answer(.newLink, [.multipart, .dumpInterrupted])) == nil)
        #expect(try first.receive(answer(.done, .multipart, [0, 0, 0, 0])) == .interrupted)
        var last = conversation(.links())
        #expect(try last.receive(answer(.done, [.multipart, .dumpInterrupted], [0, 0, 0, 0])) == .interrupted)
        var overrun = conversation(.links())
        #expect(try overrun.receive(answer(.overrun)) == .interrupted)
    }

    @Test("recorded conversations end as they did", arguments: Recording.all)
    func recorded(_ recording: Recording) throws {
        let header = try #require(try NetlinkMessage.messages(in: recording.request).first?.header)
        let request = NetlinkRequest(type: header.type, flags: header.flags, body: [], operation: "")
        var conversation = NetlinkConversation(request, sequence: header.sequence, port: header.port)
        let outcome = try #require(try conversation.receive(recording.reply))
        switch outcome {
        case .answered: #expect(!["link-missing", "refused-with-text"].contains(recording.name))
        case .refused: #expect(["link-missing", "refused-with-text"].contains(recording.name))
        case .interrupted: Issue.record("\(recording.name) was interrupted")
        }
        #expect(conversation.skipped == 0)
    }
}
