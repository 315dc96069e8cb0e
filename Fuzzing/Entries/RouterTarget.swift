import Mesh
import Wire

extension FuzzTarget {
    /// A whole router, whose neighbour has finished its handshake and means harm; strangers come and go beside it.
    ///
    /// Events one after the other, the first byte of each says what happens (`RouterRun.next`).
    static let router = FuzzTarget("router", maximumBytes: 1_536) { bytes throws(BrokenPromise) in
        var input = FuzzInput(bytes)
        var run = RouterRun.begun
        var events = 0
        while !input.isEmpty, events < 100 {
            events += 1
            run.next(&input)
            // To look at everything costs more than most events.
            if events.isMultiple(of: 4) { try run.check() }
        }
        try run.check()
        try run.settle()
    }
}

/// A router in the hands of the fuzzer: peer 1, connected with peer 9 over link 1 and with peer 8 over link 2.
private struct RouterRun {
    private var router: MeshRouter
    private var now = MonotonicInstant(nanoseconds: 1_000_000_000)
    private var wakeAt: MonotonicInstant?
    /// Connections that the router has not closed.
    private var open: Set<LinkID> = []
    private var dialling: Set<LinkID> = []
    private var overlays: Set<LinkID> = []
    private var accepted: UInt64 = 0

    /// Both handshakes are done, in clear. Made once: routers are values.
    static let begun: RouterRun = {
        var run = RouterRun()
        for number in [9, 8] as [UInt8] { run.greet(from: number) }
        return run
    }()

    private init() {
        router = MeshRouter(
            configuration: MeshConfiguration(name: FuzzInput.peer(1), nickname: "one", uid: 5, connectionLimit: 8),
            cryptography: ToyCryptography(), random: Numbers(), at: now)
        _ = router.handle(.start, at: now)
    }

    private mutating func greet(from number: UInt8) {
        var wire = MeshLink(
            role: .dialler,
            configuration: LinkConfiguration(
                identity: LinkIdentity(
                    name: FuzzInput.peer(number), nickname: "n", uid: UInt64(number), shortID: nil,
                    trustsRemote: false, overlays: ["sleeve"],
                    // Even ones are like the original.
                    extensions: number & 1 == 1 ? Set(MeshExtension.allCases) : []),
                minimumVersion: 2, maximumVersion: 2, password: nil, halfID: UInt64(number),
                privateKey: [UInt8](repeating: number, count: 32)),
            cryptography: ToyCryptography())
        let link = accept(from: number)
        for case .send(let bytes) in wire.start() { handle(.received(link, bytes)) }
        handle(.overlay(link, .established))
        handle(.drained(link))
    }

    private mutating func accept(from number: UInt8) -> LinkID {
        accepted += 1
        let link = LinkID.accepted(accepted)
        open.insert(link)
        let remote = Endpoint(
            .v4(IPv4Address(rawValue: 0x0a00_0000 | UInt32(number))), PortNumber(rawValue: 4_000 + UInt16(number)))
        handle(.accepted(link, local: Endpoint(.v4(IPv4Address(rawValue: 0x0a00_0001)), .mesh), remote: remote))
        return link
    }

    /// | choice | event |
    /// |---|---|
    /// | 0 | a frame with a message of any bytes |
    /// | 1 | topology of made-up records |
    /// | 2, 3, 4 | gossip, broadcast, unicast on some channel |
    /// | 5 | overlay control |
    /// | 6 | bytes without a frame |
    /// | 7 | time passes |
    /// | 8 | everything that was sent has left |
    /// | 9 | news of the overlay |
    /// | 10 | a connection ends |
    /// | 11 | somebody connects, and says the bytes that follow |
    /// | 12 | a peer connects and finishes its handshake |
    /// | 13 | the user adds or removes a target |
    /// | 14 | a dial succeeds or fails |
    /// | 15 | what weft peers say: announcements, requests, a digest, a farewell |
    mutating func next(_ input: inout FuzzInput) {
        switch input.choice(16) {
        case 0: say(input.bytes(), on: link(&input))
        case 1: say(topology(&input), on: link(&input))
        case 2:
            say(.gossip(channel: channel(&input), source: input.peer(), payload: input.bytes()), on: link(&input))
        case 3:
            say(.broadcast(channel: channel(&input), source: input.peer(), payload: input.bytes()), on: link(&input))
        case 4:
            let message = MeshMessage.unicast(
                channel: channel(&input), source: input.peer(), destination: input.peer(), payload: input.bytes())
            say(message, on: link(&input))
        case 5: say(.overlayControl(index: input.byte() % 3, tag: input.byte(), body: input.bytes()), on: link(&input))
        case 6: handle(.received(link(&input), input.bytes()))
        case 7: pass(.milliseconds(1 << input.choice(17)))
        case 8: handle(.drained(link(&input)))
        case 9: overlayNews(&input)
        case 10:
            let link = link(&input)
            if open.remove(link) != nil { handle(.closed(link, reason: "reset")) }
        case 11: handle(.received(accept(from: input.byte()), input.bytes()))
        case 12: greet(from: 2 + input.byte() % 14)
        case 13:
            let texts = ["10.0.0.2", "10.0.0.3:7000", "host", "10.0.0.9"]
            let text = texts[input.choice(texts.count)]
            guard let target = Target(text: text) else { return }
            handle(input.bool() ? .connect([target], replace: input.bool()) : .forget([text]))
        case 14: answerDial(&input)
        default: say(.weft(weft(&input)), on: link(&input))
        }
    }

    /// Some time later everything is as the topology says.
    mutating func settle() throws(BrokenPromise) {
        for _ in 0..<4 { pass(.seconds(2)) }
        let connected = Set(router.connections().filter { $0.state == .established }.compactMap(\.peer))
        for (peer, hop) in router.routes.unicast {
            try promise(peer != FuzzInput.peer(1) && connected.contains(hop), "data goes to neighbours only")
        }
        for (source, hops) in router.routes.broadcast {
            try promise(Set(hops).count == hops.count, "a broadcast goes once to each neighbour")
            try promise(hops.allSatisfy { connected.contains($0) }, "broadcasts of \(source) go to neighbours only")
        }
    }

    /// What holds at every moment.
    func check() throws(BrokenPromise) {
        let peers = router.peers()
        try promise(peers.count <= 8_192, "known peers are bounded")
        guard let own = peers.first(where: { $0.name == FuzzInput.peer(1) }) else {
            throw BrokenPromise("we are in our own table")
        }
        try promise(own.uid == 5 && own.nickname == "one", "our record is ours")
        let joined = router.connections().filter { $0.peer != nil }
        try promise(
            Set(own.connections.map(\.name)) == Set(joined.compactMap(\.peer)), "our record lists our connections")
        try promise(Set(joined.compactMap(\.peer)).count == joined.count, "one connection to a peer")
        try promise(joined.count <= 8, "the connection limit holds")
        try promise(
            Set(router.connections().map(\.link)).isSubset(of: open.union(dialling)), "what was closed is forgotten")
        try promise(router.carriedChannels.count <= 18, "foreign channels are bounded")
        try promise(router.closures().count <= 1_024, "what is remembered of closed connections is bounded")
        try promise(overlays == Set(joined.map(\.link)), "each added connection has an overlay, and no other")
    }
}

// What peers say.
extension RouterRun {
    private mutating func link(_ input: inout FuzzInput) -> LinkID {
        LinkID.accepted(1 + UInt64(input.byte() % 4))
    }

    private func channel(_ input: inout FuzzInput) -> String {
        let number = input.byte()
        return number < 4 ? ["topology", "IPallocation", "nameserver", ""][Int(number)] : "channel \(number % 32)"
    }

    private mutating func say(_ message: MeshMessage, on link: LinkID) {
        say(MeshMessageCodec.encode(message), on: link)
    }

    private mutating func say(_ message: [UInt8], on link: LinkID) {
        let count = UInt32(message.count)
        handle(.received(link, [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) } + message))
    }

    private func topology(_ input: inout FuzzInput) -> MeshMessage {
        let versions: [UInt64] = [0, 1, 2, 5, 6, 1 << 40, 1 << 63, .max]
        var records: [PeerRecord] = []
        for _ in 0..<(1 + input.choice(4)) {
            let name = input.peer()
            let number = input.byte()
            let uid = UInt64(input.byte() % 16)
            let remotes = input.take(input.choice(6))
            records.append(
                PeerRecord(
                    name: name, nickname: "n", uid: uid, version: versions[Int(number % 8)] &+ UInt64(number / 8 % 4),
                    shortID: number & 0x80 == 0 ? nil : ShortID(rawValue: UInt16(number)),
                    connections: remotes.map(connection)))
        }
        return .gossip(channel: "topology", source: FuzzInput.peer(9), payload: TopologyCodec.encode(records))
    }

    private func weft(_ input: inout FuzzInput) -> WeftMessage {
        let versions: [UInt64] = [0, 1, 2, 5, 6, 1 << 40, 1 << 63, .max]
        switch input.choice(5) {
        case 0: return .request((0..<input.choice(4)).map { _ in input.peer() })
        case 1: return .digest(input.number(bytes: 8))
        case 2: return .farewell(input.text())
        case let kind:
            let entries = (0..<input.choice(5)).map { _ in
                RecordVersion(
                    name: input.peer(), version: versions[input.choice(8)] &+ UInt64(input.choice(4)),
                    uid: UInt64(input.byte() % 16), hasShortID: input.bool())
            }
            return .announcement(entries, isComplete: kind == 4)
        }
    }

    private func connection(_ choice: UInt8) -> ConnectionRecord {
        ConnectionRecord(
            remote: FuzzInput.peer(choice % 16), address: "10.0.0.\(choice % 16):6783", isOutbound: choice & 16 != 0,
            isEstablished: choice & 32 == 0)
    }

    private mutating func overlayNews(_ input: inout FuzzInput) {
        let link = link(&input)
        switch input.choice(3) {
        case 0: handle(.overlay(link, .established))
        case 1: handle(.overlay(link, .failed(reason: "fuzzing")))
        default: handle(.overlay(link, .control(tag: input.byte(), body: input.bytes())))
        }
    }

    private mutating func answerDial(_ input: inout FuzzInput) {
        guard let link = dialling.min() else { return }
        dialling.remove(link)
        guard input.bool() else { return handle(.dialFailed(link, reason: "refused")) }
        open.insert(link)
        let address = Endpoint(.v4(IPv4Address(rawValue: 0x0a00_0000 | UInt32(input.byte() % 16))), .mesh)
        handle(.dialled(link, local: Endpoint(.v4(IPv4Address(rawValue: 0x0a00_0001)), .mesh), remote: address))
    }
}

// The edge.
extension RouterRun {
    /// Time passes, and timers that were asked for go off on the way.
    private mutating func pass(_ duration: Duration) {
        let end = now + duration
        // A router that asks for one instant after the other without end would be a finding, by the time-out.
        while let due = wakeAt, due <= end {
            now = max(now, due)
            wakeAt = nil
            handle(.timer)
        }
        now = end
    }

    private mutating func handle(_ event: MeshEvent) {
        for effect in router.handle(event, at: now) {
            switch effect {
            case .close(let link, _):
                open.remove(link)
                dialling.remove(link)
            case .dial(let link, _): dialling.insert(link)
            case .wake(let at): wakeAt = at
            case .prepareOverlay(let link, _): overlays.insert(link)
            case .stopOverlay(let link): overlays.remove(link)
            default: break
            }
        }
    }
}

/// The same numbers in each run.
private struct Numbers: RandomNumberGenerator, Sendable {
    private var state: UInt64 = 0x7765_6674

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
