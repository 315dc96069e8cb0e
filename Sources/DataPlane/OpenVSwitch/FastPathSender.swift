import FastDatapath
import Overlay
import PacketIO
import Wire

/// Sends on by sleeve what came by tunnel for a neighbour that only sleeve reaches. Owned by the thread of upcalls.
struct FastPathSender: ~Copyable {
    private var batch: SendBatch
    private let memory: MappedMemory
    private let shared: SharedState
    private let announcer: EpochAnnouncer

    init(_ shared: SharedState, batch: consuming SendBatch, announcer: EpochAnnouncer) throws(SystemError) {
        let memory = try MappedMemory(count: 65_536)
        self.batch = batch
        self.memory = memory
        self.shared = shared
        self.announcer = announcer
    }

    /// One frame to some neighbours. What does not fit the path of sleeve is cut, or dropped and counted.
    mutating func send(_ frame: Span<UInt8>, _ handed: [FrameDecision.Handed], _ view: FastView) {
        guard frame.count >= FrameLayout.ethernet, frame.count <= 65_536 else { return }
        announcer.enter()
        defer { announcer.leave() }
        let bytes = memory.bytes.slice(0, frame.count)
        for offset in frame.indices { bytes.setByte(offset, frame[offset]) }
        for copy in handed {
            guard let slot = view.routes.neighbours[copy.neighbour],
                let hop = Hop(shared.slots, slot.index), hop.name == copy.neighbour.rawValue
            else {
                shared.counts.drop(.noRemote)
                continue
            }
            _ = batch.transmit(
                bytes, FrameLayout(bytes), source: copy.source.rawValue, destination: copy.destination.rawValue, hop,
                isFlood: copy.isFlood)
        }
        batch.flush()
        shared.counts.add(.framesRelayed, handed.count)
    }
}
