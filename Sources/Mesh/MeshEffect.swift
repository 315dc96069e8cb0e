public import Wire

/// What a `MeshRouter` wants done; the edge applies effects in order.
public enum MeshEffect: Sendable {
    /// Dial this target (resolving its name now, at each try) and answer with `dialled` or `dialFailed`.
    case dial(LinkID, Target)
    /// Send these bytes; the edge queues them and answers `drained` when the queue is empty.
    case send(LinkID, [UInt8])
    /// Close at once (the other side sees a reset, as the original does); `reason` goes to the log and the status.
    case close(LinkID, reason: String)
    /// Send what waits, then end our side; close for good when the other side has, or after a second. Nothing more is
    /// wanted of it.
    case finish(LinkID, reason: String)
    /// Call `handle(.timer)` at this instant; replaces the instant asked for before.
    case wake(at: MonotonicInstant)
    /// Prepare the overlay of a connection; it must stay silent until confirmed.
    case prepareOverlay(LinkID, OverlayConnection)
    /// The connection is added: the overlay may talk.
    case confirmOverlay(LinkID)
    /// A control message from the other side's overlay of this name.
    case overlayControl(LinkID, overlay: String, tag: UInt8, body: [UInt8])
    /// The connection is gone: stop its overlay.
    case stopOverlay(LinkID)
    /// Routes or known peers changed: read `MeshRouter.routes` and publish a new forwarding snapshot.
    case routesChanged
    /// These peers left the topology: forget their addresses.
    case peersRemoved([PeerName])
    /// The list of targets to remember over a restart.
    case rememberTargets([String])
    /// Neighbours that carry data, to be given to `MeshEvent.recall` after a restart.
    case rememberNeighbours([PeerAddress])
    /// Something a person may want to read in the log.
    case note(MeshNote)
}

/// What the overlay needs to know of a connection. Everything but the key may be shown to people.
public struct OverlayConnection: Sendable {
    public let remoteName: PeerName
    public let remoteNickname: String
    /// Whether we dialled the TCP connection.
    public let isOutbound: Bool
    public let local: Endpoint
    /// The TCP connection's other end; the UDP address only if we dialled.
    public let remote: Endpoint
    /// Equal on both sides: XOR of both half-ids.
    public let connectionUID: UInt64
    /// 32 bytes; nil where overlay traffic goes in clear.
    public let sessionKey: [UInt8]?
    /// Whether both sides are weft and probe a silent path.
    public let probesSilence: Bool
    /// The names of the overlays that both have, those preferred first.
    public let overlays: [String]
    /// Whether both sides are weft and their heartbeats over the fast datapath say what arrived.
    public let echoesHeartbeats: Bool

    public init(
        remoteName: PeerName, remoteNickname: String, isOutbound: Bool, local: Endpoint, remote: Endpoint,
        connectionUID: UInt64, sessionKey: [UInt8]?, probesSilence: Bool = false, overlays: [String] = ["sleeve"],
        echoesHeartbeats: Bool = false
    ) {
        self.remoteName = remoteName
        self.remoteNickname = remoteNickname
        self.isOutbound = isOutbound
        self.local = local
        self.remote = remote
        self.connectionUID = connectionUID
        self.sessionKey = sessionKey
        self.probesSilence = probesSilence
        self.overlays = overlays
        self.echoesHeartbeats = echoesHeartbeats
    }
}

/// A line for the log: a constant message, and what it is about.
public struct MeshNote: Sendable, Hashable {
    public enum Level: Sendable, Hashable { case debug, info, warning }

    public let level: Level
    public let message: String
    /// Keys are those of `docs/logging.md`.
    public let fields: [String: String]

    public init(_ level: Level, _ message: String, _ fields: [String: String] = [:]) {
        self.level = level
        self.message = message
        self.fields = fields
    }
}
