import FastDatapath
import NetlinkMessages
import OpenVSwitch
import Overlay
import PacketIO
import Wire

/// What the thread of upcalls knows and does: questions of the kernel become flows, changes of the view become changes of
/// flows. A class, so that it can be changed from within the receipt of upcalls; only that thread has it.
final class UpcallAnswers {
    private var kernel: KernelDatapath
    private var sender: FastPathSender
    private let shared: SharedState
    private let upcallPort: UpcallPort
    private let news: @Sendable (FastPathNews) -> Void
    private var book: FlowBook
    private var drops: [FrameDrop: UInt64] = [:]
    private var addressGeneration: UInt64 = 0

    init(
        _ kernel: consuming KernelDatapath, sender: consuming FastPathSender, shared: SharedState,
        upcallPort: UpcallPort, news: @escaping @Sendable (FastPathNews) -> Void
    ) {
        let ownName = PeerName(rawValue: shared.ownName) ?? .unknown
        book = FlowBook(
            ports: kernel.ports,
            view: FastView(routes: .alone(ownName), tunnels: [:], senders: [:], owners: [:]), upcalls: upcallPort)
        self.kernel = kernel
        self.sender = sender
        self.shared = shared
        self.upcallPort = upcallPort
        self.news = news
    }

    var family: NetlinkType { kernel.families.packet }

    /// Takes the flows of an earlier run into use; those of others, and what cannot be understood, go.
    func begin() {
        let fixed = book.ports.fixedFlows
        let known = Set(fixed.map(\.0.canonical))
        let now = Self.now
        kernel.begin(upcalls: upcallPort, with: fixed) { flow in
            guard let match = flow.match?.canonical, let actions = flow.actions, !flow.looksAtOtherFields else {
                return false
            }
            return known.contains(match) || book.adopt(match, actions, flow.statistics, at: now)
        }
    }

    /// The end of a batch.
    func flush() {
        kernel.flush()
        for match in kernel.takeRefused() { book.lost(match) }
    }

    private static var now: MonotonicInstant { MonotonicInstant(nanoseconds: PacketClock.nanoseconds) }

    private static var second: UInt16 { UInt16(truncatingIfNeeded: PacketClock.nanoseconds / 1_000_000_000) }

    /// Which peer an address was seen at.
    private var place: (MACAddress) -> PeerName? {
        let addresses = shared.addresses
        return { address in addresses.peer(of: address.rawValue).flatMap { PeerName(rawValue: $0) } }
    }

    /// Does what the control plane wants.
    func fulfil(_ wishes: FastPathInbox.Wishes) {
        for port in wishes.ports where book.ports.tunnels[port] == nil {
            if let number = kernel.addTunnel(port, upcalls: upcallPort) { book.add(tunnel: port, number) }
        }
        if let view = wishes.view { apply(book.update(to: view, at: Self.now, place: place)) }
        for sending in wishes.heartbeats {
            guard let number = book.ports.tunnels[sending.ends.port] else { continue }
            let bytes = sending.heartbeat.bytes
            let key = TunnelKey(
                id: sending.id.rawValue, source: sending.ends.local, destination: sending.ends.remote, timeToLive: 64,
                flags: .dontFragment)
            kernel.execute(0..<bytes.count, of: bytes.span, [.setTunnel(key), .output(number)])
        }
    }

    /// A packet thread has seen addresses move: flows that lead to where they were are changed.
    func followAddresses() {
        let generation = shared.addressMoves.loadRelaxed(0)
        guard generation != addressGeneration else { return }
        addressGeneration = generation
        apply(book.moved(book.destinations, at: Self.now, place: place))
    }

    /// One frame that the kernel has no flow for, or that a flow hands to us.
    func answer(_ upcall: UpcallView, _ bytes: Span<UInt8>) {
        if let ethernet = upcall.key.ethernet, ethernet.source.rawValue == 0, ethernet.destination.rawValue == 0 {
            return heartbeat(upcall, bytes)
        }
        guard let question = book.ports.question(upcall.key) else { return }
        let answer = book.answer(question, at: Self.now, place: place)
        let decision = answer.decision
        apply(answer.changes)
        if let drop = decision.drop { drops[drop, default: 0] += 1 }
        // Of a frame that a flow has handed to us the kernel has done its part.
        if upcall.reason == .miss {
            let actions = answer.actions.filter { if case .userspace = $0 { false } else { true } }
            if !actions.isEmpty {
                kernel.execute(
                    upcall.packet, of: bytes, actions, key: FlowKey(inPort: upcall.key.inPort), hash: upcall.hash)
            }
        }
        if !decision.handed.isEmpty { sender.send(bytes.extracting(upcall.packet), decision.handed, book.view) }
        if let peer = decision.learns { learn(question.source, at: peer) }
    }

    private func heartbeat(_ upcall: UpcallView, _ bytes: Span<UInt8>) {
        guard let tunnel = upcall.key.tunnel else { return }
        let beginning = upcall.packet.prefix(FastHeartbeat.readBytes).map { bytes[$0] }
        guard let heartbeat = FastHeartbeat(beginning, length: upcall.frameLengthBytes) else { return }
        news(.heartbeat(heartbeat, from: tunnel.source))
    }

    private func learn(_ address: MACAddress, at peer: PeerName) {
        switch shared.addresses.learn(
            address.rawValue, at: peer.rawValue, second: Self.second, budget: shared.localBudget)
        {
        case .known, .refused: break
        case .evicted: shared.counts.add(.addressesEvicted)
        case .new: apply(book.moved([address], at: Self.now, place: place))
        case .moved:
            shared.counts.add(.addressesMoved)
            apply(book.moved([address], at: Self.now, place: place))
        }
    }

    private func apply(_ changes: [FlowBook.Change]) {
        for change in changes { kernel.apply(change) }
    }

    /// Reads the kernel's counters: flows in use keep their addresses known, idle ones go. Returns what people see.
    func lookAround() -> FastPathStatus {
        if kernel.hasOurFeatures() == false { kernel.setUpcalls(to: upcallPort) }
        let now = Self.now
        if let flows = kernel.flows() {
            var seen: Set<FlowMatch> = []
            for flow in flows {
                guard let match = flow.match?.canonical else { continue }
                seen.insert(match)
                guard book.counted(match, flow.statistics, at: now) == true, let entry = book.entries[match],
                    let peer = entry.decision.learns
                else { continue }
                learn(entry.question.source, at: peer)
            }
            // Somebody else has removed them.
            for match in book.entries.keys where !seen.contains(match) { book.lost(match) }
        }
        apply(book.expire(at: now))
        apply(book.endLingering(at: now, place: place))
        var status = kernel.status()
        status.drops = drops
        status.evictions = book.evictions
        status.flows = book.entries.values.map { entry in
            FastPathStatus.Flow(
                question: entry.question, decision: entry.decision, packets: entry.statistics.packets,
                bytes: entry.statistics.bytes, since: entry.since, lastUsed: entry.lastUsed)
        }
        return status
    }
}
