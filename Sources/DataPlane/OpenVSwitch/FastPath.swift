public import FastDatapath
import Netlink
import NetlinkMessages
import PacketIO
import Synchronization
public import Wire

/// The kernel's datapath between bridge and tunnels: what the control plane publishes becomes flows, what the kernel asks
/// is answered on a thread of its own.
///
/// Every method may be called from any thread; none but `open` and `stop` waits for the kernel.
public final class FastPath: Sendable {
    public let ownName: PeerName
    /// The UDP port that tunnels of neighbours are received on.
    public let port: PortNumber

    private let inbox: FastPathInbox
    private let thread: Mutex<UpcallThread?>

    /// Makes the datapath or adopts the one that is there, with its ports, and begins to answer.
    ///
    /// - Parameter capture: the interface that user space sends and receives through (the data plane's tap).
    static func open(
        _ configuration: FastPathConfiguration, capture: String, _ sender: consuming FastPathSender,
        _ shared: SharedState, ownName: PeerName, _ news: @escaping @Sendable (FastPathNews) -> Void
    ) throws(FastPathError) -> FastPath {
        let kernel = try KernelDatapath(configuration, capture: capture)
        let upcalls: UpcallSocket
        do throws(NetlinkError) {
            upcalls = try UpcallSocket()
        } catch {
            throw .refused("\(error)")
        }
        let inbox: FastPathInbox
        do throws(SystemError) {
            inbox = FastPathInbox(wake: try WakeEvent())
        } catch {
            throw .refused("\(error)")
        }
        let path = FastPath(ownName: ownName, port: configuration.port, inbox: inbox)
        let answers = UpcallAnswers(kernel, sender: sender, shared: shared, upcallPort: upcalls.port, news: news)
        let place = RunningPlace(OwnedPlace(FastPathLoop(upcalls, answers, inbox)))
        do throws(SystemError) {
            let thread = try UpcallThread(place)
            path.thread.withLock { $0 = thread }
        } catch {
            throw .refused("\(error)")
        }
        return path
    }

    /// Whether this kernel has what is needed; throws what it lacks.
    public static func probe() throws(FastPathError) {
        _ = try KernelDatapath.families(try KernelDatapath.socket())
    }

    /// Deletes a datapath with its ports and flows; one that is not there is an error.
    public static func remove(datapath name: String) throws(FastPathError) {
        try KernelDatapath.remove(name)
    }

    private init(ownName: PeerName, port: PortNumber, inbox: FastPathInbox) {
        self.ownName = ownName
        self.port = port
        self.inbox = inbox
        thread = Mutex(nil)
    }

    deinit { stop() }

    /// Frames are forwarded by this from now on.
    public func publish(_ view: FastView) {
        inbox.put { $0.view = view }
    }

    /// Receives tunnels on one more UDP port, which is also the one that they are sent to. Asynchronous: heartbeats that
    /// cannot be sent meanwhile are sent again.
    public func listen(on port: PortNumber) {
        guard port != self.port else { return }
        inbox.put { $0.ports.append(port) }
    }

    /// Sends a heartbeat by tunnel.
    public func send(_ heartbeat: FastHeartbeat, id: TunnelID, to ends: TunnelEnds) {
        inbox.put { $0.heartbeats.append(FastPathInbox.Sending(heartbeat: heartbeat, id: id, ends: ends)) }
    }

    /// As of the last look, at most a second ago.
    public func status() -> FastPathStatus { inbox.status }

    /// Ends the thread. The datapath goes on forwarding with the flows that it has.
    public func stop() {
        inbox.put { $0.isStopping = true }
        let running = thread.withLock { thread -> UpcallThread? in thread.take() }
        running?.join()
    }
}

/// The thread of upcalls.
private final class UpcallThread: Sendable {
    private let thread: PacketThread

    init(_ place: RunningPlace) throws(SystemError) {
        thread = try PacketThread(name: "weft-upcalls") { place.run() }
    }

    /// Waits for its end; once.
    func join() { thread.join() }
}

/// Keeps the loop while its thread runs.
private final class RunningPlace: Sendable {
    private let loop: OwnedPlace<FastPathLoop>

    init(_ loop: consuming OwnedPlace<FastPathLoop>) {
        self.loop = loop
    }

    func run() {
        loop.with { $0.run() }
    }
}

/// What the control plane wants of the thread, and what it shows.
final class FastPathInbox: Sendable {
    struct Sending: Sendable {
        let heartbeat: FastHeartbeat
        let id: TunnelID
        let ends: TunnelEnds
    }

    struct Wishes: Sendable {
        var view: FastView?
        var ports: [PortNumber] = []
        var heartbeats: [Sending] = []
        var isStopping = false
    }

    /// Chosen: more than a host with its connections' limit sends at a time.
    private static let heartbeatLimit = 4_096
    private let wishes = Mutex(Wishes())
    private let shown = Mutex(FastPathStatus())
    private let wake: WakeEvent

    init(wake: consuming WakeEvent) {
        self.wake = wake
    }

    var waitable: CInt { wake.waitable }

    func put(_ change: (inout Wishes) -> Void) {
        wishes.withLock { wishes in
            change(&wishes)
            if wishes.heartbeats.count > FastPathInbox.heartbeatLimit { wishes.heartbeats.removeFirst() }
        }
        wake.signal()
    }

    /// Everything that was put since the last call.
    func take() -> Wishes {
        wake.clear()
        return wishes.withLock { wishes in
            let taken = wishes
            wishes = Wishes()
            wishes.isStopping = taken.isStopping
            return taken
        }
    }

    var status: FastPathStatus {
        get { shown.withLock { $0 } }
        set { shown.withLock { $0 = newValue } }
    }
}
