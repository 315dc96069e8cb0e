import FastDatapath
import NetlinkMessages
import OpenVSwitch
import Overlay
import Testing
import Wire

@Suite("The flows that the kernel is given")
struct FlowBookTests {
    private static let names = (1...4).map { PeerName(rawValue: UInt64($0)) ?? .unknown }
    private static let ids = names.compactMap { ShortID(rawValue: UInt16($0.rawValue)) }
    private static let macs = (1...4).compactMap { MACAddress(rawValue: 0x0200_0000_0c00 + $0) }
    private static let ports = DatapathPorts(
        bridge: VportNumber(rawValue: 1), capture: VportNumber(rawValue: 2),
        tunnels: [PortNumber(rawValue: 6_784): VportNumber(rawValue: 3)])
    private static let upcalls = UpcallPort(rawValue: 4_711)
    private static let start = MonotonicInstant(nanoseconds: 0)

    private static func ends(_ index: Int) -> TunnelEnds {
        TunnelEnds(
            local: IPv4Address(rawValue: 0x0a00_0001), remote: IPv4Address(rawValue: 0x0a00_0001 + UInt32(index)),
            port: PortNumber(rawValue: 6_784))
    }

    /// Three neighbours; those in `tunnels` are reached by tunnel, the others by sleeve.
    private static func view(tunnels: Set<Int>, hops: [Int: Int] = [1: 1, 2: 2, 3: 3]) -> FastView {
        let unicast = Dictionary(uniqueKeysWithValues: hops.map { (names[$0.key], names[$0.value]) })
        return FastView(
            routes: .build(
                ownName: names[0], knownPeers: Set(names), unicast: unicast,
                broadcast: [names[0]: hops.values.map { names[$0] }.sorted()],
                neighbours: Dictionary(
                    uniqueKeysWithValues: (1...3).map { (names[$0], PeerSlot(index: $0, generation: 1)) })),
            tunnels: Dictionary(uniqueKeysWithValues: tunnels.map { (names[$0], ends($0)) }),
            senders: Dictionary(uniqueKeysWithValues: (1...3).map { (ends($0).remote, names[$0]) }),
            owners: Dictionary(uniqueKeysWithValues: zip(ids, names)))
    }

    private static func place(_ address: MACAddress) -> PeerName? { macs.firstIndex(of: address).map { names[$0] } }

    private static func tunnelled(_ source: Int, to destination: Int, via neighbour: Int) -> [FlowAction] {
        [
            .setTunnel(
                TunnelKey(
                    id: TunnelID(source: ids[source], destination: ids[destination]).rawValue,
                    source: ends(neighbour).local, destination: ends(neighbour).remote, timeToLive: 64,
                    flags: .dontFragment)), .output(VportNumber(rawValue: 3)),
        ]
    }

    private static func question(_ destination: MACAddress) -> FrameQuestion {
        FrameQuestion(origin: .bridge, source: macs[0], destination: destination)
    }

    /// A book with a flow from our container to each of the others.
    private static func book(_ view: FastView, limit: Int = 100) -> FlowBook {
        var book = FlowBook(ports: ports, view: view, upcalls: upcalls, limit: limit)
        for index in 1...3 { _ = book.answer(question(macs[index]), at: start, place: place) }
        return book
    }

    @Test("a container's frame becomes a flow by port and both addresses, with the outer header as its action")
    func install() {
        var book = FlowBook(ports: Self.ports, view: Self.view(tunnels: [1]), upcalls: Self.upcalls)
        let answer = book.answer(Self.question(Self.macs[1]), at: Self.start, place: Self.place)
        let key = FlowKey(
            inPort: VportNumber(rawValue: 1),
            ethernet: EthernetKey(source: Self.macs[0], destination: Self.macs[1]))
        #expect(answer.changes == [.install(FlowMatch(exactly: key).canonical, Self.tunnelled(0, to: 1, via: 1))])
        #expect(answer.actions == Self.tunnelled(0, to: 1, via: 1))
        // The same frame again, since the flow was still on its way.
        let again = book.answer(Self.question(Self.macs[1]), at: Self.start, place: Self.place)
        #expect(again.changes.isEmpty)
    }

    @Test("a changed route touches the flows that take it, and no other")
    func difference() {
        var book = Self.book(Self.view(tunnels: [1, 2, 3]))
        let changes = book.update(
            to: Self.view(tunnels: [1, 2, 3], hops: [1: 1, 2: 2, 3: 2]), at: Self.start, place: Self.place)
        #expect(changes.count == 1)
        guard case .install(_, let actions) = changes.first else { return #expect(Bool(false), "\(changes)") }
        #expect(actions == Self.tunnelled(0, to: 3, via: 2))
    }

    @Test("a neighbour that changes to sleeve gets its frames through the capture port")
    func fallback() {
        var book = Self.book(Self.view(tunnels: [1, 2]))
        let changes = book.update(to: Self.view(tunnels: [2]), at: Self.start, place: Self.place)
        #expect(changes.count == 1)
        guard case .install(_, let actions) = changes.first else { return #expect(Bool(false), "\(changes)") }
        #expect(actions == [.output(VportNumber(rawValue: 2))])
    }

    @Test("an address that is seen elsewhere changes the flows towards it")
    func moved() {
        var book = Self.book(Self.view(tunnels: [1, 2, 3]))
        let changes = book.moved([Self.macs[1]], at: Self.start) { address in
            address == Self.macs[1] ? Self.names[2] : Self.place(address)
        }
        #expect(changes.count == 1)
        guard case .install(_, let actions) = changes.first else { return #expect(Bool(false), "\(changes)") }
        #expect(actions == Self.tunnelled(0, to: 2, via: 2))
    }

    @Test("a relay's flow looks at the tunnel and at no address, so one flow serves all containers")
    func relay() {
        var book = FlowBook(ports: Self.ports, view: Self.view(tunnels: [1, 2]), upcalls: Self.upcalls)
        let id = TunnelID(source: Self.ids[1], destination: Self.ids[2])
        var matches: Set<FlowMatch> = []
        for source in Self.macs {
            let question = FrameQuestion(
                origin: .tunnel(id.rawValue, Self.ends(1)), source: source, destination: Self.macs[2])
            for case .install(let match, let actions) in book.answer(question, at: Self.start, place: Self.place)
                .changes
            {
                matches.insert(match)
                #expect(actions == Self.tunnelled(1, to: 2, via: 2))
            }
        }
        #expect(matches.count == 1)
        #expect(matches.first?.mask.ethernetSource == 0 && matches.first?.mask.ethernetDestination == 0)
        let packet = FlowKey(
            inPort: VportNumber(rawValue: 3),
            tunnel: TunnelKey(
                id: id.rawValue, source: Self.ends(1).remote, destination: Self.ends(1).local, timeToLive: 63),
            ethernet: EthernetKey(source: Self.macs[3], destination: Self.macs[0]), etherType: 0x0800)
        #expect(matches.first?.matches(packet) == true)
    }

    @Test("flows that nothing uses are removed, those in use stay")
    func idle() {
        var book = Self.book(Self.view(tunnels: [1, 2, 3]))
        let used = book.entries.keys.first { $0.key.ethernet?.destination == Self.macs[1] }
        let later = Self.start + .seconds(50)
        let isUsed = used.map { book.counted($0, FlowStatistics(packets: 5, bytes: 500), at: later) }
        #expect(isUsed == true)
        let changes = book.expire(at: Self.start + .seconds(70))
        #expect(changes.count == 2)
        #expect(Array(book.entries.keys) == [used].compactMap(\.self))
    }

    @Test("a full table makes room by removing the flow that was used longest ago")
    func eviction() {
        var book = Self.book(Self.view(tunnels: [1, 2, 3]), limit: 3)
        for match in book.entries.keys where match.key.ethernet?.destination != Self.macs[2] {
            book.counted(match, FlowStatistics(packets: 1, bytes: 60), at: Self.start + .seconds(5))
        }
        let answer = book.answer(Self.question(.broadcast), at: Self.start + .seconds(6), place: Self.place)
        #expect(book.entries.count == 3)
        #expect(book.evictions == 1)
        let removed = answer.changes.compactMap { change -> MACAddress? in
            if case .remove(let match) = change { match.key.ethernet?.destination } else { nil }
        }
        #expect(removed == [Self.macs[2]])
    }

    @Test("frames for a neighbour that is lost go on as before for a while: its kernel may still take them")
    func lingering() {
        var book = Self.book(Self.view(tunnels: [1, 2, 3]))
        let lost = Self.view(tunnels: [1, 2], hops: [1: 1, 2: 2])
        #expect(book.update(to: lost, at: Self.start, place: Self.place).isEmpty)
        let before = book.endLingering(at: Self.start + .seconds(9), place: Self.place)
        #expect(before.isEmpty)
        let after = book.endLingering(at: Self.start + .seconds(11), place: Self.place)
        #expect(after.count == 1)
        guard case .install(_, let actions) = after.first else { return #expect(Bool(false), "\(after)") }
        #expect(actions.isEmpty)
    }

    @Test("a neighbour that is back within that time finds its flows untouched")
    func back() {
        var book = Self.book(Self.view(tunnels: [1, 2, 3]))
        let whole = Self.view(tunnels: [1, 2, 3])
        let lost = book.update(to: Self.view(tunnels: [1], hops: [1: 1]), at: Self.start, place: Self.place)
        let found = book.update(to: whole, at: Self.start + .seconds(2), place: Self.place)
        let later = book.endLingering(at: Self.start + .seconds(60), place: Self.place)
        #expect(lost.isEmpty && found.isEmpty && later.isEmpty)
    }

    @Test("what is passed on between others does not go on: it might go in a circle")
    func relaysDoNotLinger() {
        let view = Self.view(tunnels: [1, 2], hops: [1: 1, 2: 2, 3: 2])
        var book = FlowBook(ports: Self.ports, view: view, upcalls: Self.upcalls)
        for destination in 2...3 {
            let id = TunnelID(source: Self.ids[1], destination: Self.ids[destination])
            let question = FrameQuestion(
                origin: .tunnel(id.rawValue, Self.ends(1)), source: Self.macs[1], destination: Self.macs[destination])
            _ = book.answer(question, at: Self.start, place: Self.place)
        }
        let changes = book.update(to: Self.view(tunnels: [1], hops: [1: 1]), at: Self.start, place: Self.place)
        // The one for the neighbour itself goes on: it ends there, if anywhere.
        let left = book.entries.keys.compactMap(\.key.tunnel?.id)
        #expect(changes.count == 1)
        #expect(left == [TunnelID(source: Self.ids[1], destination: Self.ids[2]).rawValue])
    }

    @Test("flows of an earlier run wait for the neighbours to come back, one by one")
    func inheritance() {
        let whole = Self.view(tunnels: [1, 2, 3])
        let before = Self.book(whole)
        var after = FlowBook(ports: Self.ports, view: Self.view(tunnels: [], hops: [:]), upcalls: Self.upcalls)
        for (match, entry) in before.entries { _ = after.adopt(match, entry.actions, entry.statistics, at: Self.start) }
        let first = after.update(
            to: Self.view(tunnels: [1], hops: [1: 1]), at: Self.start + .seconds(1), place: Self.place)
        let all = after.update(to: whole, at: Self.start + .seconds(2), place: Self.place)
        #expect(first.isEmpty && all.isEmpty)
        let late = after.update(
            to: Self.view(tunnels: [1], hops: [1: 1]), at: Self.start + .seconds(30), place: Self.place)
        #expect(late.isEmpty)
        let end = after.endLingering(at: Self.start + .seconds(41), place: Self.place)
        #expect(end.count == 2)
    }

    @Test("flows of an earlier run are told apart from those of others by their key, and corrected, not flushed")
    func adoption() {
        let view = Self.view(tunnels: [1, 2, 3])
        let before = Self.book(view)
        var after = FlowBook(ports: Self.ports, view: Self.view(tunnels: []), upcalls: Self.upcalls)
        for (match, entry) in before.entries {
            let isAdopted = after.adopt(match, entry.actions, entry.statistics, at: Self.start)
            #expect(isAdopted)
        }
        let foreign = FlowMatch(exactly: FlowKey(inPort: VportNumber(rawValue: 9)))
        let isForeignAdopted = after.adopt(foreign, [], FlowStatistics(packets: 0, bytes: 0), at: Self.start)
        #expect(!isForeignAdopted)
        let changes = after.update(to: view, at: Self.start, place: Self.place)
        #expect(changes.isEmpty)
    }
}
