import Foundation
import Netlink
import NetlinkMessages
import Testing
import Wire

/// Datapaths and vports of a kernel that has them.
@Suite(.enabled(if: labKernel != nil, "needs a kernel with Open vSwitch: scripts/lab"), .serialized)
struct DatapathKernelTests {
    private func datapath(_ message: NetlinkMessage) throws(NetlinkMessageError) -> Datapath { try Datapath(message) }

    @Test("a datapath is made, found, listed, changed and deleted")
    func datapaths() throws {
        try OpenVSwitchNamespace.run { lab in
            let found = try lab.generic.ask(lab.families.datapath(named: "datapath"), datapath)
            #expect(found.index == lab.datapath)
            #expect(found.features == OpenVSwitchNamespace.features)
            #expect(found.statistics?.flows == 0)
            #expect(found.statistics?.maskCacheSize == 256)
            let link = try lab.route.ask(.link(named: "datapath")) {
                (message) throws(NetlinkMessageError) in try Link(message)
            }
            #expect(link.index == lab.datapath.rawValue)
            #expect(try lab.generic.list(lab.families.datapaths(), datapath).map(\.name) == ["datapath"])
            let taken = try #require(throws: NetlinkError.self) {
                try lab.generic.exchange(lab.families.createDatapath(named: "datapath", features: []))
            }
            #expect(taken.errno == EEXIST)
            let changed = try lab.generic.ask(
                lab.families.setFeatures([.unaligned], of: lab.datapath), datapath)
            #expect(changed.features == [.unaligned])
            try lab.generic.exchange(lab.families.deleteDatapath(lab.datapath))
            let gone = try #require(throws: NetlinkError.self) {
                try lab.generic.exchange(lab.families.datapath(named: "datapath"))
            }
            #expect(gone.errno == ENODEV)
            #expect(gone.description == "cannot look up datapath datapath: No such device")
        }
    }

    @Test("upcalls by processor are taken with their ports")
    func perProcessor() throws {
        try OpenVSwitchNamespace.run { lab in
            let features = OpenVSwitchNamespace.features.union(.upcallPerProcessor)
            let changed = try lab.generic.ask(
                lab.families.setFeatures(
                    features, of: lab.datapath, processorPorts: [UpcallPort(rawValue: 7), UpcallPort(rawValue: 8)]),
                datapath)
            #expect(changed.features == features)
        }
    }

    @Test("vports are made, found by name and number, listed, told of and deleted")
    func vports() throws {
        try OpenVSwitchNamespace.run { lab in
            let events = try OpenVSwitchEvents(lab.families)
            let made = try lab.vport(
                lab.families.createVport(
                    .vxlan("vxlan-6784", port: PortNumber(rawValue: 6784)), in: lab.datapath))
            #expect(made.kind == .vxlan)
            #expect(made.tunnelPort == PortNumber(rawValue: 6784))
            #expect(made.upcallPorts == [.none])
            #expect(try lab.vport(lab.families.vport(named: "vxlan-6784")).number == made.number)
            #expect(try lab.vport(lab.families.vport(lab.port, in: lab.datapath)).name == "port")
            let all = try lab.generic.list(lab.families.vports(in: lab.datapath)) {
                (message) throws(NetlinkMessageError) in try Vport(message)
            }
            #expect(Set(all.map(\.name)) == ["datapath", "port", "vxlan-6784"])
            #expect(all.first { $0.number == .local }?.kind == .internal)
            #expect(all.first { $0.name == "port" }?.kind == .netdev)
            #expect(all.allSatisfy { $0.statistics != nil && $0.interface != nil })
            // Recent kernels refuse more than there are processors.
            let processors = ProcessInfo.processInfo.processorCount
            let ports = (0..<processors).map { UpcallPort(rawValue: 77 + UInt32($0)) }
            let changed = try lab.vport(lab.families.setUpcallPorts(ports, of: made.number, in: lab.datapath))
            #expect(changed.upcallPorts == ports)
            #expect(try lab.vport(lab.families.deleteVport(made.number, in: lab.datapath)).name == "vxlan-6784")
            let news = try events.receive().compactMap { news -> String? in
                switch news {
                case .vport(let vport): "there \(vport.name) \(vport.upcallPorts.count)"
                case .vportGone(let vport): "gone \(vport.name)"
                default: nil
                }
            }
            #expect(news == ["there vxlan-6784 1", "there vxlan-6784 \(processors)", "gone vxlan-6784"])
            let absent = try #require(throws: NetlinkError.self) {
                try lab.generic.exchange(lab.families.vport(named: "vxlan-6784"))
            }
            #expect(absent.errno == ENODEV)
        }
    }

    @Test("an interface that goes, and features that somebody else sets, are told of")
    func events() throws {
        try OpenVSwitchNamespace.run { lab in
            let events = try OpenVSwitchEvents(lab.families)
            let other = try NetlinkSocket(.generic)
            try other.exchange(lab.families.setFeatures([.unaligned], of: lab.datapath))
            guard case .datapath(let changed) = try events.receive().first else {
                Issue.record("nothing was told")
                return
            }
            #expect(changed.features == [.unaligned])
            try lab.route.exchange(.deleteLink(lab.far))
            // The kernel detaches it later, on a thread of its own.
            try #require(try events.wait(milliseconds: 5000))
            guard case .vportGone(let gone) = try events.receive().first else {
                Issue.record("nothing was told")
                return
            }
            #expect(gone.number == lab.port)
        }
    }

    @Test("a UDP port that is taken is an error, or a vport whose interface stays down")
    func takenPort() throws {
        try OpenVSwitchNamespace.run { lab in
            let socket = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            defer { close(socket) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(6784).bigEndian
            let bound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            try #require(bound == 0)
            let error = try #require(throws: NetlinkError.self) {
                try lab.generic.exchange(
                    lab.families.createVport(
                        .vxlan("vxlan-6784", port: PortNumber(rawValue: 6784)), in: lab.datapath))
            }
            #expect(error.errno == EADDRINUSE)
        }
    }
}
