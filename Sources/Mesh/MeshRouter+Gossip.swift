import Wire

/// Gossip between channels and connections.
extension MeshRouter {
    // MARK: Receiving

    mutating func receiveGossip(
        _ payload: [UInt8], as kind: GossipKind, on channel: String, from source: PeerName, via id: LinkID,
        at now: MonotonicInstant
    ) {
        guard let from = registry.factsOfLink[id]?.peer.name else { return }
        // A broadcast of ours that comes back has been everywhere already.
        if kind == .broadcast, source == configuration.name { return }
        do throws(GossipFault) {
            let news = try deliver(payload, as: kind, on: channel, from: source, at: now)
            if channel == TopologyChannel.wireName { topologyMerged(at: now) }
            sendRequests(of: channel, at: now)
            guard let news else { return }
            if channel == TopologyChannel.wireName { passOn(news, from: from, via: id, at: now) }
            switch kind {
            case .neighbour: gossip(news, on: channel, except: from, at: now)
            case .broadcast: broadcast(news, on: channel, from: source, except: from, at: now)
            }
        } catch {
            end(id, .protocolError("\(error)"), at: now)
        }
    }

    /// Records that were news to us, to those neighbours that know announcements.
    private mutating func passOn(_ news: GossipNews, from: PeerName, via id: LinkID, at now: MonotonicInstant) {
        guard case .items(let items) = news else { return }
        let names: [PeerName] = items.compactMap { if case .peer(let name) = $0 { name } else { nil } }
        for name in names { if let held = topology.table.version(of: name) { pulls.arrived(held) } }
        let announces = registry.announces(id)
        announce(names, from: announces ? from : nil, at: now)
    }

    private mutating func deliver(
        _ payload: [UInt8], as kind: GossipKind, on channel: String, from source: PeerName, at now: MonotonicInstant
    ) throws(GossipFault) -> GossipNews? {
        if channel == TopologyChannel.wireName {
            return try topology.receive(payload, as: kind, from: source, at: now)
        }
        if var known = channels[channel] {
            defer { channels[channel] = known }
            return try known.receive(payload, as: kind, from: source, at: now)
        }
        return surrogates.receive(payload, as: kind, channel: channel, at: now)
    }

    mutating func receiveUnicast(
        _ payload: [UInt8], on channel: String, from source: PeerName, to destination: PeerName, via id: LinkID,
        at now: MonotonicInstant
    ) {
        guard destination == configuration.name else {
            let from = registry.factsOfLink[id]?.peer.name
            let message = MeshMessage.unicast(
                channel: channel, source: source, destination: destination, payload: payload)
            return route(message, to: destination, notVia: from, at: now)
        }
        do throws(GossipFault) {
            if channel == TopologyChannel.wireName {
                try topology.receiveUnicast(payload, from: source, at: now)
            } else if var known = channels[channel] {
                defer { channels[channel] = known }
                try known.receiveUnicast(payload, from: source, at: now)
            }
            sendRequests(of: channel, at: now)
        } catch {
            end(id, .protocolError("\(error)"), at: now)
        }
    }

    // MARK: Sending

    /// To a random subset of neighbours.
    mutating func gossip(_ news: GossipNews, on channel: String, except: PeerName?, at now: MonotonicInstant) {
        guard !areRoutesStale else {
            counters.gossipDropped &+= UInt64(relays.add(news, .neighbours(channel, except: except)))
            return
        }
        var choice = NeighbourChoice(routes.gossipWeights, except: except)
        let drawn = choice.draw(using: &random)
        for neighbour in drawn {
            // Topology is announced to those who know announcements.
            if channel == TopologyChannel.wireName, announces(to: neighbour) { continue }
            queue(news, on: channel, source: nil, to: neighbour, at: now)
        }
        if channel == TopologyChannel.wireName { deferNews(news, except: drawn + [except].compactMap(\.self), at: now) }
    }

    private func announces(to neighbour: PeerName) -> Bool {
        registry.link(to: neighbour).map { registry.announces($0) } ?? false
    }

    /// Along the tree of `source`.
    mutating func broadcast(
        _ news: GossipNews, on channel: String, from source: PeerName, except: PeerName?, at now: MonotonicInstant
    ) {
        guard !areRoutesStale else {
            counters.gossipDropped &+= UInt64(relays.add(news, .tree(channel, source: source, except: except)))
            return
        }
        for neighbour in routes.gossipHops(from: source) where neighbour != except {
            queue(news, on: channel, source: source, to: neighbour, at: now)
        }
    }

    /// To one peer, by the next hop; never back to where it came from.
    mutating func route(_ message: MeshMessage, to destination: PeerName, notVia: PeerName?, at now: MonotonicInstant) {
        guard let hop = routes.gossipUnicast[destination], hop != notVia, let id = registry.link(to: hop),
            let waiting = registry.joined[id]?.waitingBytes, waiting <= SendLimits.messages
        else {
            counters.unicastsDropped &+= 1
            return note(.debug, "no way for a unicast", ["peer": "\(destination)"])
        }
        send(message, on: id, at: now)
    }

    /// What a channel wants sent of its own accord.
    mutating func sendRequests(of channel: String, at now: MonotonicInstant) {
        guard var known = channels[channel] else { return }
        let requests = known.takeRequests()
        channels[channel] = known
        for request in requests {
            switch request {
            case .neighbours(let news): gossip(news, on: channel, except: nil, at: now)
            case .broadcast(let news): broadcast(news, on: channel, from: configuration.name, except: nil, at: now)
            case .unicast(let peer, let payload):
                let message = MeshMessage.unicast(
                    channel: channel, source: configuration.name, destination: peer, payload: payload)
                route(message, to: peer, notVia: nil, at: now)
            }
        }
    }

    /// Every 30 s each channel's complete state goes to some neighbours.
    mutating func sendPeriodicGossip(at now: MonotonicInstant) {
        timers.set(.periodicGossip, at: now + MeshTimes.gossipInterval)
        sendPeriodicTopology(at: now)
        for (name, news) in completeStates() where name != TopologyChannel.wireName {
            gossip(news, on: name, except: nil, at: now)
        }
    }

    /// A peer that is new to us, or starts anew, gets every channel's complete state.
    mutating func queueEverything(on id: LinkID, at now: MonotonicInstant) {
        for (name, news) in completeStates() { queue(news, on: name, source: nil, on: id, at: now) }
    }

    /// Topology first, the rest by name.
    private func completeStates() -> [(String, GossipNews)] {
        let others = channels.sorted { $0.key < $1.key }.map { $0.value as any GossipChannel }
        let all: [any GossipChannel] = [topology] + others
        return all.compactMap { channel in channel.completeState().map { (channel.name, $0) } }
    }

    // MARK: Queues

    /// Gossip that waited for the routes.
    mutating func releaseRelays(at now: MonotonicInstant) {
        for (way, news) in relays.takeAll() {
            switch way {
            case .neighbours(let channel, let except): gossip(news, on: channel, except: except, at: now)
            case .tree(let channel, let source, let except):
                broadcast(news, on: channel, from: source, except: except, at: now)
            }
        }
    }

    private mutating func queue(
        _ news: GossipNews, on channel: String, source: PeerName?, to neighbour: PeerName, at now: MonotonicInstant
    ) {
        guard let id = registry.link(to: neighbour) else { return }
        queue(news, on: channel, source: source, on: id, at: now)
    }

    mutating func queue(
        _ news: GossipNews, on channel: String, source: PeerName?, on id: LinkID, at now: MonotonicInstant
    ) {
        let dropped = registry.joined[id]?.queue.add(news, channel: channel, source: source) ?? 0
        counters.gossipDropped &+= UInt64(dropped)
        pump(id, at: now)
    }

    /// Sends what waits, as long as the connection takes it.
    mutating func pump(_ id: LinkID, at now: MonotonicInstant) {
        while let waiting = registry.joined[id]?.waitingBytes, waiting <= SendLimits.gossipWindow {
            if let parcel = registry.joined[id]?.queue.next() {
                for message in messages(for: parcel, on: id, at: now) { send(message, on: id, at: now) }
            } else if let payload = takeRequested(of: id, at: now) {
                send(
                    .gossip(channel: TopologyChannel.wireName, source: configuration.name, payload: payload), on: id,
                    at: now)
            } else {
                return
            }
        }
    }

    private mutating func messages(
        for parcel: GossipQueue.Parcel, on id: LinkID, at now: MonotonicInstant
    ) -> [MeshMessage] {
        if parcel.channel == TopologyChannel.wireName, parcel.source == nil {
            if registry.announces(id) {
                return announcement(of: parcel.news).map { [.weft($0)] } ?? []
            }
            if case .everything = parcel.news { registry.joined[id]?.told = (topology.table.generation, now) }
        }
        // A closure that reads a property of ours would copy all of us.
        let ownName = configuration.name
        return payloads(for: parcel, at: now).map { payload in
            if let source = parcel.source {
                .broadcast(channel: parcel.channel, source: source, payload: payload)
            } else {
                .gossip(channel: parcel.channel, source: ownName, payload: payload)
            }
        }
    }

    private mutating func payloads(for parcel: GossipQueue.Parcel, at now: MonotonicInstant) -> [[UInt8]] {
        if parcel.channel == TopologyChannel.wireName { return topology.payloads(for: parcel.news, at: now) }
        if var known = channels[parcel.channel] {
            defer { channels[parcel.channel] = known }
            return known.payloads(for: parcel.news, at: now)
        }
        if case .payloads(let payloads) = parcel.news { return payloads }
        return []
    }
}
