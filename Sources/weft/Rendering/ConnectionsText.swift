import ControlTypes
import Wire

/// What a stranger should do when nothing is connected.
let noConnectionsHint = """
    No connections yet. On another host run:  weft launch THIS-HOST
    or, if weft runs there already, here:     weft connect THAT-HOST

    """

func connectionsText(_ connections: [ConnectionStatus], now: WallClockInstant, indent: Int = 0) -> String {
    guard !connections.isEmpty else { return noConnectionsHint }
    var table = Table("STATE", "DIRECTION", "ADDRESS", "PEER", "PATH", "ENCRYPTED", "MTU", "ROUND TRIP", "SINCE")
    for connection in connections {
        table.rows.append(
            .init(
                cells: [
                    connection.state.rawValue, connection.direction == .outbound ? "out" : "in",
                    connection.remoteAddress.description, connection.peer.map(name) ?? "-",
                    connection.overlay ?? "-", connection.encrypted.map { $0 ? "yes" : "no" } ?? "-",
                    mtuText(connection), connection.roundTripMicroseconds.map(roundTripText) ?? "-",
                    distanceText(connection.since, now),
                ],
                notes: notes(connection, now: now)))
    }
    return table.text(indent: indent)
}

/// `02:00:00:00:0b:01 (host1)`
func name(_ peer: PeerIdentity) -> String {
    peer.nickname.isEmpty ? "\(peer.name)" : "\(peer.name) (\(peer.nickname))"
}

/// An MTU that no probe has confirmed yet has a question mark.
private func mtuText(_ connection: ConnectionStatus) -> String {
    guard let mtu = connection.mtu else { return "-" }
    return connection.mtuVerified ? "\(mtu)" : "\(mtu)?"
}

private func notes(_ connection: ConnectionStatus, now: WallClockInstant) -> [String] {
    var notes: [String] = []
    if let address = connection.overlayAddress, address != connection.remoteAddress, connection.state == .established {
        notes.append("data goes to \(address)")
    }
    if let trouble = connection.overlayTrouble { notes.append("not by \(trouble)") }
    if let error = connection.lastError {
        notes.append(failureText(error, isOver: connection.state == .established, now: now))
        if let advice = error.advice, connection.state != .established { notes.append("-> \(advice)") }
    }
    if let next = connection.nextAttempt {
        notes.append("next attempt in \(distanceText(next > now ? next : now, now))")
    } else if connection.state == .failed {
        notes.append("no further attempts")
    }
    return notes
}

/// Reason, since when and how often.
func failureText(_ failure: ConnectionFailure, isOver: Bool, now: WallClockInstant) -> String {
    let times = failure.attempts > 1 ? ", \(failure.attempts) times" : ""
    return isOver
        ? "before: \(failure.reason) (\(distanceText(failure.since, now)) ago\(times))"
        : "\(failure.reason) (for \(distanceText(failure.since, now))\(times))"
}
