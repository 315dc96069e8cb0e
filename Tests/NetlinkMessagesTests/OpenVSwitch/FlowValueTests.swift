import NetlinkMessages
import TestSupport
import Testing
import Wire

/// Keys, masks and actions as values, and through a message and back.
@Suite struct FlowValueTests {
    private static let families = OpenVSwitchFamilies(
        datapath: GenericFamily(type: NetlinkType(rawValue: 26), name: "ovs_datapath"),
        vport: GenericFamily(type: NetlinkType(rawValue: 27), name: "ovs_vport"),
        flow: GenericFamily(type: NetlinkType(rawValue: 28), name: "ovs_flow"),
        packet: GenericFamily(type: NetlinkType(rawValue: 29), name: "ovs_packet"))

    private func readBack(_ request: NetlinkRequest) throws -> Flow {
        try Flow(try #require(try NetlinkMessage.messages(in: request.bytes(sequence: 1, port: 1)).first))
    }

    private func randomKey(_ generator: inout SeededGenerator) -> FlowKey {
        func some<Value>(_ value: Value) -> Value? { generator.next() % 3 == 0 ? nil : value }
        let address = { (bits: UInt64) in MACAddress(rawValue: bits >> 16) ?? .broadcast }
        let tunnel = TunnelKey(
            id: some(generator.next()), source: IPv4Address(rawValue: UInt32(truncatingIfNeeded: generator.next())),
            destination: IPv4Address(rawValue: UInt32(truncatingIfNeeded: generator.next())),
            timeToLive: UInt8(truncatingIfNeeded: generator.next()),
            typeOfService: UInt8(truncatingIfNeeded: generator.next()),
            flags: TunnelFlags(rawValue: UInt8(generator.next() % 8)),
            sourcePort: some(PortNumber(rawValue: UInt16(truncatingIfNeeded: generator.next()))),
            destinationPort: some(PortNumber(rawValue: UInt16(truncatingIfNeeded: generator.next()))))
        return FlowKey(
            inPort: some(VportNumber(rawValue: UInt32(truncatingIfNeeded: generator.next()))), tunnel: some(tunnel),
            ethernet: some(EthernetKey(source: address(generator.next()), destination: address(generator.next()))),
            etherType: some(UInt16(truncatingIfNeeded: generator.next())))
    }

    private func randomActions(_ generator: inout SeededGenerator, depth: Int = 0) -> [FlowAction] {
        (0..<(generator.next() % 4)).map { _ in
            let number = UInt32(truncatingIfNeeded: generator.next())
            switch generator.next() % (depth < 3 ? 9 : 7) {
            case 0: return .output(VportNumber(rawValue: number))
            case 1: return .setTunnel(randomKey(&generator).tunnel ?? TunnelKey(id: 1, source: .any, destination: .any))
            case 2: return .userspace(UpcallPort(rawValue: number), userdata: generator.bytes(Int(number % 9)))
            case 3: return .truncate(number)
            case 4: return .recirculate(number)
            case 5: return .drop(reason: number)
            case 6: return .other(12, payload: generator.bytes(Int(number % 7)))
            case 7: return .clone(randomActions(&generator, depth: depth + 1))
            default:
                return .checkLength(
                    UInt16(truncatingIfNeeded: number), greater: randomActions(&generator, depth: depth + 1),
                    lessOrEqual: randomActions(&generator, depth: depth + 1))
            }
        }
    }

    @Test("random flows come back from their messages as they went")
    func roundTrip() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<3000 {
            let key = randomKey(&generator)
            var match = FlowMatch(exactly: key)
            if generator.next().isMultiple(of: 2) { match.mask.tunnel.flags = .dontFragment }
            if generator.next().isMultiple(of: 2) { match.mask.ethernetSource = generator.next() >> 16 }
            let actions = randomActions(&generator)
            let id = generator.next().isMultiple(of: 2) ? FlowID(high: generator.next(), low: generator.next()) : nil
            let index = DatapathIndex(rawValue: 4)
            let flow = try readBack(Self.families.createFlow(match, actions: actions, id: id, in: index))
            #expect(flow.match?.key == key)
            #expect(flow.match?.mask == match.mask)
            #expect(flow.match?.canonical == match.canonical)
            #expect(flow.actions == actions)
            #expect(flow.id == id)
            #expect(flow.datapath == index)
            #expect(match.matches(key))
        }
    }

    @Test("a match looks at the bits of its mask and at no others")
    func masks() {
        let addresses = EthernetKey(source: MACAddress(low: 1), destination: MACAddress(low: 2))
        let tunnel = TunnelKey(id: 5, source: .loopback, destination: .any, timeToLive: 0)
        let match = FlowMatch(
            exactly: FlowKey(inPort: VportNumber(rawValue: 3), tunnel: tunnel, ethernet: addresses))
        var packet = match.key
        packet.tunnel?.timeToLive = 64
        packet.tunnel?.flags = .checksum
        packet.tunnel?.sourcePort = PortNumber(rawValue: 4)
        packet.etherType = 0x0800
        #expect(match.matches(packet))
        packet.tunnel?.id = 6
        #expect(!match.matches(packet))
        packet.tunnel = nil
        #expect(!match.matches(packet))
        var any = match
        any.mask = FlowMask(inPort: .max)
        #expect(any.matches(packet))
        #expect(any.canonical.key == FlowKey(inPort: VportNumber(rawValue: 3)))
        packet.inPort = nil
        #expect(!any.matches(packet))
    }

    @Test("a flow that looks at fields of which we know nothing is told apart")
    func otherFields() throws {
        // KEY: port 1, IPv4; MASK: port, IPv4 with the protocol's bits.
        let key: [UInt8] = [8, 0, 3, 0, 1, 0, 0, 0, 16, 0, 7, 0, 1, 2, 3, 4, 5, 6, 7, 8, 17, 0, 64, 0]
        let mask: [UInt8] = [8, 0, 3, 0, 255, 255, 255, 255, 16, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0]
        let body: [UInt8] = [1, 1, 0, 0, 4, 0, 0, 0, 28, 0, 1, 0] + key + [28, 0, 7, 0] + mask
        let flow = try readBack(
            NetlinkRequest(type: Self.families.flow, flags: [], body: body, operation: ""))
        #expect(flow.looksAtOtherFields)
        #expect(flow.keyBytes == key)
        #expect(flow.identity == .recorded(key))
        // With it, the very key goes back.
        let deletion = Self.families.deleteFlow(flow.identity, in: flow.datapath)
        #expect(deletion.body == [2, 1, 0, 0, 4, 0, 0, 0, 28, 0, 1, 0] + key)
    }

    @Test("names shorter than sixteen bytes keep their length", arguments: 1...16)
    func shortNames(_ length: Int) throws {
        let name = (0..<length).map { UInt8($0 + 1) }
        var body: [UInt8] = [1, 1, 0, 0, 4, 0, 0, 0, UInt8(4 + length), 0, 9, 0] + name
        while !body.count.isMultiple(of: 4) { body.append(0) }
        let flow = try readBack(
            NetlinkRequest(type: Self.families.flow, flags: [], body: body, operation: ""))
        #expect(flow.id?.lengthBytes == length)
        #expect(Self.families.flow(flow.identity, in: flow.datapath).body.dropFirst() == body.dropFirst())
    }

    @Test("frames that no attribute can hold are refused, not sent")
    func frameLengths() {
        var batch = NetlinkBatch()
        for (length, fits) in [(13, false), (14, true), (65_531, true), (65_532, false)] {
            let frame = [UInt8](repeating: 0, count: length)
            #expect(
                Self.families.appendExecute(
                    frame.indices, of: frame.span, actions: [], in: DatapathIndex(rawValue: 1), to: &batch) == fits)
        }
        #expect(batch.count == 2)
    }

    @Test("the flags of a new flow say whether it may be there already")
    func creation() {
        let match = FlowMatch(exactly: FlowKey(inPort: .local))
        let index = DatapathIndex(rawValue: 1)
        #expect(
            Self.families.createFlow(match, actions: [], .onlyNew, in: index).flags
                == [.request, .acknowledge, .create, .exclusive])
        #expect(Self.families.createFlow(match, actions: [], in: index).flags == [.request, .acknowledge])
        #expect(!Self.families.createFlow(match, actions: [], .onlyNew, in: index).isDump)
        #expect(Self.families.flows(in: index).isDump)
    }
}

extension MACAddress {
    fileprivate init(low: UInt64) { self = MACAddress(rawValue: low) ?? .broadcast }
}
