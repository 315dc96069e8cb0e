import Mesh
import Sealing
import TestSupport
import Testing
import Wire

/// Connections of reference routers, replayed against a link that plays one of the two.
@Suite struct RecordedSessionTests {
    @Test(
        "a recorded stream gives the features and every message of its sidecar, in pieces of any size",
        arguments: RecordedSession.names, Pieces.allCases)
    func replay(_ name: String, _ pieces: Pieces) throws {
        let session = try RecordedSession.load(name)
        for role in [LinkRole.dialler, .acceptor] {
            let recorded = session.stream(of: role.other)
            var link = try session.link(as: role)
            var collected = Collected()
            collected.add(link.start())
            for piece in pieces.cut(try recorded.bytes()) { collected.add(try link.receive(piece)) }
            let (remote, agreement) = try #require(collected.ready)
            try check(remote, recorded.features(), version: session.protocolVersion)
            try check(agreement, session)
            #expect(collected.messages.count == recorded.messages.count)
            for (message, item) in zip(collected.messages, recorded.messages) { try check(message, item) }
        }
    }

    @Test("what we send in a handshake is what the recorded router sent, but for the order of the features")
    func ownHandshake() throws {
        for name in RecordedSession.names {
            let session = try RecordedSession.load(name)
            for role in [LinkRole.dialler, .acceptor] {
                var link = try session.link(as: role)
                var collected = Collected()
                collected.add(link.start())
                // The other side's header, and its flag and key.
                let recorded = session.stream(of: role.other)
                let handshakeEnd = try #require(recorded.items.first { $0.features != nil }).offset
                collected.add(try link.receive(Array(try recorded.bytes().prefix(handshakeEnd))))
                let own = session.stream(of: role)
                let features = try #require(own.items.first { $0.features != nil })
                let bytes = try own.bytes()
                #expect(collected.sent.count == features.offset + features.length, "\(name) \(role)")
                #expect(collected.sent.prefix(features.offset) == bytes.prefix(features.offset), "\(name) \(role)")
                // What is sent last is what the recorded counterpart reads.
                var counterpart = try session.link(as: role.other)
                _ = counterpart.start()
                var read = Collected()
                read.add(try counterpart.receive(collected.sent))
                try check(try #require(read.ready).remote, own.features(), version: session.protocolVersion)
            }
        }
    }

    @Test("every recorded message encodes to the recorded bytes, sealed ones included")
    func reencode() throws {
        for name in RecordedSession.names {
            let session = try RecordedSession.load(name)
            for role in [LinkRole.dialler, .acceptor] {
                // One link reads what the recorded side sent, another sends it again in its place.
                var reader = try session.link(as: role.other)
                _ = reader.start()
                var read = Collected()
                let bytes = try session.stream(of: role).bytes()
                read.add(try reader.receive(bytes))
                var writer = try session.link(as: role)
                _ = writer.start()
                let other = session.stream(of: role.other)
                let features = try #require(other.items.first { $0.features != nil })
                _ = try writer.receive(Array(try other.bytes().prefix(features.offset + features.length)))
                #expect(!read.messages.isEmpty)
                for (message, item) in zip(read.messages, session.stream(of: role).messages) {
                    let encoded = try writer.encode(message)
                    let recorded = bytes[item.offset..<(item.offset + item.length)]
                    #expect(encoded[...] == recorded, "\(name) \(role) at \(item.offset)")
                }
            }
        }
    }

    @Test("a recorded stream cut anywhere gives the messages that were whole, and no error")
    func truncated() throws {
        for name in RecordedSession.names {
            let session = try RecordedSession.load(name)
            let recorded = session.stream(of: .dialler)
            let bytes = try recorded.bytes()
            var link = try session.link(as: .acceptor)
            var collected = Collected()
            collected.add(link.start())
            for (index, byte) in bytes.enumerated() {
                collected.add(try link.receive([byte]))
                let whole = recorded.messages.count { $0.offset + $0.length <= index + 1 }
                try #require(collected.messages.count == whole, "\(name) after \(index + 1) bytes")
            }
        }
    }

    @Test("a flipped bit is an error or other content, and in a sealed message always an error")
    func flipped() throws {
        for name in RecordedSession.names {
            let session = try RecordedSession.load(name)
            let recorded = session.stream(of: .dialler)
            let bytes = Array(try recorded.bytes().prefix(1400))
            let features = try #require(recorded.items.first { $0.features != nil })
            var errors = 0
            for index in bytes.indices {
                var damaged = bytes
                damaged[index] ^= 1 << UInt8(index % 8)
                var link = try session.link(as: .acceptor)
                _ = link.start()
                var failed = false
                do throws(LinkError) { _ = try link.receive(damaged) } catch { failed = true }
                if failed { errors += 1 }
                guard session.crypto != nil, session.protocolVersion == 2 else { continue }
                // Inside of a sealed frame that is whole in these bytes.
                let item = recorded.items.first {
                    $0.nonce != nil && ($0.offset + 4..<$0.offset + $0.length).contains(index)
                        && $0.offset + $0.length <= bytes.count
                }
                if item != nil { #expect(failed, "\(name): bit at \(index)") }
            }
            #expect(errors > features.offset, "\(name): \(errors)")
        }
    }

    private func check(_ remote: RemoteFeatures, _ texts: [String: String], version: UInt8) throws {
        #expect(remote.name.description == texts["Name"])
        #expect(remote.nickname == texts["NickName"])
        #expect(String(remote.uid) == texts["UID"])
        #expect(String(remote.halfID) == texts["ConnID"])
        #expect(remote.shortID?.description == texts["ShortID"])
        #expect(remote.isTrusted == (texts["Trusted"] == "true"))
        #expect(remote.overlays == texts["Overlays"].map { [$0] })
        #expect(remote.overlays == (version == 1 ? nil : ["sleeve"]))
        #expect(remote.unknown.isEmpty)
    }

    private func check(_ agreement: LinkAgreement, _ session: RecordedSession) throws {
        let ids = try [session.clientStream, session.serverStream].map { stream in
            let text = try #require(try stream.features()["ConnID"])
            return try #require(UInt64(text))
        }
        #expect(agreement.connectionUID == ids[0] ^ ids[1])
        #expect(agreement.version == session.protocolVersion)
        #expect(agreement.sessionKey.map { hexadecimal($0) } == session.crypto?.sessionKey)
        #expect(agreement.commonOverlays == ["sleeve"])
        #expect(agreement.usesPlainOverlayControl == (session.protocolVersion == 1))
    }

    private func check(_ message: MeshMessage, _ item: RecordedSession.Item) throws {
        switch message {
        case .heartbeat:
            #expect(item.tag == 0)
        case .plainOverlayControl(let tag, let body):
            #expect(item.tag == tag && item.bodyHex == hexadecimal(body))
        case .gossip(let channel, let source, let payload):
            #expect(item.tag == 4)
            try check(channel, source, nil, payload, item)
        case .unicast(let channel, let source, let destination, let payload):
            #expect(item.tag == 5)
            try check(channel, source, destination, payload, item)
        case .broadcast(let channel, let source, let payload):
            #expect(item.tag == 6)
            try check(channel, source, nil, payload, item)
        case .weft:
            Issue.record("the original does not say this")
        case .overlayControl(let index, let tag, let body):
            #expect(item.tag == 7 && item.bodyHex == hexadecimal([index, tag] + body))
        case .unknown:
            Issue.record("a recorded message with tag \(item.tag ?? 255) is unknown")
        }
    }

    private func check(
        _ channel: String, _ source: PeerName, _ destination: PeerName?, _ payload: [UInt8],
        _ item: RecordedSession.Item
    ) throws {
        #expect(channel == item.channel)
        #expect(source.description == item.source)
        #expect(destination?.description == item.destination)
        #expect(payload.count == item.payloadLength)
    }
}
