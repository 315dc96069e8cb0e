/// Intervals of a link, each with its origin: "protocol" (`docs/protocol-sleeve.md`, "Timers") or "chosen".
public enum SleeveTimes {
    /// Protocol: between heartbeats until the remote has confirmed one.
    public static var eagerHeartbeat: Duration { .milliseconds(500) }
    /// Protocol: between heartbeats afterwards.
    public static var heartbeat: Duration { .seconds(10) }
    /// Protocol: without a heartbeat for so long, the link is lost.
    public static var heartbeatLoss: Duration { .seconds(60) }
    /// Protocol: between fragmentation tests.
    public static var fragmentationTest: Duration { .seconds(300) }
    /// Chosen: first repetition of a fragmentation test; each further one doubles.
    static var fragmentationRetry: Duration { .milliseconds(200) }
    /// Chosen: tests before fragments are taken to be lost, 6.2 s in all.
    static var fragmentationTries: Int { 5 }

    /// Chosen: how long a size may stay unanswered before it counts as too large, unless the round trip is slower.
    static var sizeVerdict: Duration { .milliseconds(150) }
    /// Chosen: how many round trips it may stay unanswered.
    static var sizeVerdictRoundTrips: Int { 3 }
    /// Chosen: however slow the round trip is said to be.
    static var longestSizeVerdict: Duration { .seconds(3) }
    /// Chosen: tests of a size before the verdict, the gaps doubling: 0, 10, 30, 70 ms.
    static var sizeTries: Int { 4 }
    /// Chosen: between checks that the size in use still arrives.
    static var sizeCheck: Duration { .seconds(60) }
    /// Chosen: between attempts to go back up; also the kernel's memory of a learnt path MTU.
    static var sizeRetry: Duration { .seconds(600) }
}
