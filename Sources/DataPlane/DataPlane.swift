public import Overlay
public import PacketIO
public import Sleeve
import Synchronization
public import Wire

/// The packet path between the bridge and the neighbours: a port of the bridge, UDP sockets, and the threads between.
///
/// The control plane opens a slot per neighbour and publishes forwarding snapshots; packet threads never ask it
/// anything. Every method may be called from any thread; none waits for the packet threads, except `stop`.
public final class DataPlane: Sendable {
    /// What was probed, and what is used.
    public let facilities: [PacketFacility]
    /// The interface that is to become a port of the bridge (for a packet socket: the other end of its veth is).
    public let tapName: String
    /// How frames are captured there.
    public let captureKind: FramePort.Kind
    /// The UDP port that is bound.
    public let port: PortNumber

    private let frames: FramePort
    private let sockets: DatagramSockets
    private let memory: PlaneMemory
    let shared: SharedState
    let loop: PacketLoop
    private let registry: Mutex<SlotRegistry>
    private let specials: Mutex<SpecialSender>
    private let threads: Mutex<RunningThreads?>
    private let usesSecondThread: Bool
    private let upcallAnnouncer: EpochAnnouncer
    private let hasSegments: Bool

    /// Opens or adopts the tap and opens the sockets. Nothing is forwarded before `start`.
    ///
    /// The tap's state as a link (up, MTU, port of a bridge) is the caller's business.
    public convenience init(
        _ configuration: DataPlaneConfiguration, news: @escaping @Sendable (DataPlaneNews) -> Void
    ) throws(DataPlaneError) {
        do throws(SystemError) {
            try self.init(configuration, on: FramePort.open(configuration), news)
        } catch {
            throw .system(error)
        }
    }

    /// The same on a port that is open already.
    package init(
        _ configuration: DataPlaneConfiguration, on frames: consuming FramePort,
        _ news: @escaping @Sendable (DataPlaneNews) -> Void
    ) throws(SystemError) {
        let name = configuration.ownName
        var choices = DatagramSockets.Choices()
        choices.udpSegmentation = !configuration.disabled.contains(.udpSegmentation)
        choices.udpReceiveOffload = !configuration.disabled.contains(.udpReceiveOffload)
        choices.separateSocket = !configuration.disabled.contains(.separateSocket)
        let sockets = try DatagramSockets(
            address: configuration.bindAddress, port: configuration.port, choices: choices)
        let memory = try PlaneMemory()
        let slots = try PeerSlots(capacity: min(max(configuration.maximumPeers, 1), 65_536))
        // Two packet threads, and the one that answers the kernel's datapath.
        let epochs = try EpochClock(threads: 3)
        let announcers = (first: epochs.announcer(0), second: epochs.announcer(1))
        upcallAnnouncer = epochs.announcer(2)
        let table = slots.table
        let shared = SharedState(
            ownName: name.rawValue, slots: table, addresses: memory.addresses.view, addressMoves: memory.moves,
            counts: memory.counts,
            forwarding: memory.forwarding, localBudget: LearningBudget(words: memory.budget, index: 0),
            unknownFloods: memory.floods, channel: frames.channel, sockets: sockets.handles,
            reporter: NewsReporter(news))
        let segments = sockets.segments
        func batch(_ patience: Patience?) throws(SystemError) -> SendBatch {
            try SendBatch(
                arenaBytes: 0, ownName: name, slots: table, counts: shared.counts, sockets: shared.sockets,
                segments: segments, reporter: shared.reporter, patience: patience)
        }
        let toPeers = try BridgeToPeers(shared, batch: batch(nil))
        let toBridge = try PeersToBridge(
            shared, receiveBytes: configuration.receiveBufferBytes, batch: batch(Patience()))
        let loop = try PacketLoop(
            shared, toPeers: toPeers, toBridge: toBridge, announcers: announcers,
            usesSecond: configuration.usesSecondThread)
        let specials = try SpecialSender(table, ownName: name, sockets: shared.sockets, counts: shared.counts)
        let nothing = ForwardingSnapshot(
            ownName: name, knownPeers: [name], neighbours: [:], unicast: [:], broadcast: [:])
        let registry = try SlotRegistry(slots, epochs, published: memory.forwarding, first: nothing)

        facilities = frames.facilities + sockets.facilities
        tapName = frames.name
        captureKind = frames.kind
        port = sockets.port
        hasSegments = segments
        usesSecondThread = configuration.usesSecondThread
        self.frames = frames
        self.sockets = sockets
        self.memory = memory
        self.shared = shared
        self.loop = loop
        self.registry = Mutex(registry)
        self.specials = Mutex(specials)
        threads = Mutex(nil)
    }

    deinit { stop() }

    /// Starts the packet threads.
    public func start() throws(DataPlaneError) {
        let loop = loop
        let usesSecond = usesSecondThread
        let error = threads.withLock { threads -> DataPlaneError? in
            guard threads == nil else { return .alreadyStarted }
            loop.rearm()
            do throws(SystemError) {
                threads = try RunningThreads(loop, usesSecond: usesSecond)
                return nil
            } catch {
                return .system(error)
            }
        }
        if let error { throw error }
    }

    /// Ends the packet threads and waits for them. The tap and its addresses stay.
    public func stop() {
        loop.stop()
        let running = threads.withLock { threads -> RunningThreads? in
            threads.take()
        }
        running?.join()
    }

    /// Makes a snapshot the one that packets are forwarded by.
    public func publish(_ snapshot: ForwardingSnapshot) {
        // Without memory for a table the former one stays: wrong routes are repaired by the next snapshot.
        registry.withLock { registry in try? registry.publish(snapshot) }
    }

    /// Makes room for a neighbour. Datagrams flow once a snapshot names the slot and its remote is known.
    public func openSlot(_ configuration: SlotConfiguration) throws(DataPlaneError) -> PeerSlot {
        let result = registry.withLock { registry -> Result<PeerSlot, DataPlaneError> in
            do throws(DataPlaneError) {
                return .success(try registry.open(configuration))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Where the neighbour's datagrams go to. A late call for a closed slot does nothing.
    public func setRemote(_ slot: PeerSlot, _ endpoint: Endpoint) {
        registry.withLock { registry in
            registry.row(slot)?.store(PeerSlots.Word.remote, PackedEndpoint.pack(endpoint))
        }
    }

    /// What the path to the neighbour carries.
    public func setPath(_ slot: PeerSlot, _ path: SleevePath) {
        registry.withLock { registry in
            registry.row(slot)?.store(PeerSlots.Word.path, PackedPath.pack(path))
        }
    }

    /// Ends a neighbour. Its keys are wiped as soon as no packet thread can be using them.
    public func closeSlot(_ slot: PeerSlot) {
        registry.withLock { $0.close(slot) }
    }

    /// Sends a special frame, sealed if the slot is, fragmentation tests without DF and the others with it.
    public func send(_ special: SleeveSpecial, on slot: PeerSlot) -> SpecialOutcome {
        registry.withLock { registry in
            guard registry.isCurrent(slot) else { return .noRemote }
            return specials.withLock { $0.send(special, on: slot) }
        }
    }

    /// The kernel's path MTU towards an address, nil if it knows no route.
    public func pathMTU(toward address: IPv4Address) -> Int? {
        DatagramSockets.pathMTU(toward: address)
    }

    /// Forgets the addresses at peers that have left.
    public func forget(_ peers: [PeerName]) {
        let gone = Set(peers.map(\.rawValue))
        removeAddresses { peer, _ in gone.contains(peer) }
    }

    /// Forgets addresses not seen for ten minutes; to be called every minute. `now` is of CLOCK_MONOTONIC.
    public func ageAddresses(at now: MonotonicInstant) {
        let second = UInt16(truncatingIfNeeded: now.nanoseconds / 1_000_000_000)
        removeAddresses { _, seen in
            // A packet thread may have been a moment ahead: a tiny negative age is no age.
            let age = second &- seen
            return age >= MACTable.lifetimeSeconds && age < UInt16.max - 60
        }
        registry.withLock { $0.reclaim() }
    }

    private func removeAddresses(where isGone: (UInt64, UInt16) -> Bool) {
        // A packet thread holds the table's mark for less than a microsecond.
        for _ in 0..<1_000 where shared.addresses.remove(where: isGone) { return }
    }

    /// The addresses that are known now.
    public func addresses() -> [LearntAddress] {
        let now = PacketClock.nanoseconds / 1_000_000_000
        return shared.addresses.all().compactMap { entry in
            guard let address = MACAddress(rawValue: entry.address), let peer = PeerName(rawValue: entry.peer)
            else { return nil }
            let age = UInt16(truncatingIfNeeded: now) &- entry.seen
            return LearntAddress(
                address: address, peer: peer,
                lastSeen: MonotonicInstant(nanoseconds: (now - Int64(age)) * 1_000_000_000))
        }
    }

    public func counters() -> DataPlaneCounters { DataPlaneCounters(shared.counts) }

    /// Nil once the slot is closed.
    public func slotCounters(_ slot: PeerSlot) -> SlotCounters? {
        let slots = shared.slots
        return registry.withLock { registry in
            registry.isCurrent(slot) ? SlotCounters(slots, slot.index) : nil
        }
    }
}

extension DataPlane {
    /// Makes the kernel's datapath, or adopts the one that is there, with the tap as its capture port. At most one at a
    /// time.
    public func openFastPath(
        _ configuration: FastPathConfiguration, news: @escaping @Sendable (FastPathNews) -> Void
    ) throws(FastPathError) -> FastPath {
        guard let ownName = PeerName(rawValue: shared.ownName) else { throw .refused("this host has no name") }
        let sender: FastPathSender
        do throws(SystemError) {
            let batch = try SendBatch(
                arenaBytes: 0, ownName: ownName, slots: shared.slots, counts: shared.counts, sockets: shared.sockets,
                segments: hasSegments, reporter: shared.reporter, patience: Patience())
            sender = try FastPathSender(shared, batch: batch, announcer: upcallAnnouncer)
        } catch {
            throw .refused("\(error)")
        }
        return try FastPath.open(configuration, capture: tapName, sender, shared, ownName: ownName, news)
    }
}
