import CNetlink
import Foundation
import Netlink
import NetlinkMessages
import Testing
import Wire

/// One request of each kind with its answer, events and upcalls, held with a kernel of the lab. With
/// `WEFT_RECORD_NETLINK` set to a folder the datagrams are written there, as `lab-KERNEL.bin`.
@Suite(.enabled(if: labKernel != nil, "needs a kernel with Open vSwitch: scripts/lab"), .serialized)
struct LabRecordingTests {
    private final class Recorder {
        var datagrams: [[UInt8]] = []
    }

    @Test("one conversation of each kind")
    func conversations() throws {
        let recorder = Recorder()
        try OpenVSwitchNamespace.run { lab in
            let events = try EventListener(lab.families)
            var upcalls = try UpcallSocket()
            lab.generic.observer = { datagram, _ in recorder.datagrams.append(datagram) }
            for name in ["ovs_datapath", "ovs_vport", "ovs_flow", "ovs_packet"] {
                _ = try lab.generic.family(named: name)
            }
            #expect(throws: NetlinkError.self) { try lab.generic.family(named: "weft_absent") }
            let families = lab.families
            let index = lab.datapath
            try lab.generic.exchange(families.datapath(named: "datapath"))
            try lab.generic.exchange(families.setFeatures(OpenVSwitchNamespace.features, of: index))
            let vxlan = try lab.vport(
                families.createVport(.vxlan("vxlan-6784", port: PortNumber(rawValue: 6784)), in: index))
            try lab.generic.exchange(families.setUpcallPorts([upcalls.port], of: lab.port, in: index))
            try lab.generic.exchange(families.vports(in: index))
            let tunnel = TunnelKey(
                id: 0x00a1_3f0f, source: .loopback, destination: .loopback, timeToLive: 64, flags: .dontFragment)
            try lab.generic.exchange(
                families.createFlow(
                    lab.match(),
                    actions: [
                        .clone([.truncate(100), .output(.local)]), .setTunnel(tunnel), .output(vxlan.number),
                        .checkLength(
                            1424, greater: [.userspace(upcalls.port, userdata: Array(1...8))],
                            lessOrEqual: [.output(.local)]),
                    ], .onlyNew, in: index, answer: .echo))
            var received = lab.match(.broadcast)
            received.key.inPort = vxlan.number
            received.key.tunnel = tunnel
            received = FlowMatch(exactly: received.key)
            try lab.generic.exchange(
                families.createFlow(
                    received, actions: [.output(lab.port)], id: FlowID(high: 1, low: 2), in: index, answer: .echo))
            #expect(throws: NetlinkError.self) {
                try lab.generic.exchange(families.createFlow(lab.match(), actions: [], .onlyNew, in: index))
            }
            try lab.send(OpenVSwitchNamespace.frame())
            try lab.generic.exchange(families.flows(in: index))
            try lab.generic.exchange(families.flows(in: index, omitting: .allButUse))
            try lab.send(OpenVSwitchNamespace.frame(to: .broadcast))
            try lab.receive(&upcalls) { _, bytes in recorder.datagrams.append(bytes.indices.map { bytes[$0] }) }
            try lab.send(OpenVSwitchNamespace.frame(payload: 1450))
            try lab.receive(&upcalls) { _, bytes in recorder.datagrams.append(bytes.indices.map { bytes[$0] }) }
            try lab.generic.exchange(families.deleteFlow(.key(lab.match().key), in: index, answer: .echo))
            try lab.generic.exchange(families.deleteAllFlows(in: index))
            try lab.generic.exchange(families.deleteVport(vxlan.number, in: index))
            recorder.datagrams += events.receive()
            lab.generic.observer = nil
        }
        #expect(recorder.datagrams.count > 40)
        guard let folder = ProcessInfo.processInfo.environment["WEFT_RECORD_NETLINK"], let labKernel else { return }
        var file: [UInt8] = []
        for datagram in recorder.datagrams {
            file += withUnsafeBytes(of: UInt32(datagram.count).littleEndian) { Array($0) } + datagram
        }
        try Data(file).write(to: URL(filePath: "\(folder)/lab-\(labKernel).bin"))
    }

    /// The raw datagrams of the vport group, by libnl.
    private struct EventListener: ~Copyable {
        private let socket: OpaquePointer

        init(_ families: OpenVSwitchFamilies) throws {
            let socket = try #require(nl_socket_alloc())
            try #require(genl_connect(socket) == 0)
            try #require(nl_socket_add_membership(socket, CInt(try #require(families.vportGroup))) == 0)
            nl_socket_set_nonblocking(socket)
            self.socket = socket
        }

        deinit { nl_socket_free(socket) }

        func receive() -> [[UInt8]] {
            var datagrams: [[UInt8]] = []
            while true {
                var sender = sockaddr_nl()
                var buffer: UnsafeMutablePointer<UInt8>?
                let length = nl_recv(socket, &sender, &buffer, nil)
                guard length > 0, let bytes = buffer else { return datagrams }
                datagrams.append(Array(UnsafeBufferPointer(start: bytes, count: Int(length))))
                free(bytes)
            }
        }
    }
}
