package import Wire

/// One address that the connection maker looks after.
///
/// | state | left when | to |
/// |---|---|---|
/// | waiting | due and wanted | attempting |
/// | waiting | not wanted now | suspended (direct) or forgotten (discovered) |
/// | attempting | the handshake is done | connected |
/// | attempting | it failed | waiting, later each time; never after a meeting with our own name |
/// | connected | the connection ended | waiting; due at once if it lasted |
/// | suspended | wanted again | waiting |
/// | never | the user adds it again | waiting |
package struct TargetEntry: Sendable {
    package enum State: Equatable, Sendable {
        case waiting(due: MonotonicInstant)
        case attempting(LinkID)
        case connected(LinkID)
        /// Not wanted now, and why.
        case suspended(String)
        /// Not tried again until the user adds it again.
        case never
    }

    package var target: Target
    /// Asked for by the user; otherwise heard of.
    package var isDirect: Bool
    package var state: State
    package var backoff = Backoff()
    /// When the last attempt began.
    package var attemptedAt: MonotonicInstant?
    /// Why the last attempt or connection ended, and since when nothing has worked.
    package var failure: (reason: String, since: MonotonicInstant)?
    /// When a connection that carried data was lost here, until the next one is added.
    package var lostAt: MonotonicInstant?
    /// The address that the last dial reached.
    package var endpoint: Endpoint?
    /// Who was there in an earlier run of the daemon.
    package var expected: PeerName?
    /// Who answered there.
    package var peer: PeerName?

    package init(_ target: Target, isDirect: Bool, due: MonotonicInstant, ownPort: PortNumber) {
        self.target = target
        self.isDirect = isDirect
        state = .waiting(due: due)
        endpoint = target.endpoint(defaultPort: ownPort)
    }

    /// The link of an attempt or connection.
    package var link: LinkID? {
        switch state {
        case .attempting(let id), .connected(let id): id
        case .waiting, .suspended, .never: nil
        }
    }

    package mutating func fail(
        _ reason: String, mayReturnSoon: Bool, at now: MonotonicInstant, using random: inout MeshRandom
    ) {
        failure = (reason, failure?.since ?? now)
        let delay =
            isSought(at: now)
            ? backoff.nextSought(mayReturnSoon: mayReturnSoon, using: &random)
            : backoff.next(mayReturnSoon: mayReturnSoon, using: &random)
        state = .waiting(due: now + delay)
    }

    /// Whether a connection was lost here not long ago: the link may heal at any moment.
    package func isSought(at now: MonotonicInstant) -> Bool {
        lostAt.map { now - $0 < MeshTimes.seek } ?? false
    }

    /// An added connection has ended.
    package mutating func end(
        _ reason: String, mayReturnSoon: Bool, at now: MonotonicInstant, using random: inout MeshRandom
    ) {
        if let attemptedAt, now - attemptedAt > MeshTimes.longLived {
            failure = (reason, now)
            backoff = Backoff()
            state = .waiting(due: now)
        } else {
            fail(reason, mayReturnSoon: mayReturnSoon, at: now, using: &random)
        }
    }
}

/// How long to wait before the next attempt: uniform in [interval/2, 3 interval/2), the interval growing by half each
/// time from 2 s to 6 min. Where a daemon may be restarting, five tries come before that, after about 50, 100, 200, 400 and
/// 800 ms.
package struct Backoff: Equatable, Sendable {
    package private(set) var interval = MeshTimes.firstRetry

    private var earlyRetries = 0

    package init() {}

    /// The same for a neighbour that was lost: the pause between tries does not grow.
    package mutating func nextSought(mayReturnSoon: Bool, using random: inout MeshRandom) -> Duration {
        if mayReturnSoon, earlyRetries < MeshTimes.earlyRetries { return next(mayReturnSoon: true, using: &random) }
        return random.duration(from: MeshTimes.seekPause / 2, upTo: MeshTimes.seekPause * 3 / 2)
    }

    package mutating func next(mayReturnSoon: Bool, using random: inout MeshRandom) -> Duration {
        if mayReturnSoon, earlyRetries < MeshTimes.earlyRetries {
            let early = MeshTimes.earlyRetry * (1 << earlyRetries)
            earlyRetries += 1
            return random.duration(from: early / 2, upTo: early * 3 / 2)
        }
        let delay = random.duration(from: interval / 2, upTo: interval * 3 / 2)
        interval = min(interval * 3 / 2, MeshTimes.lastRetry)
        return delay
    }
}

extension Target {
    /// The address, if the target is one and not a name.
    package func endpoint(defaultPort: PortNumber) -> Endpoint? {
        IPAddress(text: host).map { Endpoint($0, port ?? defaultPort) }
    }

    /// Equal for targets that mean the same: `10.0.0.1` and `10.0.0.1:6783`, `Host` and `host`.
    package func key(defaultPort: PortNumber) -> String {
        endpoint(defaultPort: defaultPort)?.description ?? "\(host.lowercased()):\(port ?? defaultPort)"
    }
}
