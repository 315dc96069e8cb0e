public import Wire

/// What people are shown.
extension MeshRouter {
    /// The peers of the topology, ascending by name, ourselves among them.
    public func peers() -> [PeerView] {
        let records = topology.table.records
        return records.values.sorted { $0.name < $1.name }.map { record in
            PeerView(
                name: record.name, nickname: PrintableText.cleaned(record.nickname), uid: record.uid,
                shortID: record.shortID,
                version: record.version,
                connections: record.connections.map { connection in
                    PeerView.Connection(
                        name: connection.remote,
                        nickname: PrintableText.cleaned(records[connection.remote]?.nickname ?? ""),
                        address: PrintableText.cleaned(connection.address), isOutbound: connection.isOutbound,
                        isEstablished: connection.isEstablished)
                })
        }
    }

    /// All TCP connections and dials, by link.
    public func connections() -> [ConnectionView] {
        let dialling = registry.dialling.map { id, link in
            view(id, isOutbound: true, since: link.since, target: link.target.text, state: .connecting)
        }
        let handshaking = registry.handshaking.map { id, link in
            view(
                id, isOutbound: link.isOutbound, since: link.since, local: link.local, remote: link.remote,
                target: link.target?.text, state: .handshaking)
        }
        let joined = registry.joined.keys.compactMap { id in
            guard let link = registry.joined[id] else { return nil as ConnectionView? }
            return view(
                id, isOutbound: link.isOutbound, since: link.since, local: link.local, remote: link.remote,
                target: maker.entry(of: id)?.target.text, state: link.isEstablished ? .established : .pending,
                joined: link)
        }
        return (dialling + handshaking + joined).sorted { $0.link < $1.link }
    }

    private func view(
        _ id: LinkID, isOutbound: Bool, since: MonotonicInstant, local: Endpoint? = nil, remote: Endpoint? = nil,
        target: String?, state: ConnectionView.State, joined: JoinedLink? = nil
    ) -> ConnectionView {
        ConnectionView(
            link: id, isOutbound: isOutbound, local: local, remote: remote, target: target, peer: joined?.peer.name,
            nickname: joined.map { PrintableText.cleaned($0.peer.nickname) }, state: state,
            version: joined?.agreement.version,
            isEncrypted: joined.map { $0.agreement.sessionKey != nil }, since: since,
            lastError: maker.entry(of: id)?.failure?.reason)
    }

    /// Direct targets in the user's order, then discovered ones by address.
    public func targets() -> [TargetView] {
        maker.entriesInOrder.map { entry in
            let hasFailed = entry.failure != nil
            var reason = entry.failure?.reason
            var nextTry: MonotonicInstant?
            let state: TargetView.State
            switch entry.state {
            case .waiting(let due):
                state = hasFailed ? .failed : .waiting
                nextTry = due
                if isFull { reason = EndReason.limit(configuration.connectionLimit).text }
            case .attempting: state = hasFailed ? .retrying : .connecting
            case .connected: state = .connected
            case .suspended(let why):
                state = .suspended
                reason = why
            case .never: state = .failed
            }
            return TargetView(
                text: entry.target.text, isDirect: entry.isDirect, state: state, reason: reason,
                failingSince: entry.failure?.since, nextTry: nextTry, endpoint: entry.endpoint, peer: entry.peer)
        }
    }

    /// The last ends of connections, oldest first.
    public func closures() -> [ClosureView] {
        journal.closures
    }

    /// How many connections have ended, by any cause but meeting ourselves.
    public var terminationCount: UInt64 { counters.terminations }

    /// Channels that we carry for others without understanding them.
    public var carriedChannels: [String] { surrogates.names }

    /// Who may be addressed by each short id.
    public var shortIDOwners: [ShortID: PeerName] { topology.table.shortIDs.owners }

    /// The short id in use; nil if none is free.
    public var shortID: ShortID? { topology.table.own.shortID }
}
