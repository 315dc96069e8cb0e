import Mesh
import Sealing
import TestSupport
import Testing
import Wire

/// Two links joined back to back.
@Suite struct JoinedLinksTests {
    struct Setting: CustomTestStringConvertible, Sendable {
        let versions: ClosedRange<UInt8>
        let password: String?

        var testDescription: String { "\(versions.lowerBound)..\(versions.upperBound) \(password ?? "clear")" }

        static let all: [Setting] = [1...1, 1...2, 2...2].flatMap { versions in
            [nil, "one", "other"].map { Setting(versions: versions, password: $0) }
        }
    }

    static func link(
        _ role: LinkRole, _ setting: Setting, overlays: [String] = ["sleeve"], nickname: String = "nick"
    ) -> MeshLink {
        let isDialler = role == .dialler
        var random = SeededGenerator(seed: isDialler ? 1 : 2)
        let identity = LinkIdentity(
            name: PeerName(rawValue: isDialler ? 0x0200_0000_0d01 : 0x0200_0000_0d02) ?? .unknown,
            nickname: nickname, uid: random.next(), shortID: ShortID(rawValue: 7), trustsRemote: isDialler,
            overlays: overlays)
        return MeshLink(
            role: role,
            configuration: LinkConfiguration(
                identity: identity, minimumVersion: setting.versions.lowerBound,
                maximumVersion: setting.versions.upperBound, password: setting.password.map { Array($0.utf8) },
                halfID: random.next(), privateKey: random.bytes(32)),
            cryptography: SodiumCryptography())
    }

    /// Passes bytes to and fro until neither side has more to say.
    static func join(
        _ dialler: inout MeshLink, _ acceptor: inout MeshLink, byteByByte: Bool = false
    ) throws(LinkError) -> (dialler: Collected, acceptor: Collected) {
        var left = Collected()
        var right = Collected()
        left.add(dialler.start())
        right.add(acceptor.start())
        var leftRead = 0
        var rightRead = 0
        while leftRead < right.sent.count || rightRead < left.sent.count {
            if rightRead < left.sent.count {
                let end = byteByByte ? rightRead + 1 : left.sent.count
                right.add(try acceptor.receive(Array(left.sent[rightRead..<end])))
                rightRead = end
            }
            if leftRead < right.sent.count {
                let end = byteByByte ? leftRead + 1 : right.sent.count
                left.add(try dialler.receive(Array(right.sent[leftRead..<end])))
                leftRead = end
            }
        }
        return (left, right)
    }

    static let messages: [MeshMessage] = {
        let name = PeerName(rawValue: 0x0200_0000_0b01) ?? .unknown
        return [
            .heartbeat, .plainOverlayControl(tag: 3, body: [5, 0x9e]),
            .gossip(channel: "topology", source: name, payload: []),
            .unicast(channel: "IPallocation", source: name, destination: .unknown, payload: [1, 2, 3]),
            .broadcast(channel: "naïve-✓", source: name, payload: [UInt8](repeating: 9, count: 2_000)),
            .overlayControl(index: 0, tag: 1, body: []), .unknown,
            .weft(
                .announcement(
                    [RecordVersion(name: name, version: 1 << 40, uid: .max, hasShortID: true)], isComplete: false)),
            .weft(.announcement([], isComplete: true)), .weft(.request([name, .unknown])), .weft(.digest(77)),
            .weft(.farewell("naïve")),
        ]
    }()

    @Test(
        "both sides agree and exchange messages, or one says why not, for all versions and passwords",
        arguments: Setting.all, Setting.all)
    func combinations(_ diallerSetting: Setting, _ acceptorSetting: Setting) throws {
        for byteByByte in [false, true] {
            var dialler = JoinedLinksTests.link(.dialler, diallerSetting)
            var acceptor = JoinedLinksTests.link(.acceptor, acceptorSetting)
            let version = min(diallerSetting.versions.upperBound, acceptorSetting.versions.upperBound)
            let kind: LinkError.Kind? =
                if version < max(diallerSetting.versions.lowerBound, acceptorSetting.versions.lowerBound) {
                    .version
                } else if (diallerSetting.password == nil) != (acceptorSetting.password == nil) {
                    .password
                } else if diallerSetting.password != acceptorSetting.password, version == 2 {
                    .sealing
                } else {
                    nil
                }
            let sides: (dialler: Collected, acceptor: Collected)
            do throws(LinkError) {
                sides = try JoinedLinksTests.join(&dialler, &acceptor, byteByByte: byteByByte)
            } catch {
                #expect(error.kind == kind, "\(error)")
                continue
            }
            #expect(kind == nil)
            let left = try #require(sides.dialler.ready)
            let right = try #require(sides.acceptor.ready)
            #expect(left.agreement == right.agreement || diallerSetting.password != acceptorSetting.password)
            #expect(left.agreement.version == version)
            #expect((left.agreement.sessionKey == nil) == (diallerSetting.password == nil))
            #expect(left.remote.name == PeerName(rawValue: 0x0200_0000_0d02))
            #expect(right.remote.isTrusted == (version == 2))
            #expect(right.remote.shortID == (version == 2 ? ShortID(rawValue: 7) : nil))
            if diallerSetting.password == acceptorSetting.password {
                try exchange(&dialler, &acceptor, byteByByte: byteByByte)
                try exchange(&acceptor, &dialler, byteByByte: byteByByte)
            } else {
                // Version 1 notices different passwords at the first message only.
                let bytes = try dialler.encode(.heartbeat)
                #expect(throws: LinkError.notOpened) { try acceptor.receive(bytes) }
            }
        }
    }

    private func exchange(_ sender: inout MeshLink, _ receiver: inout MeshLink, byteByByte: Bool) throws {
        var bytes: [UInt8] = []
        for message in JoinedLinksTests.messages { bytes += try sender.encode(message) }
        var collected = Collected()
        collected.ready = (
            RemoteFeatures(name: .unknown, nickname: "", uid: 0, halfID: 0),
            LinkAgreement(
                version: 2, connectionUID: 0, sessionKey: nil, commonOverlays: [], usesPlainOverlayControl: false)
        )
        if byteByByte {
            for byte in bytes { collected.add(try receiver.receive([byte])) }
        } else {
            collected.add(try receiver.receive(bytes))
        }
        #expect(collected.messages == JoinedLinksTests.messages)
    }

    @Test("a link that knows its version says all that it can at once")
    func opening() {
        let cases: [(Setting, Int)] = [
            // Header and features.
            (Setting(versions: 1...1, password: nil), 7 + 100), (Setting(versions: 2...2, password: nil), 8 + 100),
            // Header, flag and key.
            (Setting(versions: 2...2, password: "x"), 40), (Setting(versions: 1...2, password: nil), 7),
        ]
        for (setting, least) in cases {
            var link = JoinedLinksTests.link(.dialler, setting)
            var collected = Collected()
            collected.add(link.start())
            #expect(collected.sent.count >= least, "\(setting.testDescription)")
            #expect(least > 99 || collected.sent.count == least)
        }
    }

    @Test("overlays in common are listed in our own order, on both sides")
    func overlayOrder() throws {
        let setting = Setting(versions: 2...2, password: nil)
        var dialler = JoinedLinksTests.link(.dialler, setting, overlays: ["warp", "sleeve", "fastdp"])
        var acceptor = JoinedLinksTests.link(.acceptor, setting, overlays: ["fastdp", "sleeve"])
        let sides = try JoinedLinksTests.join(&dialler, &acceptor)
        #expect(sides.dialler.ready?.agreement.commonOverlays == ["sleeve", "fastdp"])
        #expect(sides.acceptor.ready?.agreement.commonOverlays == ["fastdp", "sleeve"])
    }

    @Test("a nickname of 256 bytes is kept, a longer one cut between characters")
    func nickname() throws {
        let setting = Setting(versions: 2...2, password: nil)
        for (sent, kept) in [
            (String(repeating: "é", count: 128), 256), (String(repeating: "é", count: 129), 256),
            ("x" + String(repeating: "é", count: 200), 255),
        ] {
            var dialler = JoinedLinksTests.link(.dialler, setting, nickname: sent)
            var acceptor = JoinedLinksTests.link(.acceptor, setting)
            let sides = try JoinedLinksTests.join(&dialler, &acceptor)
            let remote = try #require(sides.acceptor.ready?.remote)
            #expect(remote.nickname.utf8.count == kept && sent.hasPrefix(remote.nickname))
        }
    }

    @Test("a message at the limit goes through, one byte more can't be sent", arguments: Setting.all)
    func longest(_ setting: Setting) throws {
        guard setting.versions.lowerBound == setting.versions.upperBound, setting.password != "other" else { return }
        var dialler = JoinedLinksTests.link(.dialler, setting)
        var acceptor = JoinedLinksTests.link(.acceptor, setting)
        _ = try JoinedLinksTests.join(&dialler, &acceptor)
        // Tag, index and tag stand before the body.
        let room = (10 << 20) - 3 - (setting.password == nil ? 0 : 16)
        let fits = MeshMessage.overlayControl(index: 0, tag: 1, body: [UInt8](repeating: 1, count: room))
        let bytes = try dialler.encode(fits)
        var count = 0
        let begin = ProcessorTime.ofThisThread()
        var rest = bytes[...]
        while !rest.isEmpty {
            for case .message(let message) in try acceptor.receive(Array(rest.prefix(200))) {
                #expect(message == fits)
                count += 1
            }
            rest = rest.dropFirst(200)
        }
        #expect(count == 1)
        // Copying all for each piece would be 270 GB, more than half a minute.
        #expect(ProcessorTime.ofThisThread() - begin < .seconds(8))
        let long = MeshMessage.overlayControl(index: 0, tag: 1, body: [UInt8](repeating: 1, count: room + 1))
        #expect(throws: LinkError.messageTooLong(bytes: (10 << 20) + 1, limit: 10 << 20)) { try dialler.encode(long) }
        // A refused message does not count: what follows still opens.
        #expect(try acceptor.receive(try dialler.encode(.heartbeat)).count == 1)
    }

    @Test("nothing can be sent before the handshake is done, and nothing after an error")
    func notReady() throws {
        let setting = Setting(versions: 2...2, password: nil)
        var dialler = JoinedLinksTests.link(.dialler, setting)
        #expect(throws: LinkError.notReady) { try dialler.encode(.heartbeat) }
        _ = dialler.start()
        #expect(throws: LinkError.notReady) { try dialler.encode(.heartbeat) }
        #expect(throws: LinkError.notMesh) { try dialler.receive(Array("GET / HTTP/1.1".utf8)) }
        #expect(throws: LinkError.notReady) { try dialler.encode(.heartbeat) }
        #expect(throws: LinkError.notMesh) { try dialler.receive([1]) }
    }
}
