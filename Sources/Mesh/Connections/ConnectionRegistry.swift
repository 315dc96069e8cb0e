import Wire

/// All TCP connections, each in exactly one of three states. Owned by the router.
struct ConnectionRegistry: Sendable {
    private(set) var dialling: [LinkID: DiallingLink] = [:]
    var handshaking: [LinkID: HandshakingLink] = [:]
    var joined = SlotTable<LinkID, JoinedLink>()
    private var linkOfPeer: [PeerName: LinkID] = [:]
    /// Of joined links, to look through without copying these.
    private(set) var factsOfLink: [LinkID: JoinedLink.Facts] = [:]
    private var dials: UInt64 = 0

    /// The id of the next dial.
    mutating func newLink() -> LinkID {
        dials += 1
        return .dial(dials)
    }

    mutating func addDial(_ id: LinkID, _ link: DiallingLink) {
        dialling[id] = link
    }

    /// The dial's state, which it leaves by this.
    mutating func takeDial(_ id: LinkID) -> DiallingLink? {
        dialling.removeValue(forKey: id)
    }

    /// The handshake is done and the peer is added.
    mutating func join(_ id: LinkID, _ link: JoinedLink) {
        handshaking[id] = nil
        joined[id] = link
        factsOfLink[id] = link.facts
        linkOfPeer[link.peer.name] = id
    }

    /// Hands bytes to the connection's protocol machine; nil if there is no such connection.
    mutating func receive(_ bytes: [UInt8], on id: LinkID) throws(LinkError) -> [LinkOutput]? {
        if isJoined(id) { return try joined[id]?.wire.receive(bytes) }
        return try handshaking[id]?.wire.receive(bytes)
    }

    /// The bytes of a message on a connection whose handshake is done; nil if it is not, or no frame can hold them.
    mutating func encode(_ message: MeshMessage, on id: LinkID) -> [UInt8]? {
        do throws(LinkError) {
            if isJoined(id) { return try joined[id]?.wire.encode(message) }
            return try handshaking[id]?.wire.encode(message)
        } catch {
            return nil
        }
    }

    /// Forgets a connection in whatever state it is.
    mutating func remove(_ id: LinkID) {
        dialling[id] = nil
        handshaking[id] = nil
        factsOfLink[id] = nil
        guard let link = joined.removeValue(forKey: id) else { return }
        if linkOfPeer[link.peer.name] == id { linkOfPeer[link.peer.name] = nil }
    }

    func contains(_ id: LinkID) -> Bool {
        isJoined(id) || handshaking.index(forKey: id) != nil || dialling.index(forKey: id) != nil
    }

    func isJoined(_ id: LinkID) -> Bool {
        joined.contains(id)
    }

    /// Whether the connection is added and both sides announce records.
    func announces(_ id: LinkID) -> Bool {
        factsOfLink[id]?.announces ?? false
    }

    /// The added connection to a peer.
    func link(to peer: PeerName) -> LinkID? {
        linkOfPeer[peer]
    }

    /// Added connections on which both sides announce records, ascending.
    func announcingLinks() -> [LinkID] {
        var links: [LinkID] = []
        for (id, facts) in factsOfLink where facts.announces { links.append(id) }
        links.sort()
        return links
    }

    /// Peers with an added connection.
    var connectedPeers: Set<PeerName> { Set(linkOfPeer.keys) }
}
