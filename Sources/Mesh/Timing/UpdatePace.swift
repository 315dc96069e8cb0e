import Wire

/// When our own record is told. A change now and then is told at once; while one follows the other, as in a mesh that
/// starts, what is told is out of date when it arrives: then it waits until the changes pause, but not for long.
struct UpdatePace: Sendable {
    private var allowance = MeshTimes.ownUpdateBurst
    private var lastChange: MonotonicInstant
    private var lastTold: MonotonicInstant
    /// The first change that has not been told.
    private var pendingSince: MonotonicInstant?

    init(at now: MonotonicInstant) {
        lastChange = now
        lastTold = now
    }

    /// Our record has changed: when to tell. Each further change may move it.
    /// `neighbours` is how many have to hear it: the more, the longer from one time to the next.
    mutating func changed(neighbours: Int = 100, at now: MonotonicInstant) -> MonotonicInstant {
        if now - lastChange >= MeshTimes.ownUpdate { allowance = MeshTimes.ownUpdateBurst }
        lastChange = now
        let first = pendingSince ?? now
        pendingSince = first
        guard allowance == 0 else { return first + MeshTimes.ownUpdateGathering }
        let pause = min(now + MeshTimes.ownUpdatePause, first + MeshTimes.ownUpdateLatest)
        let interval = MeshTimes.ownUpdatePerNeighbour * min(neighbours, 100)
        return max(lastTold + interval, pause)
    }

    /// It is told.
    mutating func told(at now: MonotonicInstant) {
        allowance = max(0, allowance - 1)
        lastTold = now
        pendingSince = nil
    }
}
