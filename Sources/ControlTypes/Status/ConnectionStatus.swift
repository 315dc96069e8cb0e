public import Wire

/// One connection to another peer, or an attempt at one: an entry of `GET /v1/connections`.
public struct ConnectionStatus: Codable, Hashable, Sendable {
    public enum State: String, Codable, Hashable, Sendable, CaseIterable {
        /// Control plane and overlay are up.
        case established
        /// TCP is up, the overlay is not confirmed yet.
        case pending
        /// The first attempt is under way.
        case connecting
        /// A further attempt is under way; `lastError` says why the one before ended.
        case retrying
        /// The last attempt failed; the next is at `nextAttempt`, or never.
        case failed
    }
    public enum Direction: String, Codable, Hashable, Sendable {
        case inbound, outbound
    }

    public var state: State
    public var direction: Direction
    /// nil before TCP is up.
    public var localAddress: Endpoint?
    public var remoteAddress: Endpoint
    /// nil before the peer has told its name.
    public var peer: PeerIdentity?
    /// When the dial began, or the connection came in; of a target that fails, since when nothing has worked.
    public var since: WallClockInstant
    /// The way data takes: `fastdp` or `sleeve`; nil while undecided.
    public var overlay: String?
    /// Why another way is not taken: `fast datapath: no heartbeat came back over UDP port 6784`.
    public var overlayTrouble: String?
    /// The UDP address that the overlay sends to; it may differ from `remoteAddress` behind a NAT.
    public var overlayAddress: Endpoint?
    /// nil before the handshake has decided.
    public var encrypted: Bool?
    /// What a container's frame may carry over this path, in bytes of IP; nil while unknown.
    public var mtu: Int?
    /// Whether a probe of that size has come back.
    public var mtuVerified: Bool
    /// Of heartbeats, smoothed; nil until the first came back.
    public var roundTripMicroseconds: Int?
    /// Agreed in the handshake: 1 or 2.
    public var protocolVersion: Int?
    /// Why the last attempt or the connection before ended; kept on an established connection too.
    public var lastError: ConnectionFailure?
    /// When the next attempt starts; nil if none is planned.
    public var nextAttempt: WallClockInstant?
    /// nil for attempts.
    public var traffic: TrafficCounters?

    public init(
        state: State, direction: Direction, localAddress: Endpoint? = nil, remoteAddress: Endpoint,
        peer: PeerIdentity? = nil, since: WallClockInstant, overlay: String? = nil, overlayTrouble: String? = nil,
        overlayAddress: Endpoint? = nil,
        encrypted: Bool? = nil, mtu: Int? = nil, mtuVerified: Bool = false, roundTripMicroseconds: Int? = nil,
        protocolVersion: Int? = nil, lastError: ConnectionFailure? = nil, nextAttempt: WallClockInstant? = nil,
        traffic: TrafficCounters? = nil
    ) {
        self.state = state
        self.direction = direction
        self.localAddress = localAddress
        self.remoteAddress = remoteAddress
        self.peer = peer
        self.since = since
        self.overlay = overlay
        self.overlayTrouble = overlayTrouble
        self.overlayAddress = overlayAddress
        self.encrypted = encrypted
        self.mtu = mtu
        self.mtuVerified = mtuVerified
        self.roundTripMicroseconds = roundTripMicroseconds
        self.protocolVersion = protocolVersion
        self.lastError = lastError
        self.nextAttempt = nextAttempt
        self.traffic = traffic
    }
}

/// Why a connection or an attempt ended.
public struct ConnectionFailure: Codable, Hashable, Sendable {
    /// A sentence for people: `connection refused`.
    public var reason: String
    /// When it first happened; repeats of the same reason keep it.
    public var since: WallClockInstant
    /// How many attempts in a row ended so, at least 1.
    public var attempts: Int
    /// What to do, if weft knows.
    public var advice: String?

    public init(reason: String, since: WallClockInstant, attempts: Int = 1, advice: String? = nil) {
        self.reason = reason
        self.since = since
        self.attempts = attempts
        self.advice = advice
    }
}

/// What went over a connection's overlay since it was established. Bytes are those of the containers' frames.
public struct TrafficCounters: Codable, Hashable, Sendable {
    public var framesSent: UInt64
    public var bytesSent: UInt64
    public var framesReceived: UInt64
    public var bytesReceived: UInt64
    /// Frames lost on the way out (queue full, too big) or refused on the way in (replayed, not authentic).
    public var dropped: UInt64

    public init(
        framesSent: UInt64 = 0, bytesSent: UInt64 = 0, framesReceived: UInt64 = 0, bytesReceived: UInt64 = 0,
        dropped: UInt64 = 0
    ) {
        self.framesSent = framesSent
        self.bytesSent = bytesSent
        self.framesReceived = framesReceived
        self.bytesReceived = bytesReceived
        self.dropped = dropped
    }
}
