import DataPlane
import HostNetwork
public import Logging
import Mesh
import NIOCore
import NIOPosix
import Overlay
import PacketIO
import Sleeve
import Synchronization
public import Wire

/// The running daemon, apart from its API server: mesh, sleeve, packet path and the host's network, joined.
///
/// Everything that decides runs on one event loop; packet threads and the host worker are beside it.
public final class ControlPlane: Sendable {
    let group: MultiThreadedEventLoopGroup
    let loop: any EventLoop
    let control: NIOLoopBound<ControlLoop>
    let dataPlane: DataPlane
    let fastPath: FastPath?
    let hosts: HostWorker
    let store: StoreKeeper
    let configuration: ControlPlaneConfiguration
    let logger: Logger
    let startedAtDate = Clocks.wall
    /// Tells of changes to the host's interfaces and addresses; nil where the kernel refused it.
    private let monitor: HostMonitor?
    let onStop: @Sendable () -> Void
    /// This peer's name in the mesh.
    public let name: PeerName

    /// Sets the host up and opens the mesh's port. `onStop` is called when a user asks for the end.
    public init(
        _ configuration: ControlPlaneConfiguration, logger: Logger, onStop: @escaping @Sendable () -> Void
    ) async throws(ControlPlaneError) {
        self.configuration = configuration
        self.logger = logger
        self.onStop = onStop
        if let code = SmallFile.makeDirectory(configuration.stateDirectory) {
            throw .cannot("make the state directory \(configuration.stateDirectory)", errnoWords(code))
        }
        store = try StoreKeeper(directory: configuration.stateDirectory)
        let network = try ControlPlaneError.wrapping { () throws(HostNetworkError) in try HostNetwork() }
        hosts = HostWorker(network)
        let name = try ControlPlane.chooseName(configuration, store: store, network: network, logger: logger)
        self.name = name
        let mtu = configuration.mtu ?? ControlPlane.startingMTU(configuration, network)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.any()
        self.group = group
        self.loop = loop

        // The packet threads may have news before the loop has its state: they wait in the loop's queue.
        let receiver = NewsReceiver(loop: loop)
        let dataPlane = try ControlPlane.openDataPlane(
            ControlPlane.dataPlaneConfiguration(configuration, name, network), network, mtu: mtu, receiver)
        self.dataPlane = dataPlane
        receiver.answerCalls { [weak dataPlane] slot, connectionUID in
            _ = dataPlane?.send(.heartbeat(connectionUID: connectionUID), on: slot)
        }
        let choice = try ControlPlane.openFastPath(configuration, dataPlane, network, mtu: mtu, receiver)
        fastPath = choice.path
        let hosts = hosts
        let store = store
        do {
            control = try await loop.submit {
                let recorder = configuration.recordingDirectory.flatMap {
                    ConversationRecorder(directory: $0, name: name)
                }
                let control = ControlLoop(
                    loop: loop, configuration: configuration, name: name, mtu: mtu, dataPlane: dataPlane,
                    fastPath: choice, hosts: hosts,
                    logger: logger, recorder: recorder, store: store)
                receiver.deliver(to: control)
                return NIOLoopBound(control, eventLoop: loop)
            }.get()
            let control = control
            if !configuration.isForRemoval { try await loop.flatSubmit { control.value.listen() }.get() }
        } catch {
            throw .cannot("start", "\(error)")
        }
        // Tap and ports are ours: no other daemon uses this host, and what it has may be changed.
        try ControlPlaneError.wrapping { () throws(HostNetworkError) in
            _ = try network.ensureBridge(address: MACAddress(name), mtu: mtu)
            let usesTap = dataPlane.captureKind == .tap && choice.path == nil
            try network.addPort(interface: usesTap ? dataPlane.tapName : network.names.capturePort)
            // Containers that are adopted may have had another MTU.
            for text in try network.setMTU(mtu) {
                logger.warning("a container keeps its MTU", metadata: ["reason": "\(text)", "advice": .mtuAdvice])
            }
        }
        if name != store.peerName(logger) { store.remember(peerName: name, logger) }
        do throws(DataPlaneError) {
            try dataPlane.start()
        } catch {
            throw .cannot("start the packet path", "\(error)")
        }
        monitor = ControlPlane.monitor(loop, control, logger)
    }

    /// Without it, what changes on the host is seen when a status is asked for.
    private static func monitor(
        _ loop: any EventLoop, _ control: NIOLoopBound<ControlLoop>, _ logger: Logger
    ) -> HostMonitor? {
        do throws(HostNetworkError) {
            return try HostMonitor {
                loop.execute { control.value.hostChanged() }
            }
        } catch {
            logger.warning("changes on this host will not be noticed", metadata: ["reason": "\(error)"])
            return nil
        }
    }

    /// Begins to talk: to the given peers, or to those remembered. Given others than last time, the host may have moved
    /// to another mesh: then the neighbours of the last run are left alone.
    public func start() async {
        if configuration.isForRemoval {
            let control = control
            return loop.execute { control.value.isReady = true }
        }
        let remembered = store.targets(logger)
        let texts = configuration.peers.isEmpty ? remembered : configuration.peers
        let neighbours = texts == remembered ? store.neighbours(logger) : []
        let targets = texts.compactMap { text in
            let target = Target(text: text)
            if target == nil { logger.warning("a target cannot be read", metadata: ["object": "\(text)"]) }
            return target
        }
        let control = control
        loop.execute {
            control.value.start(targets: targets, recalling: neighbours)
            control.value.refreshHost()
        }
        logger.info(
            "weft is running",
            metadata: [
                "peer": "\(name)", "nickname": "\(configuration.nickname)", "port": "\(configuration.port)",
                "targets": "\(texts.joined(separator: " "))",
            ])
    }

    /// Ends in order: connections, packet threads, store. Containers stay attached.
    public func shutDown() async {
        let control = control
        do {
            try await loop.submit { control.value.stop() }.get()
            monitor?.stop()
            fastPath?.stop()
            dataPlane.stop()
            hosts.stop()
            try await group.shutdownGracefully()
        } catch {
            logger.warning("the end was not orderly", metadata: ["reason": "\(error)"])
        }
        logger.info("weft has stopped", metadata: ["peer": "\(name)"])
    }

    /// The option, else the stored one, else that of an existing bridge, else one derived from the machine.
    private static func chooseName(
        _ configuration: ControlPlaneConfiguration, store: StoreKeeper, network: HostNetwork, logger: Logger
    ) throws(ControlPlaneError) -> PeerName {
        let bridge = try ControlPlaneError.wrapping { () throws(HostNetworkError) in try network.bridge() }
        let derived = PeerNameDerivation.nameOfThisMachine(
            stateDirectory: configuration.hasOwnStateDirectory ? configuration.stateDirectory : nil)
        let stored = store.peerName(logger)
        guard let name = configuration.name ?? stored ?? bridge.map({ PeerName($0.address) }) ?? derived,
            name.isUsable
        else {
            throw .cannot(
                "choose a peer name", "this machine has neither /etc/machine-id nor a product UUID; give --name")
        }
        return name
    }

    /// What sleeve carries over the interface towards the first peer, or over Ethernet while none is known.
    private static func startingMTU(_ configuration: ControlPlaneConfiguration, _ network: HostNetwork) -> Int {
        let overhead = configuration.password == nil ? 62 : 86
        let first = configuration.peers.compactMap { Target(text: $0) }.compactMap { IPAddress(text: $0.host) }.first
        guard let first, let underlay = try? network.underlay(toward: first) else {
            // No route yet: Ethernet is assumed, and corrected when the first path is verified.
            return 1_500 - overhead
        }
        return max(underlay.mtu - overhead, 552)
    }
}

/// Hands the packet threads' news to the control loop, which may not be there yet when the first of them come.
final class NewsReceiver: Sendable {
    private let loop: any EventLoop
    private let control: NIOLoopBoundBox<ControlLoop?>
    private let answer = Mutex<(@Sendable (PeerSlot, UInt64) -> Void)?>(nil)

    init(loop: any EventLoop) {
        self.loop = loop
        control = .makeEmptyBox(valueType: ControlLoop.self, eventLoop: loop)
    }

    /// On the loop: who gets the news.
    func deliver(to control: ControlLoop) {
        self.control.value = control
    }

    /// From now on calls are answered where they come in, on the packet thread: a control loop that is busy with a large
    /// mesh must not look like a path that is cut.
    func answerCalls(_ answer: @escaping @Sendable (PeerSlot, _ connectionUID: UInt64) -> Void) {
        self.answer.withLock { $0 = answer }
    }

    func receive(_ news: FastPathNews) {
        let control = control
        loop.execute { control.value?.receive(news) }
    }

    func receive(_ news: DataPlaneNews) {
        var news = news
        if case .special(let slot, .call(let connectionUID, let source)) = news, let answer = answer.withLock({ $0 }) {
            answer(slot, connectionUID)
            news = .special(slot, .heartbeat(connectionUID: connectionUID, from: source))
        }
        let (control, known) = (control, news)
        loop.execute { control.value?.receive(known) }
    }
}
