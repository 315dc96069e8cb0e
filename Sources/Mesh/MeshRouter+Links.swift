import Wire

/// TCP connections: from accept or dial to their end.
extension MeshRouter {
    mutating func accept(_ id: LinkID, local: Endpoint, remote: Endpoint, at now: MonotonicInstant) {
        guard !registry.contains(id) else {
            // The edge counts its connections, so this cannot be; a second use must not disturb the first.
            return note(.warning, "the same connection was accepted twice", ["connection": "\(id)"])
        }
        if let victim = budget.admit(id, from: remote.address) {
            end(victim.link, EndReason(kind: .crowded, text: victim.reason), at: now)
        }
        beginHandshake(id, target: nil, local: local, remote: remote, since: now, at: now)
    }

    mutating func dialled(_ id: LinkID, local: Endpoint, remote: Endpoint, at now: MonotonicInstant) {
        guard let dial = registry.takeDial(id) else {
            // Given up while it was on its way.
            return effects.append(.close(id, reason: "no longer wanted"))
        }
        maker.reached(remote, by: id)
        beginHandshake(id, target: dial.target, local: local, remote: remote, since: dial.since, at: now)
    }

    private mutating func beginHandshake(
        _ id: LinkID, target: Target?, local: Endpoint, remote: Endpoint, since: MonotonicInstant,
        at now: MonotonicInstant
    ) {
        var wire = MeshLink(
            role: target == nil ? .acceptor : .dialler,
            configuration: LinkConfiguration(
                identity: LinkIdentity(
                    name: configuration.name, nickname: configuration.nickname, uid: configuration.uid,
                    shortID: topology.table.own.shortID, trustsRemote: trusts(remote.address),
                    overlays: configuration.overlays, extensions: configuration.extensions),
                minimumVersion: configuration.minimumVersion, maximumVersion: configuration.maximumVersion,
                password: configuration.password, halfID: random.next(), privateKey: random.bytes(32)),
            cryptography: cryptography)
        let outputs = wire.start()
        registry.handshaking[id] = HandshakingLink(
            target: target, local: local, remote: remote, since: since, wire: wire)
        timers.set(.handshake(id), at: now + MeshTimes.handshake)
        apply(outputs, on: id, at: now)
    }

    /// Whether overlay traffic with this address may go in clear, as far as we are concerned.
    func trusts(_ address: IPAddress) -> Bool {
        guard let v4 = address.v4 else { return false }
        return configuration.trustedSubnets.contains { $0.contains(v4) }
    }

    mutating func receive(_ bytes: [UInt8], on id: LinkID, at now: MonotonicInstant) {
        do throws(LinkError) {
            budget.spoke(id)
            guard let outputs = try registry.receive(bytes, on: id) else { return }
            apply(outputs, on: id, at: now)
        } catch {
            let kind: EndReason.Kind = registry.isJoined(id) ? .protocolError : .handshake
            end(id, EndReason(kind: kind, text: "\(error)"), at: now)
        }
    }

    private mutating func apply(_ outputs: [LinkOutput], on id: LinkID, at now: MonotonicInstant) {
        for output in outputs {
            // Any of them may have ended the connection.
            guard registry.contains(id) else { return }
            switch output {
            case .send(let bytes): send(bytes, on: id, at: now)
            case .ready(let peer, let agreement): join(id, peer, agreement, at: now)
            case .message(let message): receive(message, on: id, at: now)
            }
        }
    }

    mutating func closedByRemote(_ id: LinkID, _ reason: String, at now: MonotonicInstant) {
        let cause: EndReason =
            if registry.handshaking[id] != nil {
                .closedInHandshake(reason, hasPassword: configuration.password != nil)
            } else if let farewell = registry.joined[id]?.farewell {
                .farewell(farewell)
            } else {
                .closedByRemote(reason)
            }
        end(id, cause, isClosed: true, at: now)
    }

    mutating func handshakeExpired(_ id: LinkID, at now: MonotonicInstant) {
        if registry.handshaking.index(forKey: id) != nil { return end(id, .handshakeTimeout, at: now) }
        guard let dial = registry.dialling[id] else { return }
        end(id, .dialTimeout(now - dial.since), at: now)
    }

    mutating func checkSilence(of id: LinkID, at now: MonotonicInstant) {
        guard let link = registry.joined[id] else { return }
        let deadline = link.lastHeard + MeshTimes.silence
        if deadline <= now {
            end(id, .silence, at: now)
        } else {
            timers.set(.silence(id), at: deadline)
        }
    }

    /// Ends a connection in whatever state it is; `isClosed` if the edge has told us of it. `keeping` is a peer that
    /// stays known although nothing leads to it for the moment. `isListener`: the link is not added, and this says whether
    /// its other side knows farewells.
    mutating func end(
        _ id: LinkID, _ reason: EndReason, isClosed: Bool = false, isListener: Bool? = nil, keeping: PeerName? = nil,
        at now: MonotonicInstant
    ) {
        guard registry.contains(id) else { return }
        let closure = registry.closure(of: id, reason: reason, at: now)
        let joined = registry.joined[id]
        if joined != nil { effects.append(.stopOverlay(id)) }
        if !isClosed { close(id, reason, isListener: isListener) }
        registry.remove(id)
        budget.release(id)
        let running: [MeshTimer] = [.handshake(id), .silence(id), .heartbeat(id), .sendProgress(id)]
        for timer in running { timers.cancel(timer) }
        if reason.kind != .ownName { counters.terminations &+= 1 }
        counters.closures[reason.kind.rawValue, default: 0] += 1
        record(closure, at: now)
        maker.ended(
            id, reason: reason.text, isOwnName: reason.kind == .ownName,
            mayReturnSoon: reason.kind == .dial || reason.kind == .remote && joined != nil,
            isLost: reason.isLoss && (joined?.isEstablished ?? false), at: now, using: &random)
        needsTargetCheck = true
        if let joined { leave(joined, keeping: keeping, at: now) }
        if joined != nil { pullsLost(id, at: now) }
    }

    /// In the journal and the log, unless strangers come faster than anyone could read.
    private mutating func record(_ closure: ClosureView, at now: MonotonicInstant) {
        var fields = ["connection": "\(closure.link)", "remote": closure.remote, "reason": closure.reason]
        if let peer = closure.peer { fields["peer"] = "\(peer)" }
        let isStranger = closure.peer == nil && !closure.isOutbound
        guard !isStranger || strangersNotes.next(at: now) <= now else {
            return note(.debug, "connection ended", fields)
        }
        if isStranger { strangersNotes.spend(at: now) }
        journal.add(closure)
        note(.info, "connection ended", fields)
    }

    /// Closes, and says why to those who listen. `isListener` stands for the agreement of a link that is not added.
    private mutating func close(_ id: LinkID, _ reason: EndReason, isListener: Bool?) {
        let isListener = isListener ?? registry.joined[id]?.agreement.extensions.contains(.farewells) ?? false
        guard reason.isTold, isListener, let bytes = registry.encode(.weft(.farewell(reason.text)), on: id) else {
            return effects.append(.close(id, reason: reason.text))
        }
        effects += [.send(id, bytes), .finish(id, reason: reason.text)]
    }

    /// An added connection is gone: our record shrinks, and perhaps the mesh.
    private mutating func leave(_ link: JoinedLink, keeping: PeerName?, at now: MonotonicInstant) {
        guard topology.table.removeOwnConnection(to: link.peer.name) else { return }
        collectGarbage(keeping: keeping, at: now)
        areRoutesStale = true
        scheduleOwnUpdate(at: now)
    }
}
