import DataPlane
import FastDatapath
import HostNetwork
import Logging
import Mesh
import NIOCore
import Overlay
import Sealing
import Sleeve
import Transport
import Wire

/// The control plane's state and its driver: events go into the mesh one after the other, effects come out and are
/// applied in order.
///
/// Owner: one event loop; every method is called on it, and nothing in it waits.
final class ControlLoop {
    let loop: any EventLoop
    let configuration: ControlPlaneConfiguration
    let logger: Logger
    let name: PeerName
    let dataPlane: DataPlane
    let hosts: HostWorker
    let startedAt = Clocks.now
    private(set) var router: MeshRouter
    /// The kernel's datapath, or why it is not used.
    let fastChoice: FastPathChoice
    var fastPath: FastPath? { fastChoice.path }
    private(set) lazy var overlays: ConnectionOverlays = makeOverlays()
    private lazy var transport: MeshTransport = MeshTransport(
        loop: loop, host: configuration.host, port: configuration.port
    ) { [weak self] event in self?.receive(event) }
    private let store: StoreKeeper
    private let recorder: ConversationRecorder?
    private var pending: [MeshEvent] = []
    private var isHandling = false
    private var wake: Scheduled<Void>?
    private var ageing: RepeatedTask?
    private var remembering: Scheduled<Void>?
    private var isSnapshotStale = false
    /// What packets are forwarded by.
    private var snapshot: ForwardingSnapshot
    private var rememberedShortID: ShortID?
    private var weighing: Scheduled<Void>?
    private var isPathStale = false
    /// The containers' MTU in use.
    var mtu: Int
    /// What the host keeps us from doing, as of the last look.
    var hostWarnings: [HostWarning] = []
    var bridge: BridgeState?
    var isReady = false
    /// Why no frames are carried; nil while they are.
    private(set) var captureFailure: String?
    private var isAdaptingMTU = false
    /// When the containers' MTU was last made smaller, and what will make it larger again.
    private var loweredMTU: MonotonicInstant?
    private var raisingMTU: Scheduled<Void>?
    /// Chosen: a path that has worked for so long is there to stay.
    private static let beforeRaisingMTU = Duration.seconds(30)

    init(
        loop: any EventLoop, configuration: ControlPlaneConfiguration, name: PeerName, mtu: Int, dataPlane: DataPlane,
        fastPath: FastPathChoice, hosts: HostWorker, logger: Logger, recorder: ConversationRecorder?, store: StoreKeeper
    ) {
        self.loop = loop
        self.configuration = configuration
        self.logger = logger
        self.name = name
        snapshot = .alone(name)
        self.mtu = mtu
        self.dataPlane = dataPlane
        fastChoice = fastPath
        self.hosts = hosts
        self.recorder = recorder
        self.store = store
        var random = SystemRandom()
        let mesh = MeshConfiguration(
            name: name, nickname: configuration.nickname, uid: random.next() | 1, port: configuration.port,
            password: configuration.password, minimumVersion: configuration.minimumVersion,
            maximumVersion: configuration.maximumVersion, discovery: configuration.discovery,
            connectionLimit: configuration.connectionLimit,
            overlays: (fastPath.path == nil ? [.sleeve] : [OverlayKind.fastDatapath, .sleeve]).map(\.rawValue),
            trustedSubnets: configuration.trustedSubnets, shortID: store.shortID(logger),
            extensions: fastPath.path == nil ? MeshExtension.withoutFastDatapath : Set(MeshExtension.allCases))
        recorder?.begin(mesh, at: Clocks.now)
        router = MeshRouter(
            configuration: mesh, cryptography: SodiumCryptography(),
            random: RecordedRandom(recorder: recorder), at: Clocks.now)
    }

    /// Opens the mesh's port.
    func listen() -> EventLoopFuture<Void> {
        transport.listen()
    }

    /// Begins to talk.
    func start(targets: [Target], recalling neighbours: [PeerAddress]) {
        publish()
        handle(.start)
        if !neighbours.isEmpty { handle(.recall(neighbours)) }
        if !targets.isEmpty { handle(.connect(targets, replace: false)) }
        let bound = NIOLoopBound(self, eventLoop: loop)
        // Addresses age by the minute (`MACTable`).
        ageing = loop.scheduleRepeatedTask(initialDelay: .seconds(60), delay: .seconds(60)) { _ in
            bound.value.dataPlane.ageAddresses(at: Clocks.now)
        }
        isReady = true
    }

    /// Ends all connections. The data plane is stopped by its owner.
    func stop() {
        isReady = false
        ageing?.cancel()
        remembering?.cancel()
        weighing?.cancel()
        wake?.cancel()
        raisingMTU?.cancel()
        for connection in router.connections() { _ = overlays.stop(connection.link) }
        transport.stop()
    }

    /// News of the packet threads.
    func receive(_ news: DataPlaneNews) {
        switch news {
        case .special(let slot, let event):
            settle(overlays.settle(overlays.sleeves.handle(event, slot: slot, at: Clocks.now)))
        case .tooBig(let slot, let pathMTU):
            settle(overlays.settle(overlays.sleeves.handle(.tooBig(pathMTU: pathMTU), slot: slot, at: Clocks.now)))
        case .captureFailed(let reason):
            logger.error("the packet path has stopped", metadata: ["reason": "\(reason)"])
            captureFailure = "\(reason)"
            isReady = false
        }
    }

    /// Puts an event into the mesh; events that its effects cause follow after it.
    func handle(_ event: MeshEvent) {
        pending.append(event)
        run()
    }

    /// News of the kernel's datapath.
    func receive(_ news: FastPathNews) {
        guard let fast = overlays.fast else { return }
        switch news {
        case .heartbeat(let heartbeat, let source):
            settle(overlays.settle(fast.heard(heartbeat, from: source, at: Clocks.now)))
        case .failed(let reason):
            logger.error("the fast datapath has stopped", metadata: ["reason": "\(reason)"])
            settle(overlays.settle(fast.breakAll(reason: reason, at: Clocks.now)))
        }
    }

    private func makeOverlays() -> ConnectionOverlays {
        let sleeves = SleeveForwarders(dataPlane: dataPlane, loop: loop) { [weak self] link in
            guard let self else { return }
            settle(overlays.settle(overlays.sleeves.handle(.timer, on: link, at: Clocks.now)))
        }
        let fast = fastPath.map { path in
            FastForwarders(path: path, loop: loop) { [weak self] link in
                guard let self, let fast = overlays.fast else { return }
                settle(overlays.settle(fast.handle(.timer, on: link, at: Clocks.now)))
            }
        }
        return ConnectionOverlays(sleeves: sleeves, fast: fast)
    }

    /// Takes what the overlays have to say to the mesh.
    private func settle(_ outcomes: [SleeveForwarders.Outcome]) {
        for outcome in outcomes {
            switch outcome {
            case .news(let link, let news): pending.append(.overlay(link, news))
            case .neighboursChanged: isSnapshotStale = true
            case .pathChanged: isPathStale = true
            case .roundTripsChanged: weighHops()
            }
        }
        run()
    }

    /// Handles what is pending, in order, and publishes once what has changed by it.
    private func run() {
        guard !isHandling else { return }
        isHandling = true
        while !pending.isEmpty {
            let next = pending.removeFirst()
            let now = Clocks.now
            recorder?.record(next, at: now)
            for effect in router.handle(next, at: now) { apply(effect, at: now) }
        }
        isHandling = false
        if isSnapshotStale {
            isSnapshotStale = false
            publish()
        }
        if isPathStale {
            isPathStale = false
            adaptMTU()
        }
    }

    private func receive(_ event: TransportEvent) {
        switch event {
        case .accepted(let link, let local, let remote): handle(.accepted(link, local: local, remote: remote))
        case .dialled(let link, let local, let remote): handle(.dialled(link, local: local, remote: remote))
        case .dialFailed(let link, let reason): handle(.dialFailed(link, reason: reason))
        case .received(let link, let bytes): handle(.received(link, bytes))
        case .closed(let link, let reason): handle(.closed(link, reason: reason))
        case .drained(let link): handle(.drained(link))
        }
    }

    private func apply(_ effect: MeshEffect, at now: MonotonicInstant) {
        recorder?.record(effect, at: now)
        switch effect {
        case .dial(let link, let target): transport.dial(link, target)
        case .send(let link, let bytes): transport.send(link, bytes)
        case .close(let link, let reason):
            logger.debug("connection closed", metadata: ["connection": "\(link)", "reason": "\(reason)"])
            transport.close(link)
        case .finish(let link, let reason):
            logger.debug("connection closed", metadata: ["connection": "\(link)", "reason": "\(reason)"])
            transport.finish(link)
        case .wake(let instant):
            wake?.cancel()
            let bound = NIOLoopBound(self, eventLoop: loop)
            wake = loop.scheduleTask(deadline: instant.deadline) { bound.value.handle(.timer) }
        case .prepareOverlay(let link, let connection): settle(overlays.prepare(link, connection, at: now))
        case .confirmOverlay(let link): settle(overlays.confirm(link, at: now))
        case .overlayControl(let link, let overlay, let tag, let body):
            // An unknown or short control message is ignored, as the protocol asks.
            settle(overlays.control(overlay, tag: tag, body: body, on: link, at: now))
        case .stopOverlay(let link): settle(overlays.stop(link))
        case .routesChanged: isSnapshotStale = true
        case .peersRemoved(let names): dataPlane.forget(names)
        case .rememberTargets(let texts):
            let (store, logger) = (store, logger)
            hosts.write { store.remember(targets: texts, logger) }
        case .rememberNeighbours(let neighbours): remember(neighbours)
        case .note(let note): log(note)
        }
    }

    /// Writes the list a little later and beside the loop: a mesh that starts makes many of them.
    private func remember(_ neighbours: [PeerAddress]) {
        remembering?.cancel()
        let (store, logger, hosts) = (store, logger, hosts)
        remembering = loop.scheduleTask(in: .milliseconds(500)) {
            hosts.write { store.remember(neighbours: neighbours, logger) }
        }
    }

    private func publish() {
        rememberShortID()
        snapshot = currentSnapshot()
        guard let fastPath, let fast = overlays.fast else { return dataPlane.publish(snapshot) }
        let tunnels = overlays.tunnels
        let view = FastView(
            routes: snapshot, tunnels: tunnels, senders: fast.senders, owners: router.shortIDOwners)
        fast.shortIDs = view.shortIDs
        fastPath.publish(view)
        // The kernel makes the copies for neighbours that it reaches itself.
        dataPlane.publish(snapshot.leavingOut(Set(tunnels.keys)))
    }

    /// Others address us by it, and their kernels by what they were told: after a restart it is to be the same.
    private func rememberShortID() {
        guard let id = router.shortID, id != rememberedShortID else { return }
        rememberedShortID = id
        let (store, logger) = (store, logger)
        hosts.write { store.remember(shortID: id, logger) }
    }

    /// Where frames for a peer go next; nil for ourselves and for the unreachable. A route without an open overlay is
    /// shown as the protocol has it.
    func nextHop(toward peer: PeerName) -> PeerName? {
        peer == name ? nil : snapshot.unicast[peer] ?? router.routes.unicast[peer]
    }

    private func currentSnapshot() -> ForwardingSnapshot {
        let routes = router.routes
        let data = router.takeDataRoutes()
        return .build(
            ownName: name, knownPeers: routes.knownPeers, unicast: routes.unicast, firstHops: data.firstHops,
            broadcast: data.broadcast, neighbours: overlays.sleeves.neighbours, roundTrips: overlays.sleeves.roundTrips,
            former: snapshot)
    }

    /// Looks whether another next hop is much better by now; at most once a second, as round trips change all the time.
    private func weighHops() {
        guard weighing == nil else { return }
        let bound = NIOLoopBound(self, eventLoop: loop)
        weighing = loop.scheduleTask(in: .seconds(1)) {
            let control = bound.value
            control.weighing = nil
            if control.currentSnapshot() != control.snapshot { control.publish() }
        }
    }

    /// Gives bridge and containers the largest MTU that every verified path carries, unless the user has fixed one.
    private func adaptMTU() {
        guard configuration.mtu == nil, !isAdaptingMTU, let wanted = overlays.smallestVerifiedMTU, wanted != mtu
        else { return }
        // A path that comes and goes must not change every container each time.
        if wanted > mtu, let lowered = loweredMTU, Clocks.now - lowered < ControlLoop.beforeRaisingMTU {
            let bound = NIOLoopBound(self, eventLoop: loop)
            let rest = (ControlLoop.beforeRaisingMTU - (Clocks.now - lowered)).wholeNanoseconds
            raisingMTU?.cancel()
            raisingMTU = loop.scheduleTask(in: .nanoseconds(max(rest, 1))) { bound.value.adaptMTU() }
            return
        }
        if wanted < mtu { loweredMTU = Clocks.now }
        isAdaptingMTU = true
        let bound = NIOLoopBound(self, eventLoop: loop)
        hosts.run(on: loop) { (network) throws(HostNetworkError) in try network.setMTU(wanted) }.whenSuccess {
            bound.value.adapted(to: wanted, $0)
        }
    }

    private func adapted(to wanted: Int, _ outcome: Result<[String], HostNetworkError>) {
        isAdaptingMTU = false
        switch outcome {
        case .success(let failures):
            logger.info("containers' MTU changed", metadata: ["mtu": "\(wanted)", "before": "\(mtu)"])
            mtu = wanted
            for text in failures {
                logger.warning("a container keeps its MTU", metadata: ["reason": "\(text)", "advice": .mtuAdvice])
            }
            refreshHost()
            // Another path may have been verified meanwhile.
            adaptMTU()
        case .failure(let error):
            logger.warning("cannot change the containers' MTU", metadata: ["reason": "\(error)"])
            // Chosen: soon enough for people, rare enough for a log.
            let bound = NIOLoopBound(self, eventLoop: loop)
            loop.scheduleTask(in: .seconds(30)) { bound.value.adaptMTU() }
        }
    }

    /// Interfaces or addresses of this host have changed.
    func hostChanged() {
        refreshHost()
        let bound = NIOLoopBound(self, eventLoop: loop)
        hosts.run(on: loop) { (network) throws(HostNetworkError) in try network.addresses() }.whenSuccess { outcome in
            if case .success(let addresses) = outcome { bound.value.leave(addressesExcept: addresses) }
        }
    }

    /// Ends connections whose address this host no longer has: nothing more can come over them, and waiting for silence
    /// would take a minute.
    private func leave(addressesExcept present: Set<IPv4Address>) {
        for connection in router.connections() {
            guard let local = connection.local?.address.v4, !local.isLoopback, !present.contains(local) else {
                continue
            }
            transport.close(connection.link)
            handle(.closed(connection.link, reason: "this host no longer has the address \(local)"))
        }
    }

    /// Looks at bridge and firewall again, for the status.
    @discardableResult
    func refreshHost() -> EventLoopFuture<Void> {
        let bound = NIOLoopBound(self, eventLoop: loop)
        return hosts.run(on: loop) { (network) throws(HostNetworkError) in
            (try network.bridge(), try network.warnings())
        }.map { outcome in
            guard case .success(let (bridge, warnings)) = outcome else { return }
            let control = bound.value
            control.bridge = bridge
            let news = warnings.filter { !control.hostWarnings.contains($0) }
            for warning in news {
                control.logger.warning(
                    "something on this host is in the way",
                    metadata: ["reason": "\(warning.message)", "advice": "\(warning.nextStep)"])
            }
            control.hostWarnings = warnings
        }
    }

    private func log(_ note: MeshNote) {
        var metadata: Logger.Metadata = [:]
        for (key, value) in note.fields { metadata[key] = .string(value) }
        let level: Logger.Level =
            switch note.level {
            case .debug: .debug
            case .info: .info
            case .warning: .warning
            }
        logger.log(level: level, "\(note.message)", metadata: metadata)
    }
}

extension Logger.MetadataValue {
    static let mtuAdvice: Self = "detach the container and attach it again"
}
