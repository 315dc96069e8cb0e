/// Intervals of a link, each with its origin: "protocol" (`docs/protocol-sleeve.md`, "Timers") or "chosen".
public enum SleeveTimes {
    /// Protocol: between heartbeats until the remote has confirmed one.
    public static var eagerHeartbeat: Duration { .milliseconds(500) }
    /// Chosen: after the first heartbeat, which may be ahead of the TCP message that makes the remote listen; the gap
    /// doubles with each until it is `eagerHeartbeat`.
    static var firstHeartbeats: Duration { .milliseconds(20) }
    /// The gap after so many heartbeats.
    static func gap(afterHeartbeats sent: Int) -> Duration {
        min(eagerHeartbeat, firstHeartbeats * (1 << max(0, min(sent, 10) - 1)))
    }
    /// Protocol: between heartbeats afterwards.
    public static var heartbeat: Duration { .seconds(10) }
    /// Protocol: without a heartbeat for so long, the link is lost.
    public static var heartbeatLoss: Duration { .seconds(60) }
    /// Chosen, where both sides are weft: between heartbeats.
    public static var probedHeartbeat: Duration { .seconds(1) }
    /// Chosen: such heartbeats, and looks for those of others, wait for the next beat of the host's clock, so that a daemon
    /// with many neighbours wakes four times a second and not for each of them.
    public static var beat: Duration { .milliseconds(250) }
    /// Chosen: after this long without a heartbeat, at the next beat, the remote is called.
    static var callAfter: Duration { .milliseconds(1_100) }
    /// Chosen: between calls.
    static var callPause: Duration { .milliseconds(75) }
    /// Chosen: calls that stay unanswered before the link is lost, 2.2 to 2.4 s after the last heartbeat.
    static var calls: Int { 14 }
    /// The sum of it, rounded.
    static var unansweredFor: Duration { .milliseconds(2_200) }
    /// Chosen: between measurements of the round trip.
    static var roundTrip: Duration { .seconds(10) }
    /// Chosen: how long a link whose heartbeats are lost lives on the datagrams that come: as long as the protocol lets it
    /// live on nothing.
    static var trafficCounts: Duration { heartbeatLoss }
    /// Protocol: between fragmentation tests.
    public static var fragmentationTest: Duration { .seconds(300) }
    /// Chosen: first repetition of a fragmentation test; each further one doubles.
    static var fragmentationRetry: Duration { .milliseconds(200) }
    /// Chosen: tests before fragments are taken to be lost, 6.2 s in all.
    static var fragmentationTries: Int { 5 }

    /// Chosen: how long a size may stay unanswered before it counts as too large, unless the round trip is slower.
    static var sizeVerdict: Duration { .milliseconds(150) }
    /// Chosen: the same while no round trip is known, until the first answer tells.
    static var firstSizeVerdict: Duration { .seconds(1) }
    /// Chosen: how many round trips it may stay unanswered.
    static var sizeVerdictRoundTrips: Int { 3 }
    /// Chosen: however slow the round trip is said to be.
    static var longestSizeVerdict: Duration { .seconds(3) }
    /// Chosen: tests of a size before the verdict, the gaps doubling: 0, 10, 30, 70 ms. More while the verdict is a
    /// second away.
    static var sizeTries: Int { 4 }
    /// Chosen: between checks that the size in use still arrives.
    static var sizeCheck: Duration { .seconds(60) }
    /// Chosen: before tests to which nothing at all was answered are repeated; doubles up to `sizeCheck`.
    static var silenceRetry: Duration { .seconds(2) }
    /// Chosen: between attempts to go back up; also the kernel's memory of a learnt path MTU.
    static var sizeRetry: Duration { .seconds(600) }
}
