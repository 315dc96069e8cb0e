public import Wire

/// The control plane of one peer: what it knows of the mesh, its connections, and what to do next. No I/O: events come
/// in, effects go out, and equal events with an equal random generator give equal effects.
///
/// A composition of parts; each file beside this one handles one family of events. One owner: the daemon's event loop.
/// `docs/targets/Mesh.md` has the picture, `docs/protocol-mesh.md` the protocol.
public struct MeshRouter: Sendable {
    let configuration: MeshConfiguration
    let cryptography: any MeshCryptography
    var random: MeshRandom
    var topology: TopologyChannel
    /// Channels besides topology, by name.
    var channels: [String: any GossipChannel]
    var surrogates = SurrogateChannels()
    var registry = ConnectionRegistry()
    var budget = HandshakeBudget()
    var maker: ConnectionMaker
    var timers = TimerQueue<MeshTimer>()
    var journal = ClosureJournal()

    /// The tables as of the last recalculation. Read them after `MeshEffect.routesChanged`.
    public internal(set) var routes: RouteTables
    /// Trees and next hops of `routes`, as of when somebody last asked.
    var dataRoutes = DataRoutes()
    var areRoutesStale = false
    /// The generation of the short ids' owners that `routesChanged` has told of.
    var toldShortIDs: UInt64 = 0
    var routePace: Pace
    /// Gossip that waits for the recalculation.
    var relays = PendingRelays()
    /// Records asked for, and records to announce, between weft peers.
    var pulls = RecordPulls()
    var announcements = Announcements()

    var places = DiscoveredPlaces()

    /// Neighbours of an earlier run, looked for until then.
    var recalled: [PeerAddress] = []
    var recallEnds: MonotonicInstant
    /// What was last given to be remembered.
    var rememberedNeighbours: [PeerAddress] = []

    /// Peers that the next own update tells of, besides ourselves.
    var updateNames: Set<PeerName> = []
    var updatePace: UpdatePace
    var targetPace: Pace
    var rivals = RivalWatch()
    var isStarted = false
    var needsTargetCheck = false

    /// Ends of strangers' connections that are worth a line in the log: a flood of them shall not fill it.
    var strangersNotes: Pace

    /// Effects of the event that is being handled.
    var effects: [MeshEffect] = []
    private var wakeAt: MonotonicInstant?
    /// What has happened so far, for status and metrics.
    public internal(set) var counters = MeshCounters()

    /// A router that knows only itself. `random` decides every random choice: short id, half-ids, private keys,
    /// back-off, subsets of neighbours. In production it must be the system's secure generator, as the private keys of
    /// connections come from it; a replay gives the recorded numbers.
    public init(
        configuration: MeshConfiguration, cryptography: any MeshCryptography,
        random: any RandomNumberGenerator & Sendable, channels: [any GossipChannel] = [], at now: MonotonicInstant
    ) {
        self.configuration = configuration
        self.cryptography = cryptography
        self.random = MeshRandom(random)
        let shortID = configuration.shortID ?? ShortIDTable().free(using: &self.random)
        let own = PeerRecord(
            name: configuration.name, nickname: configuration.nickname, uid: configuration.uid, version: 0,
            shortID: shortID)
        topology = TopologyChannel(table: PeerTable(own: own))
        self.channels = [:]
        for channel in channels { self.channels[channel.name] = channel }
        maker = ConnectionMaker(ownName: configuration.name, ownPort: configuration.port)
        routes = RouteTables(ownName: configuration.name, records: topology.table.records)
        routePace = Pace(burst: MeshTimes.routesBurst, interval: MeshTimes.routes, at: now)
        recallEnds = now
        strangersNotes = Pace(burst: MeshTimes.strangersNotes, interval: .seconds(1), at: now)
        targetPace = Pace(burst: MeshTimes.targetsBurst, interval: MeshTimes.targets, at: now)
        updatePace = UpdatePace(at: now)
    }

    /// What to do about an event, in this order.
    public mutating func handle(_ event: MeshEvent, at now: MonotonicInstant) -> [MeshEffect] {
        effects = []
        switch event {
        case .start: start(at: now)
        case .accepted(let id, let local, let remote): accept(id, local: local, remote: remote, at: now)
        case .dialled(let id, let local, let remote): dialled(id, local: local, remote: remote, at: now)
        case .dialFailed(let id, let reason): end(id, .dialFailed(reason), isClosed: true, at: now)
        case .received(let id, let bytes): receive(bytes, on: id, at: now)
        case .closed(let id, let reason): closedByRemote(id, reason, at: now)
        case .drained(let id): drained(id, at: now)
        case .timer: fireTimers(at: now)
        case .connect(let targets, let replace): connect(targets, replace: replace, at: now)
        case .recall(let neighbours): recall(neighbours, at: now)
        case .forget(let texts): forget(texts)
        case .overlay(let id, let news): overlay(news, on: id, at: now)
        }
        settle(at: now)
        defer { effects = [] }
        return effects
    }

    /// Does what the event has made necessary, each thing once.
    private mutating func settle(at now: MonotonicInstant) {
        recalculateRoutesIfDue(at: now)
        if needsTargetCheck { checkTargetsIfDue(at: now) }
        guard let earliest = timers.earliest(), earliest != wakeAt else { return }
        wakeAt = earliest
        effects.append(.wake(at: earliest))
    }

    private mutating func start(at now: MonotonicInstant) {
        guard !isStarted else { return }
        isStarted = true
        needsTargetCheck = true
        timers.set(.periodicGossip, at: now + MeshTimes.gossipInterval)
        if configuration.extensions.contains(.announcements) { timers.set(.digests, at: now + MeshTimes.digests) }
    }

    private mutating func fireTimers(at now: MonotonicInstant) {
        // What was asked for has come; whatever is next must be asked for again.
        wakeAt = nil
        while let timer = timers.popDue(at: now) {
            switch timer {
            case .routes: break  // Settling recalculates.
            case .ownUpdate: sendOwnUpdate(at: now)
            case .garbage: collectGarbage(at: now)
            case .periodicGossip: sendPeriodicGossip(at: now)
            case .announcements: sendAnnouncements(at: now)
            case .deferred: sendDeferred(at: now)
            case .digests: sendDigests(at: now)
            case .pulls: checkPulls(at: now)
            case .targets: needsTargetCheck = true
            case .handshake(let id): handshakeExpired(id, at: now)
            case .silence(let id): checkSilence(of: id, at: now)
            case .heartbeat(let id): sendHeartbeat(on: id, at: now)
            case .sendProgress(let id): end(id, .stalled, at: now)
            }
        }
    }

    mutating func note(_ level: MeshNote.Level, _ message: String, _ fields: [String: String] = [:]) {
        effects.append(.note(MeshNote(level, message, fields)))
    }
}
