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

    private mutating func targetsChanged() {
        effects.append(.rememberTargets(maker.directTexts))
        needsTargetCheck = true
    }

    mutating func checkTargets(at now: MonotonicInstant) {
        needsTargetCheck = false
        guard isStarted else { return }
        let situation = situation()
        let (dials, next) = maker.recheck(situation, at: now, using: &random) { registry.newLink() }
        for (id, target) in dials {
            registry.addDial(id, DiallingLink(target: target, since: now))
            timers.set(.handshake(id), at: now + MeshTimes.dial)
            effects.append(.dial(id, target))
        }
        if let next { timers.set(.targets, at: next) } else { timers.cancel(.targets) }
    }

    private func situation() -> ConnectionMaker.Situation {
        var situation = ConnectionMaker.Situation()
        for link in registry.joined.values {
            situation.connectedEndpoints.insert(link.remote)
            if !link.isOutbound { situation.inboundAddresses.insert(link.remote.address) }
        }
        situation.connectedPeers = registry.connectedPeers
        situation.discovered = discovered
        situation.isFull = isFull
        return situation
    }

    /// Whether the connection limit keeps us from dialling.
    var isFull: Bool {
        configuration.connectionLimit > 0 && registry.joined.count >= configuration.connectionLimit
    }
}
