import Wire

/// What the user and discovery want to be connected to.
extension MeshRouter {
    mutating func connect(_ targets: [Target], replace: Bool, at now: MonotonicInstant) {
        maker.add(targets, replace: replace, at: now)
        targetsChanged()
    }

    mutating func forget(_ texts: [String]) {
        maker.forget(texts)
        targetsChanged()
    }

    /// Dials the neighbours of an earlier run. They are dialled as discovered ones are: without discovery, never.
    mutating func recall(_ neighbours: [PeerAddress], at now: MonotonicInstant) {
        guard configuration.discovery else { return }
        recalled = Array(neighbours.prefix(MeshRouter.neighboursToRemember))
        recallEnds = now + MeshTimes.recall
        needsTargetCheck = true
    }

    /// Inbound connections show an ephemeral port, in whose place ours is taken, as discovery does. Neighbours that left
    /// are remembered until another one comes: they may be restarting together with us.
    mutating func rememberNeighbours() {
        var neighbours: [PeerAddress] = []
        let port = configuration.port
        for (id, facts) in registry.factsOfLink where registry.joined[id]?.isEstablished ?? false {
            neighbours.append(
                PeerAddress(facts.peer.name, facts.isOutbound ? facts.remote : Endpoint(facts.remote.address, port)))
        }
        let list = Array(neighbours.sorted { $0.peer < $1.peer }.prefix(MeshRouter.neighboursToRemember))
        guard list != rememberedNeighbours else { return }
        rememberedNeighbours = list
        effects.append(.rememberNeighbours(list))
    }

    /// Chosen: more than a host has, little on disk.
    private static let neighboursToRemember = 256

    private mutating func targetsChanged() {
        effects.append(.rememberTargets(maker.directTexts))
        needsTargetCheck = true
    }

    /// A mesh that starts asks for it with every message.
    mutating func checkTargetsIfDue(at now: MonotonicInstant) {
        let due = targetPace.next(at: now)
        guard due <= now else { return timers.set(.targets, at: due) }
        targetPace.spend(at: now)
        checkTargets(at: now)
    }

    private mutating func checkTargets(at now: MonotonicInstant) {
        needsTargetCheck = false
        guard isStarted else { return }
        let situation = situation(at: now)
        let (dials, next) = maker.recheck(situation, at: now, using: &random) { registry.newLink() }
        for (id, target) in dials {
            registry.addDial(id, DiallingLink(target: target, since: now))
            let isSought = maker.entry(of: id)?.isSought(at: now) ?? false
            timers.set(.handshake(id), at: now + (isSought ? MeshTimes.seekDial : MeshTimes.dial))
            effects.append(.dial(id, target))
        }
        if let next { timers.set(.targets, at: next) } else { timers.cancel(.targets) }
    }

    private mutating func situation(at now: MonotonicInstant) -> ConnectionMaker.Situation {
        var situation = ConnectionMaker.Situation()
        for link in registry.factsOfLink.values {
            situation.connectedEndpoints.insert(link.remote)
            if !link.isOutbound { situation.inboundAddresses.insert(link.remote.address) }
        }
        for link in registry.handshaking.values where !link.isOutbound {
            situation.arriving.insert(link.remote.address)
        }
        situation.connectedPeers = registry.connectedPeers
        if configuration.discovery, !isFull {
            situation.discovered = places.candidates(
                in: topology.table.records, ownName: configuration.name, ownPort: configuration.port,
                connected: situation.connectedPeers)
        }
        if now < recallEnds { situation.recalled = recalled }
        situation.isFull = isFull
        return situation
    }

    /// Whether the connection limit keeps us from dialling.
    var isFull: Bool {
        configuration.connectionLimit > 0 && registry.joined.count >= configuration.connectionLimit
    }
}
