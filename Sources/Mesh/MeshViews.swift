public import Wire

/// A TCP connection as people see it.
public struct ConnectionView: Hashable, Sendable {
    public enum State: String, Sendable {
        /// Dialling.
        case connecting
        case handshaking
        /// Added; its overlay does not work yet.
        case pending
        /// Carries data.
        case established
    }

    public let link: LinkID
    public let isOutbound: Bool
    /// nil while dialling, as the address is not known yet.
    public let local: Endpoint?
    public let remote: Endpoint?
    /// What was dialled; nil for accepted connections.
    public let target: String?
    /// nil until the handshake is done.
    public let peer: PeerName?
    public let nickname: String?
    public let state: State
    /// The agreed protocol version; nil until the handshake is done.
    public let version: UInt8?
    /// Whether the control connection is sealed; nil until the handshake is done.
    public let isEncrypted: Bool?
    /// When it was dialled or accepted.
    public let since: MonotonicInstant
    /// Why the attempt before this one ended.
    public let lastError: String?
}

/// A target of the connection maker as people see it.
public struct TargetView: Hashable, Sendable {
    public enum State: String, Sendable {
        /// Not tried yet.
        case waiting
        /// Tried for the first time, or again after a success.
        case connecting
        /// Tried again after failures.
        case retrying
        /// Failed, with `reason`; tried again at `nextTry` if there is one.
        case failed
        /// Not wanted now, with `reason`.
        case suspended
        case connected
    }

    /// As the user wrote it, or a discovered endpoint.
    public let text: String
    /// Asked for by the user; otherwise discovered.
    public let isDirect: Bool
    public let state: State
    /// Why it is suspended, or why the last attempt failed.
    public let reason: String?
    /// Since when nothing has worked.
    public let failingSince: MonotonicInstant?
    public let nextTry: MonotonicInstant?
    /// Where the last dial arrived.
    public let endpoint: Endpoint?
    /// Who answered there.
    public let peer: PeerName?
}

/// A peer of the topology as people see it.
public struct PeerView: Hashable, Sendable {
    public struct Connection: Hashable, Sendable {
        public let name: PeerName
        public let nickname: String
        /// `ip:port` as the peer sees it.
        public let address: String
        public let isOutbound: Bool
        public let isEstablished: Bool
    }

    public let name: PeerName
    public let nickname: String
    public let uid: UInt64
    public let shortID: ShortID?
    public let version: UInt64
    /// Ascending by name.
    public let connections: [Connection]
}

/// Another router that uses our name.
public struct RivalView: Hashable, Sendable {
    /// Empty if it is not known.
    public let nickname: String
    /// Where it was met, or where others say that our name is, and we are not.
    public let addresses: [String]
    public let lastMet: MonotonicInstant
}

/// A connection or attempt that has ended.
public struct ClosureView: Hashable, Sendable {
    public let link: LinkID
    public let isOutbound: Bool
    /// The remote end, or the target if it was not reached.
    public let remote: String
    public let peer: PeerName?
    public let reason: String
    /// A word for the kind of reason, one of those that closures are counted by.
    public let kind: String
    public let at: MonotonicInstant
}

/// Events that are counted, for status and metrics.
public struct MeshCounters: Hashable, Sendable {
    /// Connections that ended, by any cause but meeting ourselves.
    public var terminations: UInt64 = 0
    /// Connections that we refused or closed, by kind of reason.
    public var closures: [String: UInt64] = [:]
    /// Unicasts without a way, or whose way was full.
    public var unicastsDropped: UInt64 = 0
    /// Foreign gossip that was dropped for want of room.
    public var gossipDropped: UInt64 = 0
    /// Records in topology gossip that were ignored as impossible.
    public var recordsRefused: UInt64 = 0
    /// Overlay control messages that found the connection full.
    public var controlDropped: UInt64 = 0

    public init() {}
}
