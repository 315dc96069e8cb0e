import Wire

/// From the features to an added connection. `docs/protocol-mesh.md`, "After the features".
extension MeshRouter {
    mutating func join(_ id: LinkID, _ peer: RemoteFeatures, _ agreement: LinkAgreement, at now: MonotonicInstant) {
        guard let handshake = registry.handshaking[id] else { return }
        timers.cancel(.handshake(id))
        budget.release(id)
        let isListener = agreement.extensions.contains(.farewells)
        if peer.name == configuration.name, peer.uid != configuration.uid {
            rivals.met(peer.nickname, at: handshake.remote.address, at: now)
        }
        if let reason = refusal(id, handshake, of: peer) { return end(id, reason, isListener: isListener, at: now) }
        let joined = JoinedLink(handshake, peer: peer, agreement: agreement, at: now)
        // What was on its way on a connection that is replaced is lost.
        let isReplacing = registry.link(to: peer.name) != nil
        guard settleDuplicate(id, joined, at: now) else { return }
        let limit = configuration.connectionLimit
        if limit > 0, registry.joined.count >= limit {
            let reason = EndReason.refused(peer, at: handshake.remote, limit: limit)
            note(.warning, "a peer was refused", ["peer": "\(peer.name)", "reason": reason.text])
            return end(id, reason, isListener: isListener, at: now)
        }
        add(id, joined, isReplacing: isReplacing, at: now)
    }

    /// Why this peer cannot be added, whatever else is there.
    private func refusal(_ id: LinkID, _ handshake: HandshakingLink, of peer: RemoteFeatures) -> EndReason? {
        if peer.name == configuration.name {
            return peer.uid == configuration.uid
                ? .connectedToSelf : .nameCollision(peer, at: handshake.remote)
        }
        guard peer.name.isUsable else { return .protocolError("\(peer.name) cannot be the name of a peer") }
        if maker.isDiscoveredOnly(id), topology.table[peer.name] == nil, maker.entry(of: id)?.expected != peer.name {
            return .unknownPeer(peer.name, at: handshake.remote)
        }
        return nil
    }

    /// False if the new connection is not to be added; an existing one that has to go is gone then.
    private mutating func settleDuplicate(_ id: LinkID, _ new: JoinedLink, at now: MonotonicInstant) -> Bool {
        let name = new.peer.name
        guard let existing = registry.link(to: name), let old = registry.joined[existing] else { return true }
        let verdict = DuplicateRule.verdict(
            existing: old.duplicateSide(at: now), newcomer: new.duplicateSide(at: now))
        switch verdict {
        case .keepExisting:
            maker.met(name, by: id)
            end(id, .duplicate("already connected to \(name), via \(old.remote)"), at: now)
        case .replaceExisting:
            maker.met(name, by: existing)
            maker.met(name, by: id)
            end(
                existing, .duplicate("replaced by another connection to \(name), via \(new.remote)"), keeping: name,
                at: now)
        case .closeBoth:
            end(existing, .duplicate("two connections to \(name) have one id"), at: now)
            end(id, .duplicate("two connections to \(name) have one id"), at: now)
        case .refuseNamesake:
            let reason = EndReason.namesake(new.peer, at: new.remote, existing: old)
            note(.warning, "two routers have one name", ["peer": "\(name)", "reason": reason.text])
            end(id, reason, isListener: new.agreement.extensions.contains(.farewells), at: now)
        }
        return verdict == .replaceExisting
    }

    private mutating func add(_ id: LinkID, _ link: JoinedLink, isReplacing: Bool, at now: MonotonicInstant) {
        let name = link.peer.name
        let known = topology.table[name]
        let isRestarted = known.map { $0.uid != link.peer.uid } ?? false
        // The tables may still show what a link that has just been cut led to, while the other side has forgotten it.
        let needsEverything = isReplacing || isRestarted || known == nil || !reaches(name)
        if known == nil {
            _ = topology.table.addFromHandshake(
                PeerRecord(
                    name: name, nickname: link.peer.nickname, uid: link.peer.uid, version: 0,
                    shortID: link.peer.shortID))
            settleShortID(at: now)
        }
        let isSealedOverlay = !(trusts(link.remote.address) && link.peer.isTrusted)
        effects.append(
            .prepareOverlay(
                id,
                OverlayConnection(
                    remoteName: name, remoteNickname: link.peer.nickname, isOutbound: link.isOutbound,
                    local: link.local, remote: link.remote, connectionUID: link.agreement.connectionUID,
                    sessionKey: isSealedOverlay ? link.agreement.sessionKey : nil,
                    probesSilence: link.agreement.extensions.contains(.probes),
                    overlays: link.agreement.commonOverlays,
                    echoesHeartbeats: link.agreement.extensions.contains(.echoes))))
        registry.join(id, link)
        topology.table.setOwnConnection(link.record)
        if needsEverything { queueEverything(on: id, at: now) }
        areRoutesStale = true
        scheduleOwnUpdate(naming: [name], at: now)
        maker.met(name, by: id)
        maker.connected(id)
        needsTargetCheck = true
        effects.append(.confirmOverlay(id))
        timers.set(.heartbeat(id), at: now + MeshTimes.heartbeat)
        timers.set(.silence(id), at: now + MeshTimes.silence)
        note(
            .info, "connection added",
            [
                "connection": "\(id)", "peer": "\(name)", "nickname": link.peer.nickname, "remote": "\(link.remote)",
                "direction": link.isOutbound ? "outbound" : "inbound", "version": "\(link.agreement.version)",
                "encrypted": link.agreement.sessionKey == nil ? "no" : "yes",
            ])
    }
}
