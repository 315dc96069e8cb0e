import FastDatapath
import Netlink
import NetlinkMessages
import OpenVSwitch
import PacketIO
import Wire

/// The kernel's side of the fast datapath: its ports, and requests to change flows. Owned by the thread of upcalls once
/// it runs.
struct KernelDatapath: ~Copyable {
    static let features: DatapathFeatures = [.unaligned, .severalUpcallPorts]

    let families: OpenVSwitchFamilies
    private let index: DatapathIndex
    private let name: String
    private let requests: NetlinkSocket
    private var pipeline: RequestPipeline
    private var batch = NetlinkBatch()
    /// For each request of the batch the flow that it installs, if it does.
    private var installing: [FlowMatch?] = []
    /// Flows that the kernel did not take since they were last asked for.
    private(set) var refused: [FlowMatch] = []
    private var refusals: [String: UInt64] = [:]
    private(set) var ports: DatapathPorts

    /// Finds the families, or says which module is missing.
    static func families(_ socket: borrowing NetlinkSocket) throws(FastPathError) -> OpenVSwitchFamilies {
        do throws(NetlinkError) {
            return try socket.openVSwitchFamilies()
        } catch {
            guard error.isAbsentFamily else { throw .refused("\(error)") }
            throw .missing(module: "openvswitch", reason: error.cause)
        }
    }

    /// Makes the datapath and its ports, or adopts those that are there.
    init(_ configuration: FastPathConfiguration, capture: String) throws(FastPathError) {
        let requests = try Self.socket()
        let pipeline = try Self.ask { () throws(NetlinkError) in try RequestPipeline() }
        let families = try Self.families(requests)
        let index = try Self.datapath(configuration.datapath, families, requests)
        let present = try Self.vports(families, index, requests)
        let bridge = try Self.port(.netdev(configuration.bridgeEnd), present, families, index, requests)
        let tap = try Self.port(.netdev(capture), present, families, index, requests)
        let tunnel = try Self.tunnel(configuration.port, present, families, index, requests)
        self.families = families
        self.index = index
        self.requests = requests
        self.pipeline = pipeline
        name = configuration.datapath
        ports = DatapathPorts(bridge: bridge, capture: tap, tunnels: [configuration.port: tunnel])
    }

    /// A socket for requests one by one.
    static func socket() throws(FastPathError) -> NetlinkSocket {
        try ask { () throws(NetlinkError) in try NetlinkSocket(.generic) }
    }

    private static func ask<Value: ~Copyable>(
        _ body: () throws(NetlinkError) -> Value
    ) throws(FastPathError) -> Value {
        do throws(NetlinkError) {
            return try body()
        } catch {
            throw .refused("\(error)")
        }
    }

    private static func datapath(
        _ name: String, _ families: OpenVSwitchFamilies, _ requests: borrowing NetlinkSocket
    ) throws(FastPathError) -> DatapathIndex {
        do throws(NetlinkError) {
            try requests.exchange(families.createDatapath(named: name, features: Self.features))
        } catch {
            // It is there: an earlier run's.
            guard error.errno == Errno.exists else { throw .refused("\(error)") }
        }
        let found = try ask { () throws(NetlinkError) in
            try requests.ask(families.datapath(named: name)) { (message) throws(NetlinkMessageError) in
                try Datapath(message)
            }
        }
        return found.index
    }

    private static func vports(
        _ families: OpenVSwitchFamilies, _ index: DatapathIndex, _ requests: borrowing NetlinkSocket
    ) throws(FastPathError) -> [Vport] {
        try ask { () throws(NetlinkError) in
            try requests.list(families.vports(in: index)) { (message) throws(NetlinkMessageError) in try Vport(message)
            }
        }
    }

    private static func port(
        _ settings: VportSettings, _ present: [Vport], _ families: OpenVSwitchFamilies, _ index: DatapathIndex,
        _ requests: borrowing NetlinkSocket
    ) throws(FastPathError) -> VportNumber {
        if let found = present.first(where: { $0.name == settings.name }) { return found.number }
        return try ask { () throws(NetlinkError) in
            try requests.ask(families.createVport(settings, in: index)) { (message) throws(NetlinkMessageError) in
                try Vport(message)
            }
        }.number
    }

    private static func tunnel(
        _ udp: PortNumber, _ present: [Vport], _ families: OpenVSwitchFamilies, _ index: DatapathIndex,
        _ requests: borrowing NetlinkSocket
    ) throws(FastPathError) -> VportNumber {
        let settings = VportSettings.vxlan("vxlan-\(udp)", port: udp)
        do throws(FastPathError) {
            return try port(settings, present, families, index, requests)
        } catch {
            guard case .refused(let text) = error, text.contains("Address family not supported") else { throw error }
            throw .missing(module: "vport_vxlan", reason: text)
        }
    }

    /// Sends upcalls of all ports to a socket, deletes the flows that nobody wants, and puts the fixed ones there.
    mutating func begin(
        upcalls: UpcallPort, with fixed: [(FlowMatch, [FlowAction])], isWanted: (Flow) -> Bool
    ) {
        setUpcalls(to: upcalls)
        if let flows = flows() {
            for flow in flows where !isWanted(flow) {
                families.appendDeleteFlow(.recorded(flow.keyBytes), in: index, to: &batch)
                installing.append(nil)
            }
        } else {
            note(families.deleteAllFlows(in: index))
        }
        for (match, actions) in fixed { install(match, actions) }
        flush()
    }

    /// Whoever looks at the datapath with other tools may have changed its features.
    mutating func setUpcalls(to upcalls: UpcallPort) {
        note(families.setFeatures(Self.features, of: index))
        for number in [ports.bridge, ports.capture, .local] + ports.tunnels.values {
            note(families.setUpcallPorts([upcalls], of: number, in: index))
        }
    }

    /// Whether the datapath's features are those that we have set; nil if it is gone.
    mutating func hasOurFeatures() -> Bool? {
        guard let datapath = state() else { return nil }
        return datapath.features == Self.features
    }

    private mutating func note(_ request: NetlinkRequest) {
        do throws(NetlinkError) {
            try requests.exchange(request)
        } catch {
            count(error)
        }
    }

    /// Makes a tunnel port for another UDP port; nil if the kernel refuses.
    mutating func addTunnel(_ udp: PortNumber, upcalls: UpcallPort) -> VportNumber? {
        do throws(FastPathError) {
            let present = try Self.vports(families, index, requests)
            let number = try Self.tunnel(udp, present, families, index, requests)
            ports.tunnels[udp] = number
            note(families.setUpcallPorts([upcalls], of: number, in: index))
            return number
        } catch {
            refusals["\(error)", default: 0] += 1
            return nil
        }
    }

    /// Changes a flow, with the next `flush`.
    mutating func apply(_ change: FlowBook.Change) {
        switch change {
        case .install(let match, let actions): install(match, actions)
        case .remove(let match):
            families.appendDeleteFlow(.key(Self.spelled(match).key), in: index, to: &batch)
            installing.append(nil)
        }
    }

    private mutating func install(_ match: FlowMatch, _ actions: [FlowAction]) {
        families.appendCreateFlow(Self.spelled(match), actions: actions, .orReplace, in: index, to: &batch)
        installing.append(match)
    }

    /// The kernel wants hardware addresses in every key, with a mask of zeros where they don't matter.
    private static func spelled(_ match: FlowMatch) -> FlowMatch {
        guard match.key.ethernet == nil, let nobody = MACAddress(rawValue: 0) else { return match }
        var spelled = match
        spelled.key.ethernet = EthernetKey(source: nobody, destination: nobody)
        return spelled
    }

    /// Does something with a frame, with the next `flush`.
    mutating func execute(
        _ frame: Range<Int>, of bytes: Span<UInt8>, _ actions: [FlowAction], key: FlowKey = FlowKey(),
        hash: UInt64? = nil
    ) {
        if families.appendExecute(frame, of: bytes, key: key, hash: hash, actions: actions, in: index, to: &batch) {
            installing.append(nil)
        }
        if batch.lengthBytes > 60_000 { flush() }
    }

    /// Tells the kernel what has been gathered.
    mutating func flush() {
        guard !batch.isEmpty else { return }
        var failures: [(Int, NetlinkVerdict)] = []
        do throws(NetlinkError) {
            try pipeline.exchange(&batch, operation: "change flows") { place, verdict in
                failures.append((place, verdict))
            }
        } catch {
            count(error)
        }
        for (place, verdict) in failures {
            // A flow that is to go may have gone by itself.
            if verdict.errno == Errno.notFound { continue }
            refusals[errnoText(verdict.errno), default: 0] += 1
            if place < installing.count, let match = installing[place] { refused.append(match) }
        }
        batch.removeAll()
        installing.removeAll(keepingCapacity: true)
    }

    /// The flows that were refused since the last call.
    mutating func takeRefused() -> [FlowMatch] {
        defer { refused = [] }
        return refused
    }

    private mutating func count(_ error: NetlinkError) {
        refusals[error.cause, default: 0] += 1
    }

    /// The flows of the kernel; nil if it did not say.
    mutating func flows() -> [Flow]? {
        do throws(NetlinkError) {
            return try requests.list(families.flows(in: index)) { (message) throws(NetlinkMessageError) in
                try Flow(message)
            }
        } catch {
            count(error)
            return nil
        }
    }

    private mutating func state() -> Datapath? {
        do throws(NetlinkError) {
            return try requests.ask(families.datapath(index)) { (message) throws(NetlinkMessageError) in
                try Datapath(message)
            }
        } catch {
            count(error)
            return nil
        }
    }

    /// What the kernel says about itself.
    mutating func status() -> FastPathStatus {
        var status = FastPathStatus()
        status.datapath = name
        if let statistics = state()?.statistics {
            (status.hits, status.misses, status.lost) = (statistics.hits, statistics.misses, statistics.lost)
        }
        let vports = (try? Self.vports(families, index, requests)) ?? []
        status.ports = vports.map { port in
            let kind: String =
                switch port.kind {
                case .netdev: "netdev"
                case .internal: "internal"
                case .vxlan: "vxlan"
                default: "other"
                }
            return FastPathStatus.Port(number: Int(port.number.rawValue), name: port.name, kind: kind)
        }
        status.refusals = refusals
        return status
    }

    /// Deletes a datapath with its ports and flows.
    static func remove(_ name: String) throws(FastPathError) {
        let requests = try socket()
        let families = try families(requests)
        do throws(NetlinkError) {
            let found = try requests.ask(families.datapath(named: name)) { (message) throws(NetlinkMessageError) in
                try Datapath(message)
            }
            // The kernel removes tunnel devices with their ports, not with the datapath.
            let ports = try requests.list(families.vports(in: found.index)) { (message) throws(NetlinkMessageError) in
                try Vport(message)
            }
            for port in ports where port.kind == .vxlan {
                try requests.exchange(families.deleteVport(port.number, in: found.index))
            }
            try requests.exchange(families.deleteDatapath(found.index))
        } catch {
            throw .refused("\(error)")
        }
    }
}
