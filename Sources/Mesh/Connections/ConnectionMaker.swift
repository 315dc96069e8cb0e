package import Wire

/// Decides whom to dial and when. `docs/protocol-mesh.md`, "Connection maker".
package struct ConnectionMaker: Sendable {
    /// Dials and handshakes under way at once; the protocol has no limit, weft spreads a storm.
    package static let attemptsInFlight = 32
    /// Discovered addresses that are looked after.
    package static let discoveredTargets = 1_024

    /// What it needs to know of the connections that exist.
    package struct Situation {
        /// The remote ends of added connections.
        package var connectedEndpoints: Set<Endpoint> = []
        /// The remote addresses of added connections that we accepted.
        package var inboundAddresses: Set<IPAddress> = []
        /// Where accepted connections come from that are shaking hands.
        package var arriving: Set<IPAddress> = []
        /// Peers with an added connection.
        package var connectedPeers: Set<PeerName> = []
        /// Where peers are said to be that we have no connection to.
        package var discovered: [Discovery.Candidate] = []
        /// Where peers were when an earlier run ended.
        package var recalled: [PeerAddress] = []
        /// No further connection may be added.
        package var isFull = false

        package init() {}
    }

    private let ownName: PeerName
    private let ownPort: PortNumber
    /// By `Target.key`.
    package private(set) var entries: [String: TargetEntry] = [:]
    /// Keys of direct targets, in the order in which the user gave them.
    private var directKeys: [String] = []
    private var keyOfLink: [LinkID: String] = [:]

    package init(ownName: PeerName, ownPort: PortNumber) {
        self.ownName = ownName
        self.ownPort = ownPort
    }

    /// What the user asked for, in that order: what is to be remembered.
    package var directTexts: [String] {
        directKeys.compactMap { entries[$0]?.target.text }
    }

    /// Direct ones in the user's order, then discovered ones by their key.
    package var entriesInOrder: [TargetEntry] {
        let discovered = entries.filter { !$0.value.isDirect }.sorted { $0.key < $1.key }
        return directKeys.compactMap { entries[$0] } + discovered.map(\.value)
    }

    /// Adds direct targets; one that is there already is tried again at once.
    package mutating func add(_ targets: [Target], replace: Bool, at now: MonotonicInstant) {
        if replace { forget(directTexts) }
        for target in targets {
            let key = target.key(defaultPort: ownPort)
            if !directKeys.contains(key) { directKeys.append(key) }
            var entry = entries[key] ?? TargetEntry(target, isDirect: true, due: now, ownPort: ownPort)
            if !entry.isDirect {
                entry.isDirect = true
                entry.target = target
            }
            entry.backoff = Backoff()
            if entry.link == nil { entry.state = .waiting(due: now) }
            entries[key] = entry
        }
    }

    /// Connections that exist stay; a discovered target may take the place of the forgotten one.
    package mutating func forget(_ texts: [String]) {
        for text in texts {
            let key = Target(text: text)?.key(defaultPort: ownPort) ?? text
            guard let index = directKeys.firstIndex(of: key) else { continue }
            directKeys.remove(at: index)
            if entries[key]?.link == nil {
                entries[key] = nil
            } else {
                entries[key]?.isDirect = false
            }
        }
    }

    /// Whether this attempt goes to an address that only discovery knows.
    package func isDiscoveredOnly(_ link: LinkID) -> Bool {
        entry(of: link).map { !$0.isDirect } ?? false
    }

    package func entry(of link: LinkID) -> TargetEntry? {
        keyOfLink[link].flatMap { entries[$0] }
    }

    /// Looks at all targets: which to dial now, and when to look again.
    package mutating func recheck(
        _ situation: Situation, at now: MonotonicInstant, using random: inout MeshRandom, newLink: () -> LinkID
    ) -> (dials: [(LinkID, Target)], next: MonotonicInstant?) {
        let discoveredKeys = addDiscovered(situation, at: now, using: &random)
        var dials: [(LinkID, Target)] = []
        var next: MonotonicInstant?
        var inFlight = entries.values.count { if case .attempting = $0.state { true } else { false } }
        let keys = directKeys + entries.filter { !$0.value.isDirect }.keys.sorted()
        for key in keys {
            guard var entry = entries[key], entry.link == nil else { continue }
            guard entry.isDirect || discoveredKeys.contains(key) else {
                entries[key] = nil
                continue
            }
            guard entry.state != .never else { continue }
            if entry.isDirect, let reason = unwanted(entry, situation) {
                entries[key]?.state = .suspended(reason)
                continue
            }
            if case .suspended = entry.state { entry.state = .waiting(due: now) }
            if case .waiting(let due) = entry.state {
                if due > now {
                    next = min(next ?? due, due)
                } else if !entry.isDirect, let endpoint = entry.endpoint, situation.arriving.contains(endpoint.address)
                {
                    // It may be this peer. The end of its handshake has us look again.
                    continue
                } else if !situation.isFull, inFlight < ConnectionMaker.attemptsInFlight {
                    let link = newLink()
                    entry.state = .attempting(link)
                    entry.attemptedAt = now
                    keyOfLink[link] = key
                    dials.append((link, entry.target))
                    inFlight += 1
                }
            }
            entries[key] = entry
        }
        return (dials, next)
    }

    /// The dial has reached this address.
    package mutating func reached(_ endpoint: Endpoint, by link: LinkID) {
        change(link) { $0.endpoint = endpoint }
    }

    /// This peer answered (whatever comes of it).
    package mutating func met(_ peer: PeerName, by link: LinkID) {
        change(link) { $0.peer = peer }
    }

    /// The connection was added.
    package mutating func connected(_ link: LinkID) {
        change(link) { entry in
            entry.state = .connected(link)
            entry.failure = nil
            entry.lostAt = nil
        }
    }

    /// The attempt failed or the connection ended. `mayReturnSoon`: as it does where a daemon is restarted; `isLost`: it
    /// carried data, and nobody wanted it to end.
    package mutating func ended(
        _ link: LinkID, reason: String, isOwnName: Bool, mayReturnSoon: Bool, isLost: Bool = false,
        at now: MonotonicInstant,
        using random: inout MeshRandom
    ) {
        defer { keyOfLink[link] = nil }
        change(link) { entry in
            if isLost { entry.lostAt = now }
            if isOwnName {
                entry.failure = (reason, now)
                entry.state = .never
            } else if case .connected = entry.state {
                entry.end(reason, mayReturnSoon: mayReturnSoon, at: now, using: &random)
            } else {
                entry.fail(reason, mayReturnSoon: mayReturnSoon, at: now, using: &random)
            }
        }
    }

    private mutating func change(_ link: LinkID, _ body: (inout TargetEntry) -> Void) {
        guard let key = keyOfLink[link], var entry = entries[key], entry.link == link else { return }
        body(&entry)
        entries[key] = entry
    }

    /// Adds what was heard of and is not connected; returns the keys that are wanted for it.
    private mutating func addDiscovered(
        _ situation: Situation, at now: MonotonicInstant, using random: inout MeshRandom
    ) -> Set<String> {
        var keys: Set<String> = []
        for neighbour in situation.recalled where !situation.connectedPeers.contains(neighbour.peer) {
            let target = Target(neighbour.endpoint)
            let key = target.key(defaultPort: ownPort)
            keys.insert(key)
            if entries[key] == nil {
                var entry = TargetEntry(target, isDirect: false, due: now, ownPort: ownPort)
                entry.expected = neighbour.peer
                entries[key] = entry
            }
        }
        for candidate in situation.discovered where keys.count < ConnectionMaker.discoveredTargets {
            guard !situation.connectedPeers.contains(candidate.peer),
                !situation.connectedEndpoints.contains(candidate.endpoint)
            else { continue }
            let target = Target(candidate.endpoint)
            let key = target.key(defaultPort: ownPort)
            keys.insert(key)
            if entries[key] == nil {
                let turn = ownName < candidate.peer ? Duration.zero : Discovery.turn
                let due = now + turn + random.duration(from: .zero, upTo: Discovery.delay)
                entries[key] = TargetEntry(target, isDirect: false, due: due, ownPort: ownPort)
            }
        }
        return keys
    }

    /// Why a direct target is not dialled now; nil: it is wanted.
    private func unwanted(_ entry: TargetEntry, _ situation: Situation) -> String? {
        if let peer = entry.peer, situation.connectedPeers.contains(peer) {
            return "already connected to \(peer)"
        }
        guard let endpoint = entry.endpoint else { return nil }
        if situation.connectedEndpoints.contains(endpoint) { return "already connected to \(endpoint)" }
        if entry.target.port == nil, situation.inboundAddresses.contains(endpoint.address) {
            return "\(endpoint.address) has connected to us"
        }
        return nil
    }
}
