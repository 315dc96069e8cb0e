public import Wire

extension Report {
    /// The report of what `/v1/` shows in parts, with what only the report has.
    ///
    /// - Parameters:
    ///   - targets: as they were given.
    ///   - broadcastRoutes: of the sources asked for so far, ourselves included.
    ///   - interface: how frames are captured, in words.
    public init(
        status: DaemonStatus, connections: [ConnectionStatus], peers: [PeerStatus], targets: [String],
        broadcastRoutes: [BroadcastRoute], terminationCount: Int, interface: String, captureStats: CaptureStats?,
        macs: [LearnedAddress]
    ) {
        self.init(
            ready: status.ready,
            version: status.version,
            router: Router(
                protocolMinVersion: status.protocolVersions.minimum,
                protocolMaxVersion: status.protocolVersions.maximum,
                encryption: status.encryption,
                peerDiscovery: status.discovery,
                name: status.peer.name,
                nickName: status.peer.nickname,
                port: status.port,
                peers: peers.map(Peer.init),
                unicastRoutes: peers.compactMap { peer in
                    if peer.isSelf { return UnicastRoute(destination: peer.peer.name, via: .unknown) }
                    return peer.nextHop.map { UnicastRoute(destination: peer.peer.name, via: $0) }
                },
                broadcastRoutes: broadcastRoutes,
                connections: connections.isEmpty
                    ? nil
                    : connections.map {
                        Connection($0, showsEncryption: status.encryption, startedAt: status.startedAt)
                    },
                terminationCount: terminationCount,
                targets: targets.isEmpty ? nil : targets,
                trustedSubnets: status.trustedSubnets.map(\.description),
                interface: interface,
                captureStats: captureStats,
                macs: macs.isEmpty ? nil : macs))
    }
}

extension Report.Peer {
    public init(_ status: PeerStatus) {
        let links = status.connections.map {
            Report.Link(
                name: $0.peer.name, nickName: $0.peer.nickname, address: $0.address, outbound: $0.outbound,
                established: $0.established)
        }
        self.init(
            name: status.peer.name, nickName: status.peer.nickname, uid: status.uid, shortID: status.shortID,
            version: status.version, connections: links.isEmpty ? nil : links)
    }
}

extension Report.Connection {
    /// - Parameters:
    ///   - showsEncryption: whether a password is set; only then the words say whether this connection is encrypted.
    ///   - startedAt: the daemon's start, which the time of the next attempt is given relative to.
    public init(_ status: ConnectionStatus, showsEncryption: Bool, startedAt: WallClockInstant) {
        let isLive = status.state == .established || status.state == .pending
        self.init(
            address: status.remoteAddress.description, outbound: status.direction == .outbound, state: status.state,
            info: isLive
                ? Self.liveInfo(status, showsEncryption: showsEncryption)
                : Self.attemptInfo(status, startedAt: startedAt),
            attributes: isLive
                ? Report.Attributes(encrypted: status.encrypted == true, mtu: status.mtu, name: status.overlay) : nil)
    }

    /// `encrypted   sleeve 02:00:00:00:0a:02(host2)`
    private static func liveInfo(_ status: ConnectionStatus, showsEncryption: Bool) -> String {
        let encryption =
            showsEncryption ? padded(status.encrypted == true ? "encrypted" : "unencrypted", to: 11) + " " : ""
        let peer = status.peer.map(\.description) ?? ""
        return "\(encryption)\(padded(status.overlay ?? "none", to: 6)) \(peer)"
    }

    /// Empty on the first attempt, else the last error; of a failed attempt also when the next one starts.
    private static func attemptInfo(_ status: ConnectionStatus, startedAt: WallClockInstant) -> String {
        let reason = status.lastError?.reason ?? ""
        guard status.state == .failed else { return reason }
        guard let next = status.nextAttempt else { return "\(reason), retry: never" }
        let sinceStart = Duration.nanoseconds(next.nanosecondsSince1970 &- startedAt.nanosecondsSince1970)
        return "\(reason), retry: \(next.longText(sinceStart: sinceStart))"
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.utf8.count))
    }
}
