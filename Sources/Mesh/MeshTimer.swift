import Wire

/// Everything that a router waits for; each runs at most once.
enum MeshTimer: Hashable, Sendable {
    /// Routes may be recalculated again.
    case routes
    /// Our own record changed: tell others.
    case ownUpdate
    case garbage
    case periodicGossip
    /// The next target is due.
    case targets
    /// The dial or handshake of a connection takes too long.
    case handshake(LinkID)
    /// Nothing was heard on a connection.
    case silence(LinkID)
    /// Our next heartbeat is due.
    case heartbeat(LinkID)
    /// What we sent does not leave.
    case sendProgress(LinkID)
}

/// Lets a few own updates go out at once and the rest once a second: establishing a connection takes three.
struct UpdatePace: Sendable {
    private var allowance = MeshTimes.ownUpdateBurst
    private var refilledAt: MonotonicInstant

    init(at now: MonotonicInstant) {
        refilledAt = now
    }

    /// When the next update may go.
    mutating func next(at now: MonotonicInstant) -> MonotonicInstant {
        while allowance < MeshTimes.ownUpdateBurst, now - refilledAt >= MeshTimes.ownUpdate {
            allowance += 1
            refilledAt = refilledAt + MeshTimes.ownUpdate
        }
        if allowance == MeshTimes.ownUpdateBurst { refilledAt = now }
        let gathered = now + MeshTimes.ownUpdateGathering
        return allowance > 0 ? gathered : max(gathered, refilledAt + MeshTimes.ownUpdate)
    }

    /// An update goes.
    mutating func spend(at now: MonotonicInstant) {
        _ = next(at: now)
        allowance = max(0, allowance - 1)
    }
}
