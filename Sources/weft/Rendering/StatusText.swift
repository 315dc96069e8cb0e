import ControlTypes
import Wire

/// Everything at a glance: facts, what is wrong and what to do, connections.
func statusText(_ status: DaemonStatus, connections: [ConnectionStatus], now: WallClockInstant) -> String {
    let state = status.ready ? "ready" : "not ready"
    var text =
        "weft \(status.version): \(state), up \(lengthText(seconds: status.uptimeSeconds)), pid \(status.processID)\n"
    text += "\n" + facts(status)
    if !status.warnings.isEmpty {
        text += "\nWarnings\n"
        for warning in status.warnings {
            let since = warning.since.map { " (for \(distanceText($0, now)))" } ?? ""
            text += "  ! \(warning.message)\(since)\n    -> \(warning.advice)\n"
        }
    }
    let unused = status.facilities.filter { !$0.inUse }
    if !unused.isEmpty {
        text += "\nNot in use\n"
        for facility in unused { text += "  \(facility.name): \(facility.explanation)\n" }
    }
    let drops = status.counters.filter { $0.value > 0 }
    if !drops.isEmpty {
        var table = Table("COUNTER", "VALUE", "")
        table.rows = drops.map { .init(cells: [$0.name, "\($0.value)", $0.meaning]) }
        text += "\nCounters\n" + table.text(indent: 2).split(separator: "\n").dropFirst().map { $0 + "\n" }.joined()
    }
    text += "\nConnections\n"
    text +=
        connections.isEmpty
        ? noConnectionsHint.split(separator: "\n").map { "  \($0)\n" }.joined()
        : connectionsText(connections, now: now, indent: 2)
    return text
}

/// Who carries the frames of containers.
private func datapathLine(_ status: DaemonStatus) -> String {
    let usesKernel = status.facilities.contains { $0.name == "fast-datapath" && $0.inUse }
    return usesKernel
        ? "the kernel (Open vSwitch, VXLAN on UDP port \(status.port + 1)), else sleeve"
        : "sleeve, in user space"
}

private func facts(_ status: DaemonStatus) -> String {
    let facts: [(String, String)] = [
        ("Peer", name(status.peer)),
        ("Peers", peersLine(status.peers)),
        ("Connections", connectionsLine(status.connections)),
        ("Targets", "\(status.targets)"),
        ("Listening", "\(status.host ?? "all addresses"), TCP and UDP port \(status.port)"),
        ("Datapath", datapathLine(status)),
        ("Encryption", encryptionLine(status)),
        ("Discovery", discoveryLine(status)),
        ("Protocol", protocolLine(status.protocolVersions)),
        ("Bridge", bridgeLine(status.bridge)),
        (
            "Containers",
            status.containers == 0 ? "none attached (weft attach, weft run)" : "\(status.containers) attached"
        ),
        ("State", status.stateDirectory),
        ("Socket", status.socket),
    ]
    return facts.map { "  \($0.0)" + String(repeating: " ", count: 13 - $0.0.count) + "\($0.1)\n" }.joined()
}

private func peersLine(_ peers: PeerCounts) -> String {
    peers.known <= 1 ? "only this one" : "\(peers.known) with this one"
}

private func connectionsLine(_ counts: ConnectionCounts) -> String {
    let parts = [
        (counts.established, "established"), (counts.pending, "pending"), (counts.retrying, "retrying"),
        (counts.failed, "failed"), (counts.connecting, "connecting"),
    ].filter { $0.0 > 0 }
    return parts.isEmpty ? "none" : parts.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
}

private func encryptionLine(_ status: DaemonStatus) -> String {
    guard status.encryption else { return "off (no password)" }
    guard !status.trustedSubnets.isEmpty else { return "on" }
    return "on, except for peers in \(status.trustedSubnets.map(\.description).joined(separator: ", "))"
}

private func discoveryLine(_ status: DaemonStatus) -> String {
    let limit = status.connectionLimit == 0 ? "no limit" : "at most \(status.connectionLimit)"
    return "\(status.discovery ? "on" : "off"), \(limit) connections"
}

private func protocolLine(_ versions: ProtocolVersions) -> String {
    versions.minimum == versions.maximum
        ? "version \(versions.maximum)" : "versions \(versions.minimum) to \(versions.maximum)"
}

private func bridgeLine(_ bridge: BridgeStatus) -> String {
    var parts = ["\(bridge.name) is \(bridge.state.rawValue)"]
    if let mtu = bridge.mtu { parts.append("MTU \(mtu)") }
    if let address = bridge.hardwareAddress { parts.append("\(address)") }
    if let capture = bridge.capture { parts.append(capture) }
    return parts.joined(separator: ", ")
}
