import Foundation
import Netlink
import NetlinkMessages
import Testing
import Wire

/// Flows of a kernel that has them: what it is told, it tells.
@Suite(.enabled(if: labKernel != nil, "needs a kernel with Open vSwitch: scripts/lab"), .serialized)
struct FlowKernelTests {
    private static let tunnel = TunnelKey(
        id: 0x00a1_3f0f, source: IPv4Address(rawValue: 0x0a63_0101), destination: IPv4Address(rawValue: 0x0a63_0102),
        timeToLive: 64, flags: .dontFragment)

    /// One of each action that weft makes.
    private static func actions(_ port: VportNumber) -> [FlowAction] {
        [
            .clone([.truncate(100), .output(port)]),
            .setTunnel(tunnel), .output(port),
            .checkLength(
                1424, greater: [.userspace(UpcallPort(rawValue: 7), userdata: Array(1...8))],
                lessOrEqual: [.output(.local)]),
        ]
    }

    @Test("a flow is told back as it was made, with a name and without", arguments: [true, false])
    func readBack(_ named: Bool) throws {
        try OpenVSwitchNamespace.run { lab in
            let id = named ? FlowID(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10) : nil
            let actions = Self.actions(lab.port)
            let match = lab.match()
            try lab.generic.exchange(
                lab.families.createFlow(match, actions: actions, id: id, .onlyNew, in: lab.datapath))
            let flow = try #require(try lab.flows().first)
            #expect(flow.id == id)
            #expect(flow.match?.canonical == match.canonical)
            #expect(flow.actions == actions)
            #expect(!flow.looksAtOtherFields)
            #expect(flow.statistics == FlowStatistics(packets: 0, bytes: 0))
            #expect(flow.usedMilliseconds == nil)
            let again = try #require(throws: NetlinkError.self) {
                try lab.generic.exchange(
                    lab.families.createFlow(match, actions: [], id: id, .onlyNew, in: lab.datapath))
            }
            #expect(again.errno == EEXIST)
            // A flow with a name can be changed, but not made again.
            try lab.generic.exchange(
                named
                    ? lab.families.changeFlow(match, id: id, actions: [], in: lab.datapath)
                    : lab.families.createFlow(match, actions: [], in: lab.datapath))
            #expect(try lab.flows().map(\.actions) == [[]])
            let one = try lab.generic.ask(lab.families.flow(flow.identity, in: lab.datapath)) {
                (message) throws(NetlinkMessageError) in try Flow(message)
            }
            #expect(one.match?.canonical == match.canonical)
            try lab.generic.exchange(lab.families.deleteFlow(flow.identity, in: lab.datapath))
            #expect(try lab.flows().isEmpty)
            let gone = try #require(throws: NetlinkError.self) {
                try lab.generic.exchange(lab.families.deleteFlow(flow.identity, in: lab.datapath))
            }
            #expect(gone.errno == ENOENT)
        }
    }

    @Test("keys of tunnels, with whole and with partial masks, come back")
    func tunnelKeys() throws {
        try OpenVSwitchNamespace.run { lab in
            let vxlan = try lab.vport(
                lab.families.createVport(
                    .vxlan("vxlan-6784", port: PortNumber(rawValue: 6784)), in: lab.datapath))
            let outer = TunnelKey(
                id: 0x00a1_3f0f, source: IPv4Address(rawValue: 0x0a63_0102),
                destination: IPv4Address(rawValue: 0x0a63_0101))
            let addresses = EthernetKey(source: OpenVSwitchNamespace.near, destination: OpenVSwitchNamespace.distant)
            let forUs = FlowMatch(
                exactly: FlowKey(inPort: vxlan.number, tunnel: outer, ethernet: addresses))
            // A relay looks at no Ethernet address, but the kernel wants the attribute.
            var relay = forUs
            relay.key.tunnel?.id = 0x00a1_3f10
            (relay.mask.ethernetSource, relay.mask.ethernetDestination) = (0, 0)
            // The upper half of the id only, TTL and flags too.
            var partial = forUs
            partial.mask.tunnel.id = 0xfff000
            partial.key.tunnel?.id = 0x00b1_3f0f
            partial.mask.tunnel.timeToLive = 0xff
            partial.mask.tunnel.flags = .dontFragment
            partial.key.tunnel?.timeToLive = 64
            partial.key.tunnel?.flags = .dontFragment
            let matches = [forUs, relay, partial]
            for match in matches {
                try lab.generic.exchange(
                    lab.families.createFlow(match, actions: [.output(lab.port)], .onlyNew, in: lab.datapath))
            }
            let flows = try lab.flows()
            #expect(Set(flows.compactMap { $0.match?.canonical }) == Set(matches.map(\.canonical)))
            for flow in flows {
                try lab.generic.exchange(lab.families.deleteFlow(flow.identity, in: lab.datapath))
            }
            #expect(try lab.flows().isEmpty)
        }
    }

    @Test("two thousand flows are made, listed, shortened to their use, and deleted, by batches")
    func batches() throws {
        try OpenVSwitchNamespace.run { lab in
            var pipeline = try RequestPipeline()
            var batch = NetlinkBatch()
            let matches = (0..<2000).compactMap { index in
                MACAddress(rawValue: 0x0200_0001_0000 + UInt64(index)).map { lab.match($0) }
            }
            for (index, match) in matches.enumerated() {
                lab.families.appendCreateFlow(
                    match, actions: [.setTunnel(Self.tunnel), .output(lab.port)],
                    id: FlowID(high: 1, low: UInt64(index)), .onlyNew, in: lab.datapath, to: &batch)
            }
            var refused: [NetlinkVerdict] = []
            let done = try pipeline.exchange(&batch, operation: "create flows") { refused.append($1) }
            #expect(done == 2000)
            #expect(refused.isEmpty)
            #expect(Set(try lab.flows().compactMap { $0.match?.canonical }) == Set(matches.map(\.canonical)))
            let short = try lab.flows(omitting: .allButUse)
            #expect(Set(short.compactMap(\.id?.low)) == Set(0..<2000))
            #expect(short.allSatisfy { $0.match == nil && $0.actions == nil })
            batch.removeAll()
            for index in 0..<2001 {
                lab.families.appendDeleteFlow(
                    .id(FlowID(high: 1, low: UInt64(index))), in: lab.datapath, to: &batch)
            }
            var places: [Int] = []
            #expect(try pipeline.exchange(&batch, operation: "delete") { place, _ in places.append(place) } == 2000)
            #expect(places == [2000])
            #expect(try lab.flows().isEmpty)
        }
    }

    @Test("all flows go with one request, and statistics are cleared without touching the actions")
    func flushAndClear() throws {
        try OpenVSwitchNamespace.run { lab in
            let actions: [FlowAction] = [.output(.local)]
            try lab.generic.exchange(lab.families.createFlow(lab.match(), actions: actions, in: lab.datapath))
            try lab.generic.exchange(lab.families.createFlow(lab.match(.broadcast), actions: [], in: lab.datapath))
            let frame = OpenVSwitchNamespace.frame()
            try lab.send(frame, times: 5)
            var flow = try #require(try lab.flows().first { $0.actions == actions })
            #expect(flow.statistics == FlowStatistics(packets: 5, bytes: UInt64(5 * frame.count)))
            #expect(flow.usedMilliseconds != nil)
            try lab.generic.exchange(
                lab.families.changeFlow(lab.match(), clearStatistics: true, in: lab.datapath))
            flow = try #require(try lab.flows().first { $0.match?.canonical == lab.match().canonical })
            #expect(flow.statistics.packets == 0)
            #expect(flow.usedMilliseconds == nil)
            #expect(flow.actions == actions)
            try lab.generic.exchange(lab.families.deleteAllFlows(in: lab.datapath))
            #expect(try lab.flows().isEmpty)
        }
    }

    @Test("the kernel's own words about a flow that it refuses are kept")
    func refusal() throws {
        try OpenVSwitchNamespace.run { lab in
            var match = lab.match()
            match.key.ethernet = nil
            (match.mask.ethernetSource, match.mask.ethernetDestination) = (0, 0)
            // Loops of recirculation need a port that exists.
            let error = try #require(throws: NetlinkError.self) {
                try lab.generic.exchange(
                    lab.families.createFlow(
                        lab.match(), actions: [.output(VportNumber(rawValue: 70_000))], in: lab.datapath, probe: true))
            }
            #expect(error.errno == EINVAL)
        }
    }
}
