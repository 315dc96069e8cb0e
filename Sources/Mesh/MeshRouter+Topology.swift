public import Wire

/// Our own record, other peers' records, and what follows from their changes.
extension MeshRouter {
    /// An update was merged.
    mutating func topologyMerged(at now: MonotonicInstant) {
        guard let outcome = topology.takeOutcome() else { return }
        counters.recordsRefused &+= UInt64(outcome.refused)
        if let nickname = outcome.rivalNickname { rivals.nickname = nickname }
        if outcome.jumpedOverRival {
            areRoutesStale = true
            scheduleOwnUpdate(at: now)
            if rivals.met(at: now) { noteRival(at: now) }
        }
        if !outcome.accepted.isEmpty {
            areRoutesStale = true
            settleShortID(at: now)
        }
        timers.setUnlessRunning(.garbage, at: now + MeshTimes.garbage)
    }

    private mutating func noteRival(at now: MonotonicInstant) {
        guard let rival = rival(at: now) else { return }
        note(
            .warning, "another router uses our name; give one of the two another (--name)",
            [
                "peer": "\(configuration.name)", "nickname": rival.nickname,
                "remote": rival.addresses.joined(separator: " "),
            ])
    }

    /// The router that uses our name, if one was met in the last minutes.
    public func rival(at now: MonotonicInstant) -> RivalView? {
        guard let lastMet = rivals.lastMet(at: now) else { return nil }
        // Those who list us without being connected to us mean the other one.
        let others = topology.table.records.values.filter { registry.link(to: $0.name) == nil }
        let heard = others.flatMap(\.connections).filter { $0.remote == configuration.name && $0.isEstablished }
        let addresses = heard.compactMap { Endpoint(text: $0.address)?.address.description } + rivals.addresses
        return RivalView(
            nickname: PrintableText.cleaned(rivals.nickname), addresses: Set(addresses).sorted { $0 < $1 },
            lastMet: lastMet)
    }

    /// Chooses another short id if ours is claimed by a peer that goes first.
    mutating func settleShortID(at now: MonotonicInstant) {
        guard topology.table.settleOwnShortID(using: &random) else { return }
        scheduleOwnUpdate(at: now)
        note(.info, "short id changed", ["shortid": topology.table.own.shortID.map { "\($0)" } ?? "none"])
    }

    /// Removes peers that nothing leads to any more.
    mutating func collectGarbage(keeping: PeerName? = nil, at now: MonotonicInstant) {
        var alive = registry.connectedPeers
        if let keeping { alive.insert(keeping) }
        let removed = topology.table.collectGarbage(keeping: alive)
        guard !removed.isEmpty else { return }
        areRoutesStale = true
        settleShortID(at: now)
        effects.append(.peersRemoved(removed))
        for name in channels.keys.sorted() {
            channels[name]?.peersRemoved(removed, at: now)
            sendRequests(of: name, at: now)
        }
        note(.info, "peers left the mesh", ["peers": removed.map(\.description).joined(separator: " ")])
    }

    /// Our record has changed: others hear of it soon, and of `names` with it.
    mutating func scheduleOwnUpdate(naming names: [PeerName] = [], at now: MonotonicInstant) {
        updateNames.formUnion(names)
        timers.set(.ownUpdate, at: updatePace.changed(neighbours: registry.joined.count, at: now))
    }

    mutating func sendOwnUpdate(at now: MonotonicInstant) {
        updatePace.told(at: now)
        let names = updateNames.union([configuration.name])
        updateNames = []
        announce(names, from: nil, at: now)
        gossip(.peers(names), on: TopologyChannel.wireName, except: nil, at: now)
    }

    /// At once after a pause, else `MeshTimes.routes` after the last time.
    mutating func recalculateRoutesIfDue(at now: MonotonicInstant) {
        guard areRoutesStale else { return }
        let due = routePace.next(at: now)
        guard due <= now else { return timers.setUnlessRunning(.routes, at: due) }
        areRoutesStale = false
        routePace.spend(at: now)
        timers.cancel(.routes)
        let records = topology.table.records
        let owners = topology.table.shortIDs.generation
        // Short ids are no part of the routes, but frames are addressed by them.
        if routes.update(records) || owners != toldShortIDs { effects.append(.routesChanged) }
        toldShortIDs = owners
        if configuration.discovery { needsTargetCheck = true }
        releaseRelays(at: now)
    }

    /// Whether data finds a way to a peer by the records as they are now, whether or not the routes' time has come.
    func reaches(_ peer: PeerName) -> Bool {
        areRoutesStale ? topology.table.reaches(peer) : routes.unicast[peer] != nil
    }

    /// What the packet path needs of `routes`. Mutating, since much of it is kept for the next time.
    public mutating func takeDataRoutes() -> DataRoutes {
        dataRoutes.update(to: routes)
        return dataRoutes
    }
}
