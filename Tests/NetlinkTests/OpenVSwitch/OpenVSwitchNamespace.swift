import CLinux
import Foundation
import Netlink
import NetlinkMessages
import Testing
import Wire

/// Whether this is a kernel of `scripts/lab`, which has Open vSwitch; the variable says which.
let labKernel = ProcessInfo.processInfo.environment["WEFT_LAB_KERNEL"]

/// A network namespace with a datapath `datapath` and a veth pair `port` – `far`, of which `port` is a vport.
struct OpenVSwitchNamespace: ~Copyable {
    let route: NetlinkSocket
    var generic: NetlinkSocket
    let families: OpenVSwitchFamilies
    let datapath: DatapathIndex
    let port: VportNumber
    let far: UInt32

    static let near = MACAddress(text: "02:00:00:00:0c:01") ?? .broadcast
    static let distant = MACAddress(text: "02:00:00:00:0c:02") ?? .broadcast
    static let features: DatapathFeatures = [.unaligned, .severalUpcallPorts]

    /// Runs `body` in a fresh one.
    static func run(_ body: @escaping (inout OpenVSwitchNamespace) throws -> Void) throws {
        try PrivateNamespace.run {
            var namespace = try OpenVSwitchNamespace()
            try body(&namespace)
        }
    }

    private init() throws {
        let route = try NetlinkSocket()
        let generic = try NetlinkSocket(.generic)
        let families = try generic.openVSwitchFamilies()
        try route.exchange(.setLink(1, to: LinkSettings(isUp: true), operation: "set lo up"))
        try route.exchange(.createVeth(LinkSettings(name: "port"), peer: LinkSettings(name: "far")))
        let far = try route.ask(.link(named: "far")) { (message) throws(NetlinkMessageError) in try Link(message) }
        // An end can only come up when there is another.
        let up = LinkSettings(isUp: true)
        try route.exchange(.setLink(far.index, to: up, operation: "set far up"))
        try route.exchange(.setLink(far.linkedIndex ?? 0, to: up, operation: "set port up"))
        let datapath = try generic.ask(families.createDatapath(named: "datapath", features: Self.features)) {
            (message) throws(NetlinkMessageError) in try Datapath(message)
        }.index
        let port = try generic.ask(families.createVport(.netdev("port"), in: datapath)) {
            (message) throws(NetlinkMessageError) in try Vport(message)
        }.number
        self.far = far.index
        self.port = port
        self.datapath = datapath
        self.families = families
        self.route = route
        self.generic = generic
    }

    func vport(_ request: NetlinkRequest) throws -> Vport {
        try generic.ask(request) { (message) throws(NetlinkMessageError) in try Vport(message) }
    }

    func flows(omitting omissions: FlowOmissions = []) throws -> [Flow] {
        try generic.list(families.flows(in: datapath, omitting: omissions)) {
            (message) throws(NetlinkMessageError) in try Flow(message)
        }
    }

    /// Frames from `near` to `distant` through the veth vport.
    func match(_ destination: MACAddress = distant) -> FlowMatch {
        FlowMatch(
            exactly: FlowKey(inPort: port, ethernet: EthernetKey(source: Self.near, destination: destination)))
    }

    /// A frame of a private type; the bytes behind the header count up.
    static func frame(to destination: MACAddress = distant, payload: Int = 46) -> [UInt8] {
        destination.bytes + near.bytes + [0x88, 0xb5] + (0..<payload).map { UInt8(truncatingIfNeeded: $0) }
    }

    /// Sends a frame out of `far`, so that it enters the datapath through `port`.
    func send(_ frame: [UInt8], times: Int = 1) throws {
        let socket = weft_open_packet_socket()
        try #require(socket >= 0)
        defer { close(socket) }
        for _ in 0..<times {
            let sent = frame.withUnsafeBytes { weft_send_frame(socket, Int32(far), $0.baseAddress, $0.count) }
            try #require(sent == frame.count)
        }
    }

    /// Waits for upcalls; the limit is there for a kernel that sends none.
    func receive(
        _ socket: inout UpcallSocket, atLeast count: Int = 1, _ body: (UpcallView, Span<UInt8>) -> Void
    ) throws {
        var received = 0
        while received < count {
            var entry = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
            try #require(poll(&entry, 1, 5000) == 1, "\(received) of \(count) upcalls came")
            received += try socket.receive(families.packet, body)
        }
    }
}
