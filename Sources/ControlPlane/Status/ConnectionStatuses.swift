import ControlTypes
import DataPlane
import FastDatapath
import Mesh
import Overlay
import Sleeve
import Wire

extension ControlLoop {
    /// Connections and attempts as people see them: established first, then by address.
    func connectionStatuses() -> [ConnectionStatus] {
        let views = router.connections()
        let targets = router.targets()
        var statuses = views.compactMap { view in
            status(of: view, target: targets.first { $0.text == view.target })
        }
        // Targets that nobody is connected to or dialling now.
        let busy = Set(views.compactMap(\.target))
        for target in targets where target.state == .failed && !busy.contains(target.text) {
            statuses.append(status(ofFailed: target))
        }
        return statuses.sorted { left, right in
            (order(left.state), left.remoteAddress.description) < (order(right.state), right.remoteAddress.description)
        }
    }

    private func order(_ state: ConnectionStatus.State) -> Int {
        switch state {
        case .established: 0
        case .pending: 1
        case .connecting: 2
        case .retrying: 3
        case .failed: 4
        }
    }

    private func status(of view: ConnectionView, target: TargetView?) -> ConnectionStatus? {
        guard let remote = view.remote ?? view.target.flatMap({ endpoint(of: $0) }) else { return nil }
        let sleeve = overlays.sleeves.view(of: view.link)
        let chosen = overlays.chosen(on: view.link)
        let fast = chosen == .fastDatapath ? overlays.fast?.view(of: view.link) : nil
        let state: ConnectionStatus.State =
            switch view.state {
            case .established: .established
            case .pending: .pending
            case .connecting, .handshaking: target?.failingSince == nil ? .connecting : .retrying
            }
        let failure = view.lastError ?? target?.reason ?? obstacle(to: view, sleeve?.machine)
        let trouble =
            overlays.trouble(of: .fastDatapath, on: view.link).map { "fast datapath: \($0)" }
            ?? overlays.trouble(of: .sleeve, on: view.link).map { "sleeve: \($0)" }
        return ConnectionStatus(
            state: state, direction: view.isOutbound ? .outbound : .inbound, localAddress: view.local,
            remoteAddress: remote, peer: view.peer.map { PeerIdentity(name: $0, nickname: view.nickname ?? "") },
            since: Clocks.date(of: view.since), overlay: chosen?.rawValue ?? (sleeve == nil ? nil : "sleeve"),
            overlayTrouble: chosen == nil ? nil : trouble,
            overlayAddress: fast.map { Endpoint(.v4($0.ends.remote), $0.ends.port) } ?? sleeve?.machine.remote,
            encrypted: sleeve?.isSealed ?? view.isEncrypted,
            mtu: fast?.mtu ?? sleeve?.path?.mtu,
            mtuVerified: fast.map { $0.mtu != nil } ?? sleeve?.path?.isVerified ?? false,
            roundTripMicroseconds: sleeve?.machine.roundTrip.map { Int($0.wholeNanoseconds / 1_000) },
            protocolVersion: view.version.map { Int($0) },
            lastError: failure.map {
                ConnectionFailure(reason: $0, since: Clocks.date(of: target?.failingSince ?? view.since))
            } ?? lastEnd(with: view.peer),
            traffic: sleeve?.counters.map(TrafficCounters.init))
    }

    /// Why the connection to a peer before ended, as long as that is remembered. Of two at a time one is always ended.
    private func lastEnd(with peer: PeerName?) -> ConnectionFailure? {
        guard let peer, let end = router.closures().last(where: { $0.peer == peer && $0.kind != "duplicate" })
        else { return nil }
        return ConnectionFailure(reason: end.reason, since: Clocks.date(of: end.at))
    }

    /// Why a connection that has been added is not established yet, once that takes longer than it should.
    private func obstacle(to view: ConnectionView, _ sleeve: SleeveView?) -> String? {
        guard view.state == .pending, let sleeve, sleeve.state == .confirmed,
            Clocks.now - view.since > ControlLoop.pendingPatience
        else { return nil }
        let port = "UDP port \(configuration.port)"
        return sleeve.lastHeartbeat == nil
            ? "nothing has come from it over UDP yet: is \(port) let through to this host?"
            : "it has not confirmed our heartbeats over UDP: is \(port) let through to it?"
    }

    /// Chosen: heartbeats that pass have established a link long before.
    private static let pendingPatience = Duration.seconds(2)

    private func status(ofFailed target: TargetView) -> ConnectionStatus {
        ConnectionStatus(
            state: .failed, direction: .outbound,
            remoteAddress: target.endpoint ?? endpoint(of: target.text) ?? Endpoint(.v4(.any), configuration.port),
            since: Clocks.date(of: target.failingSince ?? startedAt),
            lastError: target.reason.map {
                ConnectionFailure(reason: $0, since: Clocks.date(of: target.failingSince ?? startedAt))
            },
            nextAttempt: target.nextTry.map { Clocks.date(of: $0) })
    }

    /// The address that a target's text spells; nil for names.
    private func endpoint(of text: String) -> Endpoint? {
        guard let target = Target(text: text), let address = IPAddress(text: target.host) else { return nil }
        return Endpoint(address, target.port ?? configuration.port)
    }

    /// The targets that the user has given.
    func targetStatuses() -> [TargetStatus] {
        router.targets().filter(\.isDirect).map { target in
            let state: TargetStatus.State =
                switch target.state {
                case .connected: .connected
                case .connecting, .retrying: .connecting
                case .waiting, .failed: .waiting
                case .suspended: .suspended
                }
            return TargetStatus(
                text: target.text, state: state, address: target.endpoint ?? endpoint(of: target.text),
                lastError: target.reason.map {
                    ConnectionFailure(reason: $0, since: Clocks.date(of: target.failingSince ?? startedAt))
                },
                nextAttempt: target.nextTry.map { Clocks.date(of: $0) })
        }
    }

    /// The peers of the topology, ourselves first.
    func peerStatuses() -> [PeerStatus] {
        let all = router.peers().map { peer in
            PeerStatus(
                peer: PeerIdentity(name: peer.name, nickname: peer.nickname), isSelf: peer.name == name, uid: peer.uid,
                shortID: peer.shortID.map { Int($0.rawValue) } ?? 0, version: peer.version,
                nextHop: nextHop(toward: peer.name),
                connections: peer.connections.map {
                    PeerConnection(
                        peer: PeerIdentity(name: $0.name, nickname: $0.nickname), address: $0.address,
                        outbound: $0.isOutbound, established: $0.isEstablished)
                })
        }
        return all.filter(\.isSelf) + all.filter { !$0.isSelf }
    }
}

extension TrafficCounters {
    init(_ counters: SlotCounters) {
        self.init(
            framesSent: counters.framesSent, bytesSent: counters.bytesSent, framesReceived: counters.framesReceived,
            bytesReceived: counters.bytesReceived, dropped: counters.dropped)
    }
}
