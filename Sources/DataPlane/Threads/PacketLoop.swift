import PacketIO

/// The two packet threads.
///
/// The first carries both directions, which gives the shortest latency: one thread to wake. When it has been busy for
/// some milliseconds, with work in both directions, it hands receipt (`PeersToBridge`) to the second thread between
/// two batches; the second gives it back when it has little to do. One word says who has it, so frames of a flow never
/// pass each other.
final class PacketLoop: Sendable {
    /// Chosen by measurement: shorter windows hand over during short bursts, longer ones lose throughput.
    private static let takeOverWindow: Int64 = 4_000_000
    private static let takeOverPercent: Int64 = 85
    private static let giveBackWindow: Int64 = 20_000_000
    private static let giveBackPercent: Int64 = 30
    private static let giveBackPoll: CInt = 20
    /// Between looks at a port whose interface is down: its removal wakes nobody.
    private static let downPoll: CInt = 1_000

    private enum Word {
        static let stop = 0
        /// 0: the first thread has receipt, 1: the second.
        static let receipt = 8
        static let count = 16
    }

    private let shared: SharedState
    private let toPeers: OwnedPlace<BridgeToPeers>
    private let toBridge: OwnedPlace<PeersToBridge>
    private let control: MappedMemory
    private let firstWake: WakeEvent
    private let secondWake: WakeEvent
    private let announcers: (first: EpochAnnouncer, second: EpochAnnouncer)
    private let usesSecond: Bool

    init(
        _ shared: SharedState, toPeers: consuming BridgeToPeers, toBridge: consuming PeersToBridge,
        announcers: (first: EpochAnnouncer, second: EpochAnnouncer), usesSecond: Bool
    ) throws(SystemError) {
        let control = try MappedMemory(count: Word.count * 8)
        let firstWake = try WakeEvent()
        let secondWake = try WakeEvent()
        self.shared = shared
        self.toPeers = OwnedPlace(toPeers)
        self.toBridge = OwnedPlace(toBridge)
        self.control = control
        self.firstWake = firstWake
        self.secondWake = secondWake
        self.announcers = announcers
        self.usesSecond = usesSecond
    }

    /// Makes both threads return soon.
    func stop() {
        control.words.store(Word.stop, 1)
        firstWake.signal()
        secondWake.signal()
    }

    /// Makes them runnable again after both have returned.
    func rearm() {
        control.words.store(Word.stop, 0)
        control.words.store(Word.receipt, 0)
        firstWake.clear()
        secondWake.clear()
    }

    @inline(__always)
    private static func second(of nanoseconds: Int64) -> UInt16 {
        UInt16(truncatingIfNeeded: nanoseconds / 1_000_000_000)
    }

    /// Carries one batch from the bridge to the neighbours. Returns 0, or the errno that capture ended or paused with.
    @inline(__always)
    func carryToPeers(at nanoseconds: Int64) -> CInt {
        toPeers.with { $0.run(second: PacketLoop.second(of: nanoseconds)) }
    }

    /// Carries one batch from the neighbours to the bridge. Returns the number of messages received.
    @inline(__always)
    func carryToBridge(at nanoseconds: Int64) -> Int {
        toBridge.with { $0.run(second: PacketLoop.second(of: nanoseconds)) }
    }

    /// The body of the first thread.
    func runFirst() {
        let words = control.words
        let announcer = announcers.first
        var port = shared.channel.waitable
        var isDown = false
        var meter = LoadMeter(windowNanoseconds: PacketLoop.takeOverWindow, now: PacketClock.nanoseconds)
        var captured = false
        var received = false
        while words.load(Word.stop) == 0 {
            let hasReceipt = words.load(Word.receipt) == 0
            let before = PacketClock.nanoseconds
            let ready = Readiness.wait(
                port, hasReceipt ? shared.sockets.waitable : -1, firstWake.waitable,
                milliseconds: isDown ? PacketLoop.downPoll : -1)
            let now = PacketClock.nanoseconds
            announcer.enter()
            if ready.third { firstWake.clear() }
            if ready.first {
                let failure = carryToPeers(at: now)
                isDown = failure == Errno.networkDown
                if failure != 0, !isDown { endCapture(&port, failure) }
            } else if isDown, shared.channel.isGone {
                isDown = false
                endCapture(&port, Errno.noDevice)
            }
            if ready.second {
                _ = carryToBridge(at: now)
            }
            announcer.leave()
            captured = captured || ready.first
            received = received || ready.second
            if let busy = meter.slept(from: before, to: now) {
                if usesSecond, hasReceipt, busy >= PacketLoop.takeOverPercent, captured, received {
                    shared.counts.add(.receiptHandovers)
                    words.store(Word.receipt, 1)
                    secondWake.signal()
                }
                captured = false
                received = false
            }
        }
    }

    @inline(never)
    private func endCapture(_ port: inout CInt, _ failure: CInt) {
        shared.reporter.captureFailed(failure)
        port = -1
    }

    /// The body of the second thread: sleeps until it is given receipt.
    func runSecond() {
        let words = control.words
        let announcer = announcers.second
        var meter = LoadMeter(windowNanoseconds: PacketLoop.giveBackWindow, now: PacketClock.nanoseconds)
        while words.load(Word.stop) == 0 {
            let hasReceipt = words.load(Word.receipt) == 1
            let before = PacketClock.nanoseconds
            let ready = Readiness.wait(
                hasReceipt ? shared.sockets.waitable : -1, secondWake.waitable, -1,
                milliseconds: hasReceipt ? PacketLoop.giveBackPoll : -1)
            let now = PacketClock.nanoseconds
            if ready.second { secondWake.clear() }
            guard hasReceipt else {
                meter = LoadMeter(windowNanoseconds: PacketLoop.giveBackWindow, now: now)
                continue
            }
            if ready.first {
                announcer.enter()
                _ = carryToBridge(at: now)
                announcer.leave()
            }
            if let busy = meter.slept(from: before, to: now), busy < PacketLoop.giveBackPercent {
                words.store(Word.receipt, 0)
                firstWake.signal()
            }
        }
    }
}
