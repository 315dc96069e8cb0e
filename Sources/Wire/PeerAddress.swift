/// A peer and where it listens; as text `PEER@HOST:PORT`.
public struct PeerAddress: Hashable, Sendable {
    public let peer: PeerName
    public let endpoint: Endpoint

    public init(_ peer: PeerName, _ endpoint: Endpoint) {
        self.peer = peer
        self.endpoint = endpoint
    }

    /// nil if either part is none.
    public init?(text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let peer = PeerName(text: String(parts[0])),
            let endpoint = Endpoint(text: String(parts[1]))
        else { return nil }
        self.init(peer, endpoint)
    }
}

extension PeerAddress: CustomStringConvertible {
    public var description: String { "\(peer)@\(endpoint)" }
}
