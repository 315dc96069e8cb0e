import Wire

/// Topology between weft peers: records are announced, and asked for by those who lack them, so that each crosses a link
/// at most once; digests find what was missed. `docs/protocol-mesh.md`, "Extensions".
extension MeshRouter {
    // MARK: Receiving

    mutating func receive(_ message: WeftMessage, on id: LinkID, at now: MonotonicInstant) {
        guard let link = registry.factsOfLink[id] else { return }
        switch message {
        case .announcement(let entries, let isComplete) where link.announces:
            receive(entries, isComplete: isComplete, on: id, at: now)
        case .request(let names) where link.announces:
            registry.joined[id]?.requested.formUnion(names.filter { topology.table[$0] != nil })
            pump(id, at: now)
        case .digest(let digest) where link.announces:
            guard digest != topology.digest() else { return }
            queue(.everything, on: TopologyChannel.wireName, source: nil, on: id, at: now)
        case .farewell(let text) where link.agreement.extensions.contains(.farewells):
            registry.joined[id]?.farewell = PrintableText.cleaned(text)
        case .announcement, .request, .digest, .farewell, .unknown:
            break
        }
    }

    private mutating func receive(
        _ entries: [RecordVersion], isComplete: Bool, on id: LinkID, at now: MonotonicInstant
    ) {
        var wanted: Set<PeerName> = []
        var isOwnNameMet = false
        for entry in entries.prefix(TopologyLimits.recordsPerUpdate) {
            guard TopologyLimits.isAcceptable(entry, known: topology.table[entry.name]?.version) else {
                counters.recordsRefused &+= 1
                continue
            }
            if entry.name == configuration.name {
                isOwnNameMet = topology.meetOwnName(entry) || isOwnNameMet
            } else if entry.supersedes(topology.table.version(of: entry.name)),
                pulls.isNew(entry, from: id, at: now)
            {
                wanted.insert(entry.name)
            }
        }
        if isOwnNameMet { topologyMerged(at: now) }
        request(wanted.sorted(), on: id, at: now)
        guard isComplete else { return }
        let newer = topology.table.newerThan(entries)
        if !newer.isEmpty { queue(.peers(newer), on: TopologyChannel.wireName, source: nil, on: id, at: now) }
    }

    // MARK: Asking

    private mutating func request(_ names: [PeerName], on id: LinkID, at now: MonotonicInstant) {
        guard !names.isEmpty else { return }
        send(.weft(.request(names)), on: id, at: now)
        timers.setUnlessRunning(.pulls, at: now + MeshTimes.pull)
    }

    /// Neighbours that did not answer: others are asked.
    mutating func checkPulls(at now: MonotonicInstant) {
        ask(pulls.expire(at: now), at: now)
        if let deadline = pulls.deadline { timers.set(.pulls, at: deadline) }
    }

    /// A neighbour is gone that may have been asked.
    mutating func pullsLost(_ id: LinkID, at now: MonotonicInstant) {
        ask(pulls.ended(id, at: now), at: now)
    }

    private mutating func ask(_ requests: RecordPulls.Requests, at now: MonotonicInstant) {
        for (id, names) in requests.sorted(by: { $0.key < $1.key }) { request(names, on: id, at: now) }
    }

    // MARK: Telling

    /// Neighbours hear of these records soon; `source` is the weft peer that told us, if one did.
    mutating func announce(_ names: some Sequence<PeerName>, from source: PeerName?, at now: MonotonicInstant) {
        for name in names { announcements.add(name, from: source) }
        timers.setUnlessRunning(.announcements, at: now + MeshTimes.announcementGathering)
    }

    mutating func sendAnnouncements(at now: MonotonicInstant) {
        let round = announcements.round(in: topology.table)
        let ownName = configuration.name
        announcements = Announcements()
        for id in registry.announcingLinks() {
            guard let neighbour = registry.factsOfLink[id]?.peer.name else { continue }
            var names = round.names(for: neighbour)
            if let own = names.firstIndex(of: ownName) {
                // Nobody can have our record before us: it is sent as if asked for.
                names.remove(at: own)
                registry.joined[id]?.requested.formUnion([ownName])
            }
            if !names.isEmpty { announce(names, on: id, at: now) }
            pump(id, at: now)
        }
    }

    /// By the queue if anything waits.
    private mutating func announce(_ names: [PeerName], on id: LinkID, at now: MonotonicInstant) {
        guard let waiting = registry.joined[id]?.waitingBytes, waiting <= SendLimits.gossipWindow,
            registry.joined[id]?.queue.isEmpty ?? false
        else { return queue(.peers(names), on: TopologyChannel.wireName, source: nil, on: id, at: now) }
        if let message = announcement(ofPeers: names) { send(.weft(message), on: id, at: now) }
    }

    /// A subset is drawn so that news spread over many ways; where there are few, as from the hub of a star, those that were
    /// not drawn would wait for the periodic gossip.
    mutating func deferNews(_ news: GossipNews, except told: [PeerName], at now: MonotonicInstant) {
        guard configuration.extensions.contains(.announcements), case .items(let items) = news else { return }
        let names = items.compactMap { if case .peer(let name) = $0 { name } else { nil } }
        for (id, facts) in registry.factsOfLink
        where !facts.announces && !told.contains(facts.peer.name) {
            registry.joined[id]?.deferred.formUnion(names)
            timers.setUnlessRunning(.deferred, at: now + MeshTimes.deferral)
        }
    }

    mutating func sendDeferred(at now: MonotonicInstant) {
        for id in registry.factsOfLink.keys.sorted() {
            guard let names = registry.joined[id]?.deferred, !names.isEmpty else { continue }
            registry.joined[id]?.deferred = []
            queue(.peers(names), on: TopologyChannel.wireName, source: nil, on: id, at: now)
        }
    }

    /// Now and then some neighbours are shown a digest of all that we hold.
    mutating func sendDigests(at now: MonotonicInstant) {
        timers.set(.digests, at: now + MeshTimes.digests)
        var candidates = registry.announcingLinks()
        for _ in 0..<min(MeshTimes.digestNeighbours, candidates.count) {
            let id = candidates.remove(at: Int.random(in: 0..<candidates.count, using: &random))
            guard let waiting = registry.joined[id]?.waitingBytes, waiting <= SendLimits.gossipWindow else { continue }
            send(.weft(.digest(topology.digest())), on: id, at: now)
        }
    }

    /// The complete table goes to some of the neighbours that know no announcements, unless nothing has changed since
    /// they were told last.
    mutating func sendPeriodicTopology(at now: MonotonicInstant) {
        var choice = NeighbourChoice(routes.gossipWeights, except: nil)
        for neighbour in choice.draw(using: &random) {
            guard let id = registry.link(to: neighbour), let link = registry.factsOfLink[id], !link.announces
            else { continue }
            // One that behaves as the original does repeats itself: others rely on it.
            guard configuration.extensions.contains(.announcements), let told = registry.joined[id]?.told,
                now - told.at < MeshTimes.retelling
            else {
                queue(.everything, on: TopologyChannel.wireName, source: nil, on: id, at: now)
                continue
            }
            let changed = topology.table.names(changedSince: told.generation)
            guard !changed.isEmpty else { continue }
            queue(.peers(changed), on: TopologyChannel.wireName, source: nil, on: id, at: now)
            registry.joined[id]?.told?.generation = topology.table.generation
        }
    }

    /// What a parcel of topology news says to a neighbour that knows announcements.
    func announcement(of news: GossipNews) -> WeftMessage? {
        switch news {
        case .everything: return .announcement(topology.table.versions(), isComplete: true)
        case .items(let items):
            let names = items.compactMap { if case .peer(let name) = $0 { name } else { nil } }
            return announcement(ofPeers: names.sorted())
        case .payloads: return nil
        }
    }

    private func announcement(ofPeers names: [PeerName]) -> WeftMessage? {
        let entries = names.compactMap { topology.table.version(of: $0) }.filter { $0.version > 0 }
        return entries.isEmpty ? nil : .announcement(entries, isComplete: false)
    }

    /// The next records that a neighbour has asked for, as topology gossip.
    mutating func takeRequested(of id: LinkID, at now: MonotonicInstant) -> [UInt8]? {
        guard let requested = registry.joined[id]?.requested, !requested.isEmpty else { return nil }
        let names = requested.sorted().prefix(SendLimits.recordsPerMessage)
        registry.joined[id]?.requested.subtract(names)
        return topology.payloads(for: .peers(names), at: now).first
    }
}
