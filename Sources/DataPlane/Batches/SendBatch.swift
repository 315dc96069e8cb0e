import Overlay
import PacketIO
import Sealing
import Sleeve
import Wire

/// Datagrams that one packet thread is putting together: records are written into one arena, datagram behind
/// datagram, sealed while they are in the nearest cache, and sent in runs of equal size.
///
/// One datagram is open at a time, at the end of the arena; a record for another neighbour or path closes it. Owned by
/// one packet thread at a time. Records are written between `reserve` and the next call.
struct SendBatch: ~Copyable {
    /// No further frame is read into a batch of this much: two super-frames, and what they make fits a cache.
    static let fullBytes = 96 << 10
    /// A batch is sent when it has this much, even within a super-frame: more than what two of them make, since a
    /// send in the middle of the second would break the runs of equal datagrams.
    private static let sentBytes = 144 << 10
    /// More records than the reference puts into one datagram are never needed.
    private static let maximumRecords = 100

    private let memory: MappedMemory
    private let keystream: MappedMemory
    private let scratchMemory: MappedMemory
    private let runNotes: MappedMemory
    /// For whole frames that are made here: fragments, replies.
    let scratch: Bytes
    let slots: SlotTable
    let counts: PlaneCounts
    let sockets: SocketHandles
    private let ownName: UInt64
    private let reporter: NewsReporter
    private var segments: Bool
    /// Nil: waits for room in the socket's buffer as long as it takes.
    private var patience: Patience?
    private var tally = SlotTally(PeerSlots.Word.sent)

    private var plain: SendRuns
    private var unfragmented: SendRuns
    private var used = 0
    /// The open datagram: its start, end, slot (-1: none), path, and what its neighbour needs.
    private var openStart = 0
    private var openEnd = 0
    private var openRecords = 0
    private var openLimit = 0
    private var openPath = false
    private var openHop: OpenHop
    /// End in the arena, slot and segment size of the last run of each path; used to decide whether it can grow.
    private var lastPlain = LastRun()
    private var lastUnfragmented = LastRun()

    private struct OpenHop {
        var slot = -1
        var header = 0
        var isSealed = false
        var remote: UInt64 = 0
        var source: UInt32 = 0
    }

    private struct LastRun {
        var slot = -1
        var end = 0
        var size = 0
        var bytes = 0
        var count = 0
    }

    init(
        arenaBytes: Int, ownName: PeerName, slots: SlotTable, counts: PlaneCounts, sockets: SocketHandles,
        segments: Bool, reporter: NewsReporter, patience: Patience? = nil
    ) throws(SystemError) {
        // An open datagram may be a whole UDP payload behind a full batch.
        let memory = try MappedMemory(count: max(arenaBytes, SendBatch.sentBytes + 2 * 65_536))
        let keystream = try MappedMemory(count: DatagramKey.scratchBytes, isSecret: true)
        let scratchMemory = try MappedMemory(count: 2 * 65_536)
        let runNotes = try MappedMemory(count: 2 * SendRuns.capacity * 8)
        let plain = try SendRuns()
        let unfragmented = try SendRuns()
        scratch = scratchMemory.bytes
        self.memory = memory
        self.keystream = keystream
        self.scratchMemory = scratchMemory
        self.runNotes = runNotes
        self.plain = plain
        self.unfragmented = unfragmented
        self.slots = slots
        self.counts = counts
        self.sockets = sockets
        self.ownName = ownName.rawValue
        self.segments = segments
        self.reporter = reporter
        self.patience = patience
        openHop = OpenHop()
    }

    /// The arena, where `reserve` made room.
    @inline(__always)
    var arena: Bytes { memory.bytes }

    /// Whether there is enough to be worth a send.
    @inline(__always)
    var isFull: Bool { used >= SendBatch.fullBytes }

    /// Makes room for one record whose frame has `length` bytes and writes its header. Returns the frame's place in
    /// the arena, to be filled before the next call; nil if no datagram of that path can hold it.
    @inline(__always)
    mutating func reserve(
        _ length: Int, source: UInt64, destination: UInt64, _ hop: Hop, dontFragment: Bool
    ) -> Int? {
        let need = SleeveLayout.recordHeader &+ length
        let at: Int
        if openHop.slot == hop.slot, openPath == dontFragment, openEnd &+ need &- openStart <= openLimit,
            openRecords < SendBatch.maximumRecords
        {
            at = openEnd
        } else {
            let limit = dontFragment ? hop.maximumPayload : SleeveLayout.maximumPayload
            guard hop.header &+ need <= limit, length <= 65_535 else { return nil }
            begin(hop, dontFragment)
            at = openEnd
        }
        openEnd = at &+ need
        openRecords &+= 1
        let arena = arena
        arena.setNetwork48(at, source)
        arena.setNetwork48(at &+ 6, destination)
        arena.setNetwork16(at &+ 12, UInt16(truncatingIfNeeded: length))
        return at &+ SleeveLayout.recordHeader
    }

    /// Adds a whole frame. False if no datagram of that path can hold it.
    @inline(__always)
    mutating func append(
        _ frame: Bytes, source: UInt64, destination: UInt64, _ hop: Hop, dontFragment: Bool
    ) -> Bool {
        guard
            let at = reserve(
                frame.count, source: source, destination: destination, hop, dontFragment: dontFragment)
        else { return false }
        arena.copy(at, from: frame, 0, count: frame.count)
        return true
    }

    private mutating func begin(_ hop: Hop, _ dontFragment: Bool) {
        close()
        if used >= SendBatch.sentBytes || plain.isFull || unfragmented.isFull { flush() }
        openStart = used
        openEnd = used &+ hop.header
        openRecords = 0
        // Several frames share a datagram only up to what the path carries, whichever way it is sent.
        openLimit = hop.maximumPayload
        openPath = dontFragment
        openHop = OpenHop(
            slot: hop.slot, header: hop.header, isSealed: hop.isSealed, remote: hop.remote, source: hop.source)
        arena.setNetwork48(openStart, ownName)
    }

    /// Ends the open datagram: seals it and makes it part of a run.
    private mutating func close() {
        guard openHop.slot >= 0 else { return }
        let size = openEnd &- openStart
        if openHop.isSealed { seal(slots.row(openHop.slot), size) }
        used = openEnd
        tally.count(openHop.slot, frames: openRecords, bytes: size, in: slots, counts)
        if openPath {
            SendBatch.add(
                &unfragmented, &lastUnfragmented, arena.slice(openStart, size), start: openStart, openHop, segments)
            runNotes.words.storeRelaxed(SendRuns.capacity &+ unfragmented.count &- 1, UInt64(openHop.slot))
        } else {
            SendBatch.add(&plain, &lastPlain, arena.slice(openStart, size), start: openStart, openHop, segments)
            runNotes.words.storeRelaxed(plain.count &- 1, UInt64(openHop.slot))
        }
        openHop.slot = -1
    }

    @inline(__always)
    private func seal(_ row: AtomicWords, _ size: Int) {
        let number = row.add(PeerSlots.Word.sequences &+ (openPath ? 0 : 1), 1)
        let sequence = SealedSequence(number: number, dontFragment: openPath).rawValue
        let datagram = arena.slice(openStart, size)
        datagram.setNetwork64(SleeveLayout.prefix, sequence)
        let body = datagram.from(openHop.header)
        let tag = datagram.slice(SleeveLayout.prefix &+ 8, SleeveLayout.tag)
        unsafe DatagramKey.seal(
            body.base, count: body.count, tag: tag.base, sequence: sequence,
            subkey: slots.sendingKey(openHop.slot).base, scratch: keystream.bytes.base)
    }

    /// A datagram joins the last run of its path if it follows it in memory, goes to the same neighbour, and every
    /// datagram of the run so far was as long as the first and not shorter than this one.
    @inline(__always)
    private static func add(
        _ runs: inout SendRuns, _ last: inout LastRun, _ datagram: Bytes, start: Int, _ hop: OpenHop, _ segments: Bool
    ) {
        let size = datagram.count
        if segments, last.slot == hop.slot, last.end == start, size <= last.size,
            last.bytes == last.size &* last.count, last.count < SendRuns.maximumSegments,
            last.bytes &+ size <= SendRuns.maximumBytes
        {
            runs.extendLast(by: size)
            last.bytes &+= size
            last.count &+= 1
        } else {
            runs.append(
                datagram, address: PackedEndpoint.address(hop.remote), port: PackedEndpoint.port(hop.remote),
                source: hop.source)
            last = LastRun(slot: hop.slot, end: start, size: size, bytes: size, count: 1)
        }
        last.end = start &+ size
    }

    /// Sends everything. The arena is empty afterwards.
    mutating func flush() {
        close()
        tally.publish(to: slots, counts)
        if unfragmented.count > 0 { send(dontFragment: true) }
        if plain.count > 0 { send(dontFragment: false) }
        used = 0
        lastPlain = LastRun()
        lastUnfragmented = LastRun()
    }

    private mutating func send(dontFragment: Bool) {
        let socket = sockets.sender(dontFragment: dontFragment)
        let count = dontFragment ? unfragmented.count : plain.count
        var next = 0
        while next < count {
            let waits = patience == nil
            let sent =
                dontFragment
                ? unfragmented.send(socket, from: next, waits: waits) : plain.send(socket, from: next, waits: waits)
            counts.add(.sendCalls)
            if sent > 0 {
                next &+= sent
                continue
            }
            if !waits, sent == -Int(Errno.wouldBlock) {
                if patience?.wait(for: socket) == true { continue }
                congested(from: next, dontFragment)
                break
            }
            refused(run: next, dontFragment, CInt(truncatingIfNeeded: -sent))
            next &+= 1
        }
        if dontFragment { unfragmented.removeAll() } else { plain.removeAll() }
    }

    /// A run that the kernel did not take. Rare: larger than the path MTU, or no way to the neighbour.
    @inline(never)
    private mutating func refused(run: Int, _ dontFragment: Bool, _ errno: CInt) {
        let slot = Int(truncatingIfNeeded: runNotes.words.loadRelaxed((dontFragment ? SendRuns.capacity : 0) &+ run))
        let isRow = dontFragment ? unfragmented.hasSegments(run) : plain.hasSegments(run)
        let isWhole: Bool
        switch SendRefusal(errno, isRow: isRow, dontFragment: dontFragment) {
        case .lost: return lost(slot)
        case .noSegmentation:
            segments = false
            isWhole = !dontFragment
        case .tooBig:
            reporter.tooBig(slot, dontFragment ? unfragmented.address(run) : plain.address(run), slots)
            isWhole = true
        }
        let socket = sockets.sender(dontFragment: !isWhole)
        let result =
            dontFragment ? unfragmented.sendSingly(socket, run: run) : plain.sendSingly(socket, run: run)
        if result < 0 { lost(slot) }
    }

    /// The buffer is full, and what is left of a path's runs was not worth waiting for.
    @inline(never)
    private func congested(from first: Int, _ dontFragment: Bool) {
        var run = first
        while run < (dontFragment ? unfragmented.count : plain.count) {
            let note = (dontFragment ? SendRuns.capacity : 0) &+ run
            let datagrams = dontFragment ? unfragmented.datagrams(run) : plain.datagrams(run)
            counts.drop(.congested, datagrams)
            slots.row(Int(truncatingIfNeeded: runNotes.words.loadRelaxed(note))).add(
                PeerSlots.Word.sent &+ SlotCounter.dropped, UInt64(truncatingIfNeeded: datagrams))
            run &+= 1
        }
    }

    private func lost(_ slot: Int) {
        counts.drop(.sendFailed)
        slots.row(slot).add(PeerSlots.Word.sent &+ SlotCounter.dropped, 1)
    }

    /// One frame for this neighbour was dropped before it came into a datagram.
    func dropped(_ reason: DropReason, slot: Int) {
        counts.drop(reason)
        slots.row(slot).add(PeerSlots.Word.sent &+ SlotCounter.dropped, 1)
    }
}
