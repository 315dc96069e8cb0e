public import Wire

/// A peer as people know it: its name in the mesh and the nickname that it announces (a host name by default).
public struct PeerIdentity: Codable, Hashable, Sendable {
    public var name: PeerName
    /// Empty if the peer has not told it yet.
    public var nickname: String

    public init(name: PeerName, nickname: String) {
        self.name = name
        self.nickname = nickname
    }
}

extension PeerIdentity: CustomStringConvertible {
    /// `02:00:00:00:0b:01(host1)`
    public var description: String { "\(name)(\(nickname))" }
}
