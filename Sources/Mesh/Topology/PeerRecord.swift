public import Wire

/// What a peer says of itself; everyone holds the newest record of everyone. `docs/protocol-mesh.md`, "Topology".
public struct PeerRecord: Hashable, Sendable {
    public let name: PeerName
    /// Free text, usually the host's name; may be empty.
    public var nickname: String
    /// The incarnation of the name, random at process start; 0 only in placeholders.
    public var uid: UInt64
    /// Counts the owner's changes of its own record.
    public var version: UInt64
    /// nil while the peer has none.
    public var shortID: ShortID?
    /// Ascending by the remote's name, each name once.
    public private(set) var connections: [ConnectionRecord]

    public init(
        name: PeerName, nickname: String, uid: UInt64, version: UInt64, shortID: ShortID?,
        connections: [ConnectionRecord] = []
    ) {
        self.name = name
        self.nickname = nickname
        self.uid = uid
        self.version = version
        self.shortID = shortID
        self.connections = []
        setConnections(connections)
    }

    /// A peer that is known from another's connection list only.
    public init(placeholder name: PeerName) {
        self.init(name: name, nickname: "", uid: 0, version: 0, shortID: nil)
    }

    /// Replaces the list; of entries with the same name the last one stays.
    public mutating func setConnections(_ list: [ConnectionRecord]) {
        // As all but hostile owners send it.
        if zip(list, list.dropFirst()).allSatisfy({ $0.remote < $1.remote }) {
            connections = list
            return
        }
        var byName: [PeerName: ConnectionRecord] = [:]
        for connection in list { byName[connection.remote] = connection }
        connections = byName.values.sorted { $0.remote < $1.remote }
    }

    /// Adds or replaces the entry of one remote peer.
    mutating func setConnection(_ connection: ConnectionRecord) {
        setConnections(connections + [connection])
    }

    /// Whether there was such an entry.
    mutating func removeConnection(to remote: PeerName) -> Bool {
        guard let index = connections.firstIndex(where: { $0.remote == remote }) else { return false }
        connections.remove(at: index)
        return true
    }

    /// Whether the peer lists this one, in any state.
    func isConnected(to remote: PeerName) -> Bool {
        entry(of: remote) != nil
    }

    /// Whether the peer lists this one as established.
    func isEstablished(to remote: PeerName) -> Bool {
        entry(of: remote).map { connections[$0].isEstablished } ?? false
    }

    private func entry(of remote: PeerName) -> Int? {
        let index = lowerBound(connections) { $0.remote < remote }
        return index < connections.count && connections[index].remote == remote ? index : nil
    }

    /// Newer than `other` by (version, uid), or the same record with a short id added.
    func supersedes(_ other: PeerRecord) -> Bool {
        if version != other.version { return version > other.version }
        if uid != other.uid { return uid > other.uid }
        return shortID != nil && other.shortID == nil
    }
}

/// One entry of a peer's connection list.
public struct ConnectionRecord: Hashable, Sendable {
    public let remote: PeerName
    /// `ip:port` of the remote as the owner of the record sees it; inbound connections show the ephemeral port.
    public let address: String
    /// Whether the owner of the record dialled.
    public let isOutbound: Bool
    /// Whether the overlay of the connection works.
    public let isEstablished: Bool

    public init(remote: PeerName, address: String, isOutbound: Bool, isEstablished: Bool) {
        self.remote = remote
        self.address = address
        self.isOutbound = isOutbound
        self.isEstablished = isEstablished
    }
}
