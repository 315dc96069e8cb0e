public import Wire

/// A peer that we were told to connect to: an entry of `GET /v1/targets`.
public struct TargetStatus: Codable, Hashable, Sendable {
    public enum State: String, Codable, Hashable, Sendable {
        /// A connection to it is up.
        case connected
        /// An attempt is under way.
        case connecting
        /// The last attempt failed; the next comes at `nextAttempt`.
        case waiting
        /// The name does not resolve now.
        case unresolved
        /// Not tried any more: it is ourselves, or a peer that we are connected with by another address.
        case suspended
    }
    /// Exactly as it was given: `host2` or `10.0.0.2:6783`.
    public var text: String
    public var state: State
    /// What the text stood for when it was last resolved.
    public var address: Endpoint?
    public var lastError: ConnectionFailure?
    public var nextAttempt: WallClockInstant?

    public init(
        text: String, state: State, address: Endpoint? = nil, lastError: ConnectionFailure? = nil,
        nextAttempt: WallClockInstant? = nil
    ) {
        self.text = text
        self.state = state
        self.address = address
        self.lastError = lastError
        self.nextAttempt = nextAttempt
    }
}
