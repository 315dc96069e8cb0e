import Wire

/// What comes and goes on an added connection.
extension MeshRouter {
    mutating func receive(_ message: MeshMessage, on id: LinkID, at now: MonotonicInstant) {
        guard let link = registry.factsOfLink[id] else { return }
        registry.joined[id]?.lastHeard = now
        switch message {
        case .heartbeat, .unknown:
            break
        case .plainOverlayControl(let tag, let body):
            guard link.agreement.usesPlainOverlayControl else {
                return end(id, .protocolError("overlay control without an overlay's index"), at: now)
            }
            effects.append(.overlayControl(id, overlay: LinkAgreement.plainOverlay, tag: tag, body: body))
        case .overlayControl(let index, let tag, let body):
            guard !link.agreement.usesPlainOverlayControl, Int(index) < link.agreement.commonOverlays.count else {
                return end(id, .protocolError("overlay control for overlay \(index), which was not agreed on"), at: now)
            }
            let overlay = link.agreement.commonOverlays[Int(index)]
            effects.append(.overlayControl(id, overlay: overlay, tag: tag, body: body))
        case .gossip(let channel, let source, let payload):
            receiveGossip(payload, as: .neighbour, on: channel, from: source, via: id, at: now)
        case .broadcast(let channel, let source, let payload):
            receiveGossip(payload, as: .broadcast, on: channel, from: source, via: id, at: now)
        case .weft(let message):
            receive(message, on: id, at: now)
        case .unicast(let channel, let source, let destination, let payload):
            receiveUnicast(payload, on: channel, from: source, to: destination, via: id, at: now)
        }
    }

    mutating func overlay(_ news: OverlayNews, on id: LinkID, at now: MonotonicInstant) {
        guard let link = registry.joined[id] else { return }
        switch news {
        case .established:
            guard !link.isEstablished else { return }
            registry.joined[id]?.establishedAt = now
            if let record = registry.joined[id]?.record { topology.table.setOwnConnection(record) }
            areRoutesStale = true
            scheduleOwnUpdate(at: now)
            rememberNeighbours()
            note(.info, "connection established", ["connection": "\(id)", "peer": "\(link.peer.name)"])
        case .failed(let reason):
            end(id, EndReason(kind: .overlay, text: reason), at: now)
        case .control(let overlay, let tag, let body):
            guard link.waitingBytes <= SendLimits.messages else { return counters.controlDropped &+= 1 }
            if link.agreement.usesPlainOverlayControl {
                send(.plainOverlayControl(tag: tag, body: body), on: id, at: now)
            } else if let index = link.agreement.commonOverlays.firstIndex(of: overlay).flatMap({ UInt8(exactly: $0) })
            {
                send(.overlayControl(index: index, tag: tag, body: body), on: id, at: now)
            }
        }
    }

    mutating func sendHeartbeat(on id: LinkID, at now: MonotonicInstant) {
        guard registry.isJoined(id) else { return }
        timers.set(.heartbeat(id), at: now + MeshTimes.heartbeat)
        send(.heartbeat, on: id, at: now)
    }

    /// Sends one message at once.
    mutating func send(_ message: MeshMessage, on id: LinkID, at now: MonotonicInstant) {
        do throws(LinkError) {
            guard let bytes = try registry.joined[id]?.wire.encode(message) else { return }
            send(bytes, on: id, at: now)
        } catch {
            // Too long for a frame: ours to notice, and no reason to part.
            counters.gossipDropped &+= 1
            note(.warning, "a message could not be sent", ["connection": "\(id)", "reason": "\(error)"])
        }
    }

    mutating func send(_ bytes: [UInt8], on id: LinkID, at now: MonotonicInstant) {
        effects.append(.send(id, bytes))
        registry.joined[id]?.waitingBytes += bytes.count
        timers.setUnlessRunning(.sendProgress(id), at: now + MeshTimes.sendProgress)
    }

    /// Everything has left: the link is as fast as we are, and what waits may follow.
    mutating func drained(_ id: LinkID, at now: MonotonicInstant) {
        timers.cancel(.sendProgress(id))
        guard registry.isJoined(id) else { return }
        registry.joined[id]?.waitingBytes = 0
        pump(id, at: now)
    }
}
