import ControlTypes
import DataPlane
import Glibc
import HostNetwork
import Mesh
import PacketIO
import Wire

extension ControlLoop {
    /// The whole daemon at this moment.
    func daemonStatus(startedAtDate: WallClockInstant, containers: Int) -> DaemonStatus {
        let connections = connectionStatuses()
        return DaemonStatus(
            version: WeftVersion.text, ready: isReady,
            peer: PeerIdentity(name: name, nickname: configuration.nickname), processID: Int(getpid()),
            startedAt: startedAtDate, uptimeSeconds: Int((Clocks.now - startedAt).components.seconds),
            protocolVersions: ProtocolVersions(
                minimum: Int(configuration.minimumVersion), maximum: Int(configuration.maximumVersion)),
            encryption: configuration.password != nil, trustedSubnets: configuration.trustedSubnets,
            discovery: configuration.discovery,
            connectionLimit: configuration.connectionLimit,
            host: configuration.host == .any ? nil : configuration.host.description,
            port: Int(configuration.port.rawValue), socket: configuration.socketPath,
            stateDirectory: configuration.stateDirectory, targets: router.targets().count { $0.isDirect },
            connections: ConnectionCounts(connections), peers: PeerCounts(peerStatuses()), bridge: bridgeStatus(),
            containers: containers, facilities: facilities(), warnings: warnings(), counters: counters())
    }

    private func bridgeStatus() -> BridgeStatus {
        guard let bridge else {
            return BridgeStatus(name: hosts.network.names.bridge, state: .absent, hardwareAddress: nil, mtu: nil)
        }
        return BridgeStatus(
            name: bridge.name, state: bridge.isUp ? .up : .down, hardwareAddress: bridge.address, mtu: mtu,
            capture: capture)
    }

    private var capture: String {
        switch dataPlane.captureKind {
        case .tap: "tap \(dataPlane.tapName)"
        case .packetSocket: "packet socket on \(dataPlane.tapName)"
        case .libpcap: "libpcap on \(dataPlane.tapName)"
        }
    }

    private func facilities() -> [Facility] {
        let packet = dataPlane.facilities.map { facility in
            let availability: Facility.Availability =
                switch facility.outcome {
                case .yes: .yes
                case .no: .no
                case .unknown: .unknown
                }
            return Facility(
                name: facility.name, available: availability, inUse: facility.isInUse, explanation: facility.words)
        }
        return packet + [
            Facility(
                name: "fast-datapath", available: fastChoice.isAvailable.map { $0 ? .yes : .no } ?? .unknown,
                inUse: fastPath != nil,
                explanation: fastPath == nil
                    ? "frames are carried by sleeve, in user space: \(fastChoice.reason)"
                    : "frames are carried by the kernel (Open vSwitch, VXLAN) to neighbours that it reaches")
        ]
    }

    private func warnings() -> [StatusWarning] {
        let host = hostWarnings.map { warning in
            let code =
                switch warning.kind {
                case .noBridge: "no-bridge"
                case .bridgeDown: "bridge-down"
                case .hairpin: "bridge-hairpin"
                case .firewallDrops: "firewall-drops"
                case .firewallUnknown: "firewall-unknown"
                }
            return StatusWarning(code: code, message: warning.message, advice: warning.nextStep)
        }
        let capture = captureFailure.map {
            StatusWarning(
                code: "packet-path-stopped", message: "no frames are carried: \($0)",
                advice: "Start weft again: weft stop, weft launch. Containers stay attached.")
        }
        return [capture, rival()].compactMap(\.self) + host + losses() + refusals()
    }

    /// Peers that were connected in the last ten minutes and are not any more, each with the last reason. Where nobody
    /// dials them from here, this is the only place that tells.
    private func losses() -> [StatusWarning] {
        var latest: [PeerName: ClosureView] = [:]
        let now = Clocks.now
        let connected = Set(router.connections().compactMap(\.peer))
        for closure in router.closures() {
            guard let peer = closure.peer, !connected.contains(peer), now - closure.at < .seconds(600) else { continue }
            latest[peer] = closure
        }
        return latest.sorted { $0.key < $1.key }.map { peer, closure in
            StatusWarning(
                code: "connection-lost",
                message: "the connection to \(peer) at \(closure.remote) ended: \(closure.reason)",
                advice: "nothing, if that host was stopped; otherwise look at the link to it, and at weft status there",
                since: Clocks.date(of: closure.at))
        }
    }

    private func rival() -> StatusWarning? {
        guard let rival = router.rival(at: Clocks.now) else { return nil }
        let places = rival.addresses.isEmpty ? "" : " at \(rival.addresses.joined(separator: ", "))"
        let called = rival.nickname.isEmpty ? "" : " (\(rival.nickname))"
        return StatusWarning(
            code: "name-used-twice", message: "another router\(places)\(called) uses our name \(name)",
            advice:
                "Give one of the two another name: weft reset, then weft launch --name NAME. Cloned machines have one "
                + "name.",
            since: Clocks.date(of: rival.lastMet))
    }

    /// Connections of others that ended before they had told their name: only here can people see why. One for each
    /// host, as long as it has tried within the last two minutes.
    private func refusals() -> [StatusWarning] {
        var latest: [String: ClosureView] = [:]
        let now = Clocks.now
        for closure in router.closures()
        where !closure.isOutbound && closure.peer == nil && !["duplicate", "crowded"].contains(closure.kind) {
            guard now - closure.at < .seconds(120) else { continue }
            latest[Endpoint(text: closure.remote)?.address.description ?? closure.remote] = closure
        }
        return latest.sorted { $0.key < $1.key }.map { host, closure in
            StatusWarning(
                code: "connection-refused", message: "a connection from \(host) was ended: \(closure.reason)",
                advice: advice(about: closure),
                since: Clocks.date(of: closure.at))
        }
    }

    private func advice(about closure: ClosureView) -> String {
        switch closure.kind {
        case "limit": "raise --conn-limit here, or let that host connect to another one"
        case "namesake", "own-name": "give one of the two another name (--name)"
        default: "make sure that both sides have the same password and a version of the protocol in common"
        }
    }

    private func counters() -> [StatusCounter] {
        let mesh = router.counters
        let control = [
            StatusCounter(
                name: "connections-ended", value: mesh.terminations, meaning: "connections that ended, for any reason"),
            StatusCounter(
                name: "gossip-dropped", value: mesh.gossipDropped, meaning: "gossip of others dropped for want of room"),
            StatusCounter(
                name: "records-refused", value: mesh.recordsRefused, meaning: "impossible records in topology gossip"),
            StatusCounter(
                name: "unicasts-dropped", value: mesh.unicastsDropped, meaning: "gossip to one peer without a way"),
        ]
        let ends = mesh.closures.sorted { $0.key < $1.key }.map { kind, count in
            StatusCounter(
                name: "connections-ended-\(kind)", value: count,
                meaning: "of those, and of attempts, by reason: \(kind)")
        }
        return control + ends
            + dataPlane.counters().named.map { StatusCounter(name: $0.name, value: $0.value, meaning: $0.meaning) }
    }

    private func captureStats() -> Report.CaptureStats {
        let counters = dataPlane.counters()
        return Report.CaptureStats(
            packetsDropped: counters.value("dropped-malformed"), packetsIfDropped: 0,
            packetsReceived: counters.value("frames-captured"))
    }

    /// The whole state in the reference router's schema.
    func report(startedAtDate: WallClockInstant, containers: Int) -> Report {
        let status = daemonStatus(startedAtDate: startedAtDate, containers: containers)
        let peers = peerStatuses()
        let nicknames = Dictionary(uniqueKeysWithValues: peers.map { ($0.peer.name, $0.peer.nickname) })
        return Report(
            status: status, connections: connectionStatuses(), peers: peers,
            targets: router.targets().filter(\.isDirect).map(\.text),
            broadcastRoutes: router.routes.broadcast.sorted { $0.key < $1.key }.map {
                Report.BroadcastRoute(source: $0.key, via: $0.value.isEmpty ? nil : $0.value)
            },
            terminationCount: Int(clamping: router.terminationCount), interface: "\(dataPlane.tapName) (via tap)",
            captureStats: captureStats(),
            macs: dataPlane.addresses().map {
                Report.LearnedAddress(
                    address: $0.address, name: $0.peer, nickName: nicknames[$0.peer] ?? "",
                    lastSeen: Clocks.date(of: $0.lastSeen))
            }.sorted { $0.address < $1.address })
    }
}
