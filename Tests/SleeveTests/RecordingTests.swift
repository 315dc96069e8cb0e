import Sealing
import Sleeve
import TestSupport
import Testing
import Wire

private let accepting = IPAddress(text: "10.99.1.1")
private let dialling = IPAddress(text: "10.99.1.2")

@Suite("Recorded conversations")
struct RecordingTests {
    @Test(
        "every clear datagram is read to its end and written to the same bytes",
        arguments: ["sleeve-clear", "sleeve-pmtu-blackhole", "sleeve-relay-ab", "sleeve-relay-bc"])
    func clear(name: String) throws {
        let datagrams = try Recording(name).datagrams
        #expect(datagrams.count > 20)
        for recorded in datagrams {
            let datagram = try SleeveDatagram(recorded.payload)
            let body = SleeveBody(datagram.body)
            #expect(body.fault == nil && !body.records.isEmpty, "packet \(recorded.number)")
            #expect(SleeveDatagram(sender: datagram.sender, body: body.encoded).encoded == recorded.payload)
            checkSpecials(body, of: recorded, sender: datagram.sender)
        }
    }

    @Test("every sealed datagram opens, counts on within its kind, and is sealed to the same bytes")
    func sealed() throws {
        let recording = try Recording("sleeve-encrypted")
        let sessionKey = try #require(recording.sessionKey)
        let fromDialler = try DatagramOpener(sessionKey: sessionKey, senderDialled: true)
        let fromAcceptor = try DatagramOpener(sessionKey: sessionKey, senderDialled: false)
        var next: [String: UInt64] = [:]
        #expect(recording.datagrams.count > 20)
        for recorded in recording.datagrams {
            let datagram = try SleeveDatagram(recorded.payload)
            let sealed = try SealedBody(datagram.body)
            let isDialler = recorded.source.address == dialling
            let opened = isDialler ? fromDialler.open(sealed) : fromAcceptor.open(sealed)
            let clear = try #require(opened, "packet \(recorded.number)")
            let body = SleeveBody(clear)
            #expect(body.fault == nil && !body.records.isEmpty && body.encoded == clear)
            checkSpecials(body, of: recorded, sender: datagram.sender)

            #expect(sealed.sequence.dontFragment == recorded.dontFragment)
            let kind = "\(datagram.sender) \(sealed.sequence.dontFragment)"
            // None is used twice, and none goes back.
            #expect(sealed.sequence.number >= next[kind, default: 0], "packet \(recorded.number)")
            next[kind] = sealed.sequence.number + 1

            let again =
                isDialler
                ? fromDialler.seal(clear, sequence: sealed.sequence)
                : fromAcceptor.seal(clear, sequence: sealed.sequence)
            #expect(SleeveDatagram(sender: datagram.sender, body: again.encoded).encoded == recorded.payload)
        }
        #expect(next.count == 4)
    }

    /// Special frames are between neighbours, travel as our table says, and are what we would write.
    private func checkSpecials(_ body: SleeveBody, of recorded: Recording.Datagram, sender: PeerName) {
        for record in body.records {
            guard let event = SleeveEvent(record.frame, from: recorded.source) else { continue }
            let special: SleeveSpecial
            switch event {
            case .heartbeat(let uid, _): special = .heartbeat(connectionUID: uid)
            case .fragmentationTest(let intact):
                #expect(intact)
                special = .fragmentationTest
            case .mtuTest(let size): special = .mtuTest(size: size)
            default: continue
            }
            #expect(record.source == sender && special.frame == record.frame)
            #expect(special.dontFragment == recorded.dontFragment)
            #expect(special.body(from: record.source, to: record.destination) == body.encoded)
        }
    }

    @Test(
        "a link in the place of either router answers the other's tests with the recorded control messages",
        arguments: ["sleeve-clear", "sleeve-encrypted"], [true, false])
    func linkInPlace(name: String, isDialler: Bool) throws {
        let recording = try Recording(name)
        let own = try #require(isDialler ? dialling : accepting)
        let remote = Endpoint(try #require(isDialler ? accepting : dialling), .mesh)
        let conversation = try Conversation(recording, of: remote.address)
        let start = MonotonicInstant(nanoseconds: 0)
        var link = SleeveLink(
            parameters: SleeveParameters(
                connectionUID: try #require(conversation.connectionUID), isOutbound: isDialler, remote: remote,
                isSealed: recording.sessionKey != nil, underlayMTU: 1_500),
            at: start)
        var effects = link.handle(.confirm, at: start)
        for (seconds, event) in conversation.events {
            effects += link.handle(event, at: start + .seconds(seconds))
        }
        let answers = effects.compactMap { effect in
            if case .sendControl(let control) = effect { control } else { nil }
        }
        #expect(answers == recording.controls.filter { $0.sender == own }.map(\.message))
        #expect(effects.contains(.established))
        let view = link.view
        #expect(view.state == .established && view.remote == remote)
        #expect(view.path.mtu == (recording.sessionKey == nil ? 1_438 : 1_414))
        #expect(view.path.maximumPayload == 1_472 && view.path.carriesFragments && view.path.isVerified)
    }
}

/// What one side of a recording received, as events of a link.
private struct Conversation {
    private(set) var events: [(seconds: Double, event: SleeveEvent)] = []
    private(set) var connectionUID: UInt64?

    init(_ recording: Recording, of sender: IPAddress) throws {
        let opener = try recording.sessionKey.map {
            try DatagramOpener(sessionKey: $0, senderDialled: sender == dialling)
        }
        var numbered: [(Int, SleeveEvent)] = recording.controls.filter { $0.sender == sender }
            .map { ($0.number, .control($0.message)) }
        for recorded in recording.datagrams where recorded.source.address == sender {
            var body = try SleeveDatagram(recorded.payload).body
            if let opener { body = try #require(opener.open(try SealedBody(body))) }
            for record in SleeveBody(body).records {
                guard let event = SleeveEvent(record.frame, from: recorded.source) else { continue }
                if case .heartbeat(let uid, _) = event { connectionUID = uid }
                numbered.append((recorded.number, event))
            }
        }
        events = numbered.sorted { $0.0 < $1.0 }.map { (recording.times[$0.0 - 1], $0.1) }
    }
}
