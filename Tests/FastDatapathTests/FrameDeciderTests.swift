import FastDatapath
import Overlay
import Testing
import Wire

@Suite("Who gets a frame")
struct FrameDeciderTests {
    private static let names = (1...4).map { PeerName(rawValue: UInt64($0)) ?? .unknown }
    private static let (own, near, far, slow) = (names[0], names[1], names[2], names[3])
    private static let ids = names.compactMap { ShortID(rawValue: UInt16($0.rawValue)) }
    private static let macs = (1...4).compactMap { MACAddress(rawValue: 0x0200_0000_0c00 + $0) }
    private static let toNear = ends(2)

    private static func ends(_ number: UInt32) -> TunnelEnds {
        TunnelEnds(
            local: IPv4Address(rawValue: 0x0a00_0001), remote: IPv4Address(rawValue: 0x0a00_0000 + number),
            port: PortNumber(rawValue: 6_784))
    }

    /// Ourselves, a neighbour by tunnel, a peer behind it, and a neighbour that only sleeve reaches.
    private static let view = FastView(
        routes: .build(
            ownName: own, knownPeers: Set(names), unicast: [near: near, far: near, slow: slow],
            broadcast: [own: [near, slow], near: [slow], far: [slow], slow: [near]],
            neighbours: [near: PeerSlot(index: 0, generation: 1), slow: PeerSlot(index: 1, generation: 1)]),
        tunnels: [near: toNear],
        senders: [toNear.remote: near, ends(4).remote: slow],
        owners: Dictionary(uniqueKeysWithValues: zip(ids, names)))

    private static func decide(_ origin: FrameOrigin, _ source: Int, _ destination: MACAddress) -> FrameDecision {
        FrameDecider(view).decide(
            FrameQuestion(origin: origin, source: macs[source], destination: destination)
        ) { address in macs.firstIndex(of: address).map { names[$0] } }
    }

    private static func id(_ source: Int, _ destination: Int) -> TunnelID {
        TunnelID(source: ids[source], destination: ids[destination])
    }

    @Test("a container's frame for a peer goes to the next hop, named for the peer")
    func unicast() {
        let decision = Self.decide(.bridge, 0, Self.macs[2])
        #expect(decision.copies == [FrameDecision.Copy(id: Self.id(0, 2), ends: Self.toNear)])
        #expect(!decision.toCapture && !decision.toBridge)
        #expect(decision.learns == Self.own)
    }

    @Test("a frame for a neighbour that only sleeve reaches goes to the capture port")
    func mixed() {
        let decision = Self.decide(.bridge, 0, Self.macs[3])
        #expect(decision.toCapture && decision.copies.isEmpty)
    }

    @Test("a broadcast goes to each neighbour once, by tunnel or through the capture port, and is no guess")
    func broadcast() {
        let decision = Self.decide(.bridge, 0, .broadcast)
        #expect(decision.copies == [FrameDecision.Copy(id: Self.id(0, 1), ends: Self.toNear)])
        #expect(decision.toCapture)
        #expect(!decision.isGuess)
        let unknown = Self.decide(.bridge, 0, MACAddress(Self.names[0]))
        #expect(unknown.copies == decision.copies && unknown.toCapture && unknown.isGuess)
    }

    @Test("between two containers of this host nothing leaves")
    func local() {
        #expect(Self.decide(.bridge, 1, Self.macs[0]).drop == .local)
    }

    @Test("a frame out of a tunnel for a container of ours goes to the bridge only")
    func delivered() {
        let decision = Self.decide(.tunnel(Self.id(1, 0).rawValue, Self.toNear), 1, Self.macs[0])
        #expect(decision.toBridge && decision.copies.isEmpty && decision.handed.isEmpty)
        #expect(decision.learns == Self.near)
    }

    @Test("a broadcast out of a tunnel goes to the bridge and on along its source's tree, never back")
    func flooded() {
        let decision = Self.decide(.tunnel(Self.id(2, 0).rawValue, Self.toNear), 2, .broadcast)
        #expect(decision.toBridge)
        #expect(decision.copies.isEmpty)
        #expect(
            decision.handed == [
                FrameDecision.Handed(neighbour: Self.slow, source: Self.far, destination: Self.slow, isFlood: true)
            ])
        let other = Self.decide(.tunnel(Self.id(3, 0).rawValue, Self.ends(4)), 3, .broadcast)
        #expect(other.copies == [FrameDecision.Copy(id: Self.id(3, 1), ends: Self.toNear)])
    }

    @Test("a frame for another peer goes on with its names, whoever its containers are")
    func relayed() {
        let decision = Self.decide(.tunnel(Self.id(3, 2).rawValue, Self.ends(4)), 3, Self.macs[2])
        #expect(decision.copies == [FrameDecision.Copy(id: Self.id(3, 2), ends: Self.toNear)])
        #expect(decision.scope == .tunnel)
        #expect(!decision.toBridge)
        #expect(decision.learns == nil)
        let handed = Self.decide(.tunnel(Self.id(2, 3).rawValue, Self.toNear), 2, Self.macs[3])
        #expect(handed.handed.map(\.neighbour) == [Self.slow])
    }

    @Test("what cannot be right goes nowhere and leaves no flow")
    func refused() {
        let cases: [(FrameOrigin, FrameDrop)] = [
            (.tunnel(Self.id(2, 1).rawValue, Self.toNear), .returning),
            (.tunnel(Self.id(0, 0).rawValue, Self.toNear), .ownReturned),
            (.tunnel(9 << 12 | 2, Self.toNear), .unknownPeer),
            (.tunnel(1 << 24, Self.toNear), .unknownPeer),
            (.tunnel(Self.id(1, 0).rawValue, Self.ends(99)), .unknownSender),
        ]
        for (origin, reason) in cases {
            let decision = Self.decide(origin, 1, Self.macs[0])
            #expect(decision.drop == reason && decision.scope == .once, "\(origin)")
            #expect(decision.learns == nil && !decision.toBridge && decision.copies.isEmpty)
        }
    }
}
