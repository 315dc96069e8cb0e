import AllocationCounter
import Foundation
import Netlink
import NetlinkMessages
import Testing
import Wire

/// Packets that the kernel asks about, and packets that it is given.
@Suite(.enabled(if: labKernel != nil, "needs a kernel with Open vSwitch: scripts/lab"), .serialized)
struct UpcallKernelTests {
    @Test("a frame without a flow is asked about, and an execution sends it on")
    func missAndExecute() throws {
        try OpenVSwitchNamespace.run { lab in
            var upcalls = try UpcallSocket()
            #expect(upcalls.receiveBufferBytes >= 4 << 20)
            try lab.generic.exchange(
                lab.families.setUpcallPorts([upcalls.port], of: lab.port, in: lab.datapath))
            let frame = OpenVSwitchNamespace.frame()
            let own = upcalls.port
            try lab.send(frame)
            var batch = NetlinkBatch()
            var misses = 0
            try lab.receive(&upcalls) { upcall, bytes in
                guard upcall.key.etherType == 0x88b5 else { return }
                misses += 1
                #expect(upcall.reason == .miss)
                #expect(upcall.datapath == lab.datapath)
                #expect(upcall.inPort == lab.port)
                #expect(upcall.key.tunnel == nil)
                #expect(
                    upcall.key.ethernet
                        == EthernetKey(source: OpenVSwitchNamespace.near, destination: OpenVSwitchNamespace.distant))
                #expect(upcall.packet.map { bytes[$0] } == frame)
                #expect(upcall.frameLengthBytes == frame.count)
                #expect(lab.match().matches(upcall.key))
                #expect(!lab.match(.broadcast).matches(upcall.key))
                // Back to us, with a word, and shortened.
                let actions: [FlowAction] = [
                    .truncate(20), .userspace(own, userdata: [1, 2, 3, 4, 5]),
                ]
                let fits = lab.families.appendExecute(
                    upcall.packet, of: bytes, key: upcall.key, hash: upcall.hash, actions: actions,
                    in: upcall.datapath, answer: .acknowledge, to: &batch)
                #expect(fits)
            }
            try #require(misses == 1)
            var pipeline = try RequestPipeline()
            #expect(try pipeline.exchange(&batch, operation: "execute") { Issue.record("\($1)") } == 1)
            var actions = 0
            try lab.receive(&upcalls) { upcall, bytes in
                guard upcall.reason == .action else { return }
                actions += 1
                #expect(upcall.userdata.map { $0.map { bytes[$0] } } == [1, 2, 3, 4, 5])
                #expect(upcall.inPort == lab.port)
                #expect(upcall.packet.map { bytes[$0] } == Array(frame.prefix(20)))
                #expect(upcall.frameLengthBytes == frame.count)
            }
            #expect(actions == 1)
            #expect(upcalls.lost == 0)
            #expect(upcalls.malformed == 0)
        }
    }

    @Test("a frame out of a tunnel is asked about with its outer header")
    func tunnel() throws {
        try OpenVSwitchNamespace.run { lab in
            var upcalls = try UpcallSocket()
            let vxlan = try lab.vport(
                lab.families.createVport(
                    .vxlan("vxlan-6784", port: PortNumber(rawValue: 6784), upcallPorts: [upcalls.port]),
                    in: lab.datapath))
            let frame = OpenVSwitchNamespace.frame()
            var outer = TunnelKey(
                id: 0x00a1_3f0f, source: .loopback, destination: .loopback, timeToLive: 64, flags: .dontFragment)
            var batch = NetlinkBatch()
            // Out through the tunnel to this very host, where it comes in.
            let fits = lab.families.appendExecute(
                frame.indices, of: frame.span, actions: [.setTunnel(outer), .output(vxlan.number)], in: lab.datapath,
                answer: .acknowledge, to: &batch)
            #expect(fits)
            var pipeline = try RequestPipeline()
            #expect(try pipeline.exchange(&batch, operation: "execute") { Issue.record("\($1)") } == 1)
            var seen: [FlowKey] = []
            try lab.receive(&upcalls) { upcall, bytes in
                seen.append(upcall.key)
                #expect(upcall.packet.map { bytes[$0] } == frame)
            }
            let key = try #require(seen.first)
            #expect(key.inPort == vxlan.number)
            let tunnel = try #require(key.tunnel)
            // What a received packet's header says of fragments is not told.
            outer.flags = tunnel.flags
            #expect(tunnel.destinationPort == PortNumber(rawValue: 6784))
            outer.sourcePort = tunnel.sourcePort
            outer.destinationPort = tunnel.destinationPort
            #expect(tunnel == outer)
            // The mask that is made for it leaves out what differs from packet to packet.
            var other = key
            other.tunnel?.timeToLive = 3
            other.tunnel?.flags = []
            #expect(FlowMatch(exactly: key).matches(other))
        }
    }

    /// Reads all upcalls; how many were about our frames.
    private static func drain(_ upcalls: inout UpcallSocket, _ families: OpenVSwitchFamilies) throws -> Int {
        var ours = 0
        while try upcalls.receive(families.packet, { view, _ in if view.key.etherType == 0x88b5 { ours += 1 } }) > 0 {}
        return ours
    }

    @Test("upcalls that find the buffer full are counted, and those that find room come")
    func overrun() throws {
        try OpenVSwitchNamespace.run { lab in
            var upcalls = try UpcallSocket(receiveBufferBytes: 65_536, batch: 16)
            try lab.generic.exchange(
                lab.families.setUpcallPorts([upcalls.port], of: lab.port, in: lab.datapath))
            let sent = 1000
            try lab.send(OpenVSwitchNamespace.frame(), times: sent)
            let received = try Self.drain(&upcalls, lab.families)
            let lost = Int(upcalls.lost)
            #expect(received > 0)
            #expect(lost > 0)
            #expect(received + lost >= sent)
            // Room again: nothing more is lost.
            try lab.send(OpenVSwitchNamespace.frame(), times: 5)
            #expect(try Self.drain(&upcalls, lab.families) == 5)
            #expect(Int(upcalls.lost) == lost)
            let statistics = try lab.generic.ask(lab.families.datapath(lab.datapath)) {
                (message) throws(NetlinkMessageError) in try Datapath(message)
            }.statistics
            #expect(Int(statistics?.lost ?? 0) == lost)
        }
    }

    @Test("receiving upcalls, answering them with flows and executions, and gathering the verdicts allocates nothing")
    func allocations() throws {
        try #require(allocations_are_counted() == 1)
        try OpenVSwitchNamespace.run { lab in
            var upcalls = try UpcallSocket()
            var pipeline = try RequestPipeline()
            var batch = NetlinkBatch(capacityBytes: 1 << 20)
            try lab.generic.exchange(
                lab.families.setUpcallPorts([upcalls.port], of: lab.port, in: lab.datapath))
            let actions: [FlowAction] = [
                .setTunnel(TunnelKey(id: 1, source: .loopback, destination: .loopback, timeToLive: 64)),
                .output(.local),
            ]
            let frame = OpenVSwitchNamespace.frame()
            var answered = 0
            for round in 0..<3 {
                try lab.send(frame, times: 200)
                let before = allocations_of_this_thread()
                while try upcalls.receive(
                    lab.families.packet,
                    { upcall, bytes in
                        // The interfaces' own frames come when they like; a refused flow has words, which are memory.
                        guard upcall.key.etherType == 0x88b5 else { return }
                        answered += 1
                        lab.families.appendCreateFlow(
                            FlowMatch(exactly: upcall.key), actions: actions, in: lab.datapath, to: &batch)
                        _ = lab.families.appendExecute(
                            upcall.packet, of: bytes, actions: actions, in: lab.datapath, to: &batch)
                    }) > 0
                {}
                var refused = 0
                _ = try pipeline.exchange(&batch, operation: "answer") { _, _ in refused += 1 }
                batch.removeAll()
                let made = allocations_of_this_thread() - before
                #expect(refused == 0)
                // The first round makes what is made once.
                if round > 0 { #expect(made == 0, "round \(round)") }
                try lab.generic.exchange(lab.families.deleteAllFlows(in: lab.datapath))
            }
            #expect(answered == 600)
        }
    }
}
