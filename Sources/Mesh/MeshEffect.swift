public import Wire

/// What a `MeshRouter` wants done; the edge applies effects in order.
public enum MeshEffect: Sendable {
    /// Dial this target (resolving its name now, at each try) and answer with `dialled` or `dialFailed`.
    case dial(LinkID, Target)
    /// Send these bytes; the edge queues them and answers `drained` when the queue is empty.
    case send(LinkID, [UInt8])
    /// Close at once (the other side sees a reset, as the original does); `reason` goes to the log and the status.
    case close(LinkID, reason: String)
    /// Call `handle(.timer)` at this instant; replaces the instant asked for before.
    case wake(at: MonotonicInstant)
    /// Prepare the overlay of a connection; it must stay silent until confirmed.
    case prepareOverlay(LinkID, OverlayConnection)
    /// The connection is added: the overlay may talk.
    case confirmOverlay(LinkID)
    /// A control message from the other side's overlay.
    case overlayControl(LinkID, tag: UInt8, body: [UInt8])
    /// The connection is gone: stop its overlay.
    case stopOverlay(LinkID)
    /// Routes or known peers changed: read `MeshRouter.routes` and publish a new forwarding snapshot.
    case routesChanged
    /// These peers left the topology: forget their addresses.
    case peersRemoved([PeerName])
    /// The list of targets to remember over a restart.
    case rememberTargets([String])
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

    public init(
        remoteName: PeerName, remoteNickname: String, isOutbound: Bool, local: Endpoint, remote: Endpoint,
        connectionUID: UInt64, sessionKey: [UInt8]?
    ) {
        self.remoteName = remoteName
        self.remoteNickname = remoteNickname
        self.isOutbound = isOutbound
        self.local = local
        self.remote = remote
        self.connectionUID = connectionUID
        self.sessionKey = sessionKey
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

/// Where the user, or discovery, wants a connection to.
public struct Target: Hashable, Sendable {
    /// As the user wrote it (`host`, `host:port`), or the canonical text of a discovered endpoint.
    public let text: String
    /// A name or an address.
    public let host: String
    /// nil: the port of this router.
    public let port: PortNumber?

    /// Parses `host`, `host:port`, `10.0.0.1:6783`; nil with an empty host or a bad port.
    public init?(text: String) {
        guard let colon = text.firstIndex(of: ":") else {
            guard !text.isEmpty, Target.isHost(text) else { return nil }
            self.init(text: text, host: text, port: nil)
            return
        }
        let host = String(text[..<colon])
        guard Target.isHost(host), let port = PortNumber(text: text[text.index(after: colon)...]) else { return nil }
        self.init(text: text, host: host, port: port)
    }

    /// A discovered endpoint.
    public init(_ endpoint: Endpoint) {
        self.init(text: endpoint.description, host: endpoint.address.description, port: endpoint.port)
    }

    private init(text: String, host: String, port: PortNumber?) {
        self.text = text
        self.host = host
        self.port = port
    }

    /// Letters, digits, dots, dashes and underscores; anything else cannot be a host's name or IPv4 address.
    private static func isHost(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
