import NetlinkMessages

/// The numbers of the families in the recordings.
private let families = OpenVSwitchFamilies(
    datapath: GenericFamily(type: NetlinkType(rawValue: 26), name: "ovs_datapath"),
    vport: GenericFamily(type: NetlinkType(rawValue: 27), name: "ovs_vport"),
    flow: GenericFamily(type: NetlinkType(rawValue: 28), name: "ovs_flow"),
    packet: GenericFamily(type: NetlinkType(rawValue: 29), name: "ovs_packet"))

extension FuzzTarget {
    /// What the kernel says of Open vSwitch and of families: datagrams, each with its length in front. Flows that were
    /// read are written, and read again.
    static let openVSwitch = FuzzTarget("openvswitch") { bytes throws(BrokenPromise) in
        var input = FuzzInput(bytes)
        while !input.isEmpty {
            let datagram = input.bytes()
            let read = Result { () throws(NetlinkMessageError) in try NetlinkMessage.messages(in: datagram) }
            guard case .success(let messages) = read else { continue }
            for message in messages {
                if message.header.type == .genericControl {
                    _ = Result { () throws(NetlinkMessageError) in try GenericFamily(message) }
                }
                let news = Result { () throws(NetlinkMessageError) in try OpenVSwitchNews(message, families) }
                switch news {
                case .success(.flow(let flow)?), .success(.flowGone(let flow)?): try again(flow)
                case .success: break
                case .failure(let error): try promise(!error.description.isEmpty, "an error says what was wrong")
                }
            }
        }
    }

    private static func again(_ flow: Flow) throws(BrokenPromise) {
        guard let match = flow.match, let actions = flow.actions else { return }
        let request = families.createFlow(match, actions: actions, id: flow.id, in: flow.datapath)
        let read = Result { () throws(NetlinkMessageError) in
            var flows: [Flow] = []
            for message in try NetlinkMessage.messages(in: request.bytes(sequence: 1, port: 1)) {
                flows.append(try Flow(message))
            }
            return flows
        }
        guard case .success(let flows) = read, let copy = flows.first else {
            throw BrokenPromise("what we write can be read")
        }
        try promise(copy.match == match && copy.actions == actions && copy.id == flow.id, "a flow comes back as it was")
        try promise(match.matches(match.key), "a flow's own key hits it")
        try promise(match.canonical.canonical == match.canonical, "a canonical match stays what it is")
    }

    /// Upcalls, and verdicts about requests, as the packet path reads them: datagrams with their length in front.
    static let upcalls = FuzzTarget("upcalls") { bytes throws(BrokenPromise) in
        var input = FuzzInput(bytes)
        var batch = NetlinkBatch(capacityBytes: 0)
        while !input.isEmpty {
            let datagram = input.bytes()
            let whole = Result { () throws(NetlinkMessageError) in try NetlinkMessage.messages(in: datagram) }
            let span = datagram.span
            var cursor = MessageCursor(0..<span.count)
            var count = 0
            var failure: NetlinkMessageError?
            while failure == nil {
                do throws(NetlinkMessageError) {
                    guard let message = try cursor.next(in: span) else { break }
                    count += 1
                    try look(message, span, &batch)
                } catch {
                    failure = error
                }
            }
            if let failure {
                try promise(!failure.description.isEmpty, "an error says what was wrong")
                continue
            }
            guard case .success(let messages) = whole, messages.count == count else {
                throw BrokenPromise("both ways of cutting a datagram find the same messages")
            }
        }
        batch.number(from: 1, port: 1)
        let sent = Result { () throws(NetlinkMessageError) in try NetlinkMessage.messages(in: batch.bytes).count }
        guard case .success(batch.count) = sent else { throw BrokenPromise("a batch can be cut into what went in") }
    }

    /// Reading the places of an upcall traps if they are not within the buffer.
    private static func look(
        _ message: MessageCursor.Found, _ span: Span<UInt8>, _ batch: inout NetlinkBatch
    ) throws(NetlinkMessageError) {
        if message.type == .error { _ = try NetlinkVerdict(message, in: span) }
        guard let upcall = try UpcallView(span, message, family: families.packet) else { return }
        for place in [upcall.packet, upcall.keyPlace, upcall.userdata ?? 0..<0] {
            for index in place { _ = span[index] }
        }
        families.appendCreateFlow(FlowMatch(exactly: upcall.key), actions: [], in: upcall.datapath, to: &batch)
        _ = families.appendExecute(
            upcall.packet, of: span, key: upcall.key, hash: upcall.hash, actions: [], in: upcall.datapath, to: &batch)
    }
}
