/// What the control API asks of the daemon. Implemented by the control plane; called from request tasks, several at a
/// time. Each answer is a consistent moment. Implementations bound their own time; `unavailable` while starting or
/// stopping.
public protocol ControlOperations: Sendable {
    func status() async throws(ControlError) -> DaemonStatus
    /// Connections and attempts, established ones first, in a stable order.
    func connections() async throws(ControlError) -> [ConnectionStatus]
    /// Ourselves first, then by name.
    func peers() async throws(ControlError) -> [PeerStatus]
    /// In the order in which they were given.
    func targets() async throws(ControlError) -> [TargetStatus]
    /// The kernel's datapath, or why it is not used.
    func datapath() async throws(ControlError) -> DatapathStatus
    /// The whole state in the reference router's schema.
    func report() async throws(ControlError) -> Report

    /// Adds targets, tries all known ones at once and remembers the list. Good ones are added even if others are bad.
    /// `replace` forgets the others first.
    func connect(_ peers: [String], replace: Bool) async throws(ControlError) -> [TargetRefusal]
    /// Removes targets by their exact text; unknown ones are ignored, live connections stay.
    func forget(_ peers: [String]) async throws(ControlError)

    func attach(_ request: AttachRequest) async throws(ControlError) -> AttachReply
    func detach(_ request: DetachRequest) async throws(ControlError) -> DetachReply
    /// By reference.
    func attached() async throws(ControlError) -> [AttachedContainer]

    /// Removes everything that weft made on this host, stored state included, and then stops the daemon. Returns what
    /// was removed, one line each.
    func reset() async throws(ControlError) -> [String]
    /// Starts an orderly shutdown and returns at once; containers stay attached.
    func stop() async throws(ControlError)
}

/// A peer that cannot be a target.
public struct TargetRefusal: Codable, Hashable, Sendable {
    /// As it was given.
    public var peer: String
    /// In the reference router's words where it has some: `invalid peer name "X:", should be host[:port]`.
    public var reason: String

    public init(peer: String, reason: String) {
        self.peer = peer
        self.reason = reason
    }
}

/// The body of `POST /v1/connect`.
public struct ConnectRequest: Codable, Hashable, Sendable {
    public var peers: [String]
    public var replace: Bool?

    public init(peers: [String], replace: Bool = false) {
        self.peers = peers
        self.replace = replace
    }
}

/// The answer to `POST /v1/connect`: 200 with an empty list, or 422 with the refused peers; the others were added.
public struct ConnectReply: Codable, Hashable, Sendable {
    public var refused: [TargetRefusal]

    public init(refused: [TargetRefusal]) {
        self.refused = refused
    }
}

/// The body of `POST /v1/forget`.
public struct ForgetRequest: Codable, Hashable, Sendable {
    public var peers: [String]

    public init(peers: [String]) {
        self.peers = peers
    }
}

/// The answer to `POST /v1/reset`.
public struct ResetReply: Codable, Hashable, Sendable {
    /// One line each: `bridge weave`.
    public var removed: [String]

    public init(removed: [String]) {
        self.removed = removed
    }
}
