import ControlTypes
import Wire

func peersText(_ peers: [PeerStatus]) -> String {
    peers.map { peer in
        let remark = peer.isSelf ? "  this host" : peer.nextHop == nil ? "  out of reach" : ""
        let via = peer.nextHop.map { $0 == peer.peer.name ? "" : "  via \($0)" } ?? ""
        var table = Table("", "ADDRESS", "PEER", "STATE")
        for link in peer.connections {
            table.rows.append(
                .init(cells: [
                    link.outbound ? "to" : "from", link.address, name(link.peer),
                    link.established ? "established" : "pending",
                ]))
        }
        let lines = table.text(indent: 4).split(separator: "\n").dropFirst().map { $0 + "\n" }.joined()
        return "\(name(peer.peer))\(remark)\(via)\n" + (peer.connections.isEmpty ? "    no connections\n" : lines)
    }.joined()
}

func targetsText(_ targets: [TargetStatus], now: WallClockInstant) -> String {
    guard !targets.isEmpty else {
        return "No targets: this host waits for others. To connect to one:  weft connect HOST\n"
    }
    var table = Table("TARGET", "STATE", "ADDRESS", "NEXT ATTEMPT")
    for target in targets {
        var notes: [String] = []
        if let error = target.lastError {
            notes.append(failureText(error, isOver: target.state == .connected, now: now))
            if let advice = error.advice, target.state != .connected { notes.append("-> \(advice)") }
        }
        let next = target.nextAttempt.map { "in \(distanceText($0 > now ? $0 : now, now))" } ?? "-"
        table.rows.append(
            .init(
                cells: [target.text, target.state.rawValue, target.address.map(\.description) ?? "-", next],
                notes: notes))
    }
    return table.text()
}

func containersText(_ containers: [AttachedContainer], now: WallClockInstant) -> String {
    guard !containers.isEmpty else {
        return "No containers attached. To attach one:  weft attach 10.32.0.1/12 CONTAINER\n"
    }
    var table = Table("CONTAINER", "ADDRESSES", "HARDWARE ADDRESS", "INTERFACE", "MTU", "SINCE", "COMMAND")
    for container in containers {
        table.rows.append(
            .init(cells: [
                container.container, container.addresses.map(\.description).joined(separator: " "),
                container.hardwareAddress.description, container.interface, "\(container.mtu)",
                distanceText(container.since, now), container.label ?? "",
            ]))
    }
    return table.text()
}
