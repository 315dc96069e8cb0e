import Overlay
import PacketIO
import Sealing
import Sleeve
import Wire

/// Sends special frames for the control plane: its own scratch memory, the slots' sequence numbers. Used under a lock.
struct SpecialSender: ~Copyable {
    private let memory: MappedMemory
    private let keystream: MappedMemory
    private var runs: SendRuns
    private let table: SlotTable
    private let ownName: PeerName
    private let sockets: SocketHandles
    private let counts: PlaneCounts

    init(
        _ table: SlotTable, ownName: PeerName, sockets: SocketHandles, counts: PlaneCounts
    ) throws(SystemError) {
        let memory = try MappedMemory(count: 65_536)
        let keystream = try MappedMemory(count: DatagramKey.scratchBytes, isSecret: true)
        let runs = try SendRuns()
        self.memory = memory
        self.keystream = keystream
        self.runs = runs
        self.table = table
        self.ownName = ownName
        self.sockets = sockets
        self.counts = counts
    }

    /// `slot` is open.
    mutating func send(_ special: SleeveSpecial, on slot: PeerSlot) -> SpecialOutcome {
        guard let hop = Hop(table, slot.index) else { return .noRemote }
        let dontFragment = special != .fragmentationTest
        let length = special.frameBytes
        let size = hop.header + SleeveLayout.recordHeader + length
        guard size <= SleeveLayout.maximumPayload else { return .failed(errno: Errno.messageTooBig) }
        let datagram = memory.bytes.slice(0, size)
        datagram.zero(0, count: size)
        datagram.setNetwork48(0, ownName.rawValue)
        let body = datagram.from(hop.header)
        body.setNetwork48(0, ownName.rawValue)
        body.setNetwork48(6, hop.name)
        body.setNetwork16(12, UInt16(length))
        let content = SleeveLayout.recordHeader + SleeveLayout.ethernetHeader
        switch special {
        case .heartbeat(let uid): body.setNetwork64(content, uid)
        case .call(let uid):
            body.setNetwork64(content, uid)
            body.setByte(SleeveLayout.recordHeader + SleeveLayout.callFrame - 1, 1)
        case .fragmentationTest, .mtuTest: break
        }
        let row = table.row(slot.index)
        if hop.isSealed { seal(datagram, body, row, slot.index, dontFragment) }
        runs.append(
            datagram, address: PackedEndpoint.address(hop.remote), port: PackedEndpoint.port(hop.remote),
            source: hop.source)
        defer { runs.removeAll() }
        // The control loop never waits for the network.
        let sent = runs.send(sockets.specialSender(dontFragment: dontFragment), from: 0, waits: false)
        let counters = row.slice(PeerSlots.Word.sent, 4)
        guard sent < 0 else {
            counters.add(SlotCounter.frames, 1)
            counters.add(SlotCounter.bytes, UInt64(size))
            counters.add(SlotCounter.datagrams, 1)
            return .sent
        }
        let errno = CInt(truncatingIfNeeded: -sent)
        let address = IPv4Address(rawValue: PackedEndpoint.address(hop.remote))
        if errno == Errno.messageTooBig, let mtu = DatagramSockets.pathMTU(toward: address) {
            return .tooBig(pathMTU: mtu)
        }
        counts.drop(.sendFailed)
        counters.add(SlotCounter.dropped, 1)
        return .failed(errno: errno)
    }

    private func seal(_ datagram: Bytes, _ body: Bytes, _ row: AtomicWords, _ index: Int, _ dontFragment: Bool) {
        let number = row.add(PeerSlots.Word.sequences + (dontFragment ? 0 : 1), 1)
        let sequence = SealedSequence(number: number, dontFragment: dontFragment).rawValue
        datagram.setNetwork64(SleeveLayout.prefix, sequence)
        let tag = datagram.slice(SleeveLayout.prefix + 8, SleeveLayout.tag)
        unsafe DatagramKey.seal(
            body.base, count: body.count, tag: tag.base, sequence: sequence, subkey: table.sendingKey(index).base,
            scratch: keystream.bytes.base)
    }
}

extension SleeveSpecial {
    /// Length of the frame, its 14 zero bytes included.
    fileprivate var frameBytes: Int {
        switch self {
        case .heartbeat: SleeveLayout.heartbeatFrame
        case .call: SleeveLayout.callFrame
        case .fragmentationTest: SleeveLayout.fragmentationTestFrame
        case .mtuTest(let size): size + SleeveLayout.ethernetHeader
        }
    }
}
