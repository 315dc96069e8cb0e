internal import Wire

/// Finds the largest overlay MTU that arrives, and notices when it stops arriving.
///
/// | phase | what is tested | all arrive | some stay unanswered | nothing at all arrives |
/// |---|---|---|---|---|
/// | idle | nothing: the remote has not confirmed us | – | – | – |
/// | proving | the ceiling, in use already since the kernel's route promises it | settled | floor in use, searching | waiting |
/// | searching | up to eight sizes at once between the largest confirmed and the smallest lost | next round or settled | next round or settled | waiting |
/// | settled | nothing until the next check | – | – | – |
/// | checking | the size in use, once a minute | settled | floor in use, searching | settled |
/// | climbing | the ceiling, every ten minutes while below it | settled | searching, the size in use stays | waiting |
/// | waiting | nothing for some seconds; then where it was interrupted | – | – | – |
///
/// With each test goes a small one: if not even that is answered, nothing arrives, and sizes are not to blame.
///
/// Except for the promise of the kernel's route, a size is used only after the remote has confirmed it. The reference
/// router uses the promise for as long as its search lasts, one size at a time, up to 25 s
/// (`docs/protocol-sleeve.md`, "Finding the MTU").
struct PathSearch: Hashable, Sendable {
    private enum Purpose: Hashable, Sendable {
        case proving, searching, checking, climbing
    }

    private enum Phase: Hashable, Sendable {
        case idle
        case testing(Purpose, SizeSeries)
        case waiting(until: MonotonicInstant)
        case settled(nextCheck: MonotonicInstant)
    }

    private let overhead: Int
    private let fixedMTU: Int?
    /// What the kernel's route promised when it was last asked.
    private var routeMTU: Int
    /// What the kernel lets through with DF at the moment: the route's promise, or less.
    private var pathMTU: Int
    private var phase = Phase.idle
    /// In use.
    private var mtu: Int
    /// Whether the size in use is the outcome of a finished search. The host follows verified sizes, so a search does
    /// not show those that it passes on its way.
    private var isVerified = false
    /// The largest size that was confirmed since the path last got worse.
    private var confirmed: Int?
    /// The smallest size that is taken to be lost.
    private var lost: Int
    /// Sizes sent since the path last got worse: nothing else can be confirmed.
    private var tested: Set<Int> = []
    private var nextClimb: MonotonicInstant?
    /// Series in a row to which nothing was answered.
    private var silences = 0

    init(_ parameters: SleeveParameters) {
        overhead = SleeveLayout.overhead(isSealed: parameters.isSealed)
        let largest = SleeveLayout.maximumPathMTU - overhead
        fixedMTU = parameters.fixedMTU.map { min(max($0, PathSearch.leastFixedMTU), largest) }
        routeMTU = PathSearch.bounded(parameters.underlayMTU)
        pathMTU = routeMTU
        mtu = 0
        lost = 0
        mtu = max(floor, ceiling)
        lost = ceiling + 1
    }

    var path: SleevePath {
        let payload = min(mtu + overhead, pathMTU) - SleeveLayout.underlayHeader
        return SleevePath(mtu: mtu, maximumPayload: payload, carriesFragments: false, isVerified: isVerified)
    }

    /// Whether not even the floor fits: its packets leave without DF, and arrive if fragments do.
    var needsFragments: Bool {
        if case .settled = phase { ceiling < floor } else { false }
    }

    /// When `timer` is due.
    var wake: MonotonicInstant? {
        switch phase {
        case .idle: nil
        case .testing(_, let series): series.wake
        case .waiting(let until): until
        case .settled(let nextCheck): min(nextCheck, nextClimb ?? nextCheck)
        }
    }

    /// Both ends talk, or the path is another one: proves the promise of the route. Returns the sizes to test now, like
    /// every operation here.
    mutating func start(roundTrip: Duration?, at now: MonotonicInstant) -> [Int] {
        if phase != .idle { pathMTU = routeMTU }
        // What is in use at the second start was found on another path, and may be too large, but is not raised.
        mtu = max(floor, min(mtu, ceiling))
        return prove(roundTrip: roundTrip, at: now)
    }

    /// The remote confirmed a size.
    mutating func answered(_ size: Int, roundTrip: Duration?, at now: MonotonicInstant) -> [Int] {
        guard tested.contains(size), size <= max(ceiling, floor) else { return [] }
        if size >= max(confirmed ?? 0, floor) {
            confirmed = size
            if !isVerified { mtu = size }
            // An answer that comes late shows that the verdict was wrong.
            if lost <= size { lost = ceiling + 1 }
        }
        heardAnswer(to: size, at: now)
        switch phase {
        case .idle:
            return []
        case .settled(let nextCheck):
            use(confirmed)
            phase = .settled(nextCheck: nextCheck)
            return []
        case .waiting:
            return confirmed == ceiling ? settle(at: now) : []
        case .testing(let purpose, let series):
            guard series.unanswered.isEmpty else { return [] }
            return purpose == .searching ? nextRound(roundTrip: roundTrip, at: now) : settle(at: now)
        }
    }

    /// A test was answered, perhaps a small one that is nobody's here: the remote and the way back are alive.
    mutating func heardAnswer(to size: Int, at now: MonotonicInstant) {
        silences = 0
        guard case .testing(let purpose, var series) = phase else { return }
        series.answered(size, at: now)
        phase = .testing(purpose, series)
    }

    /// The kernel refused a datagram: `limit` is what it lets through.
    mutating func tooBig(pathMTU limit: Int, roundTrip: Duration?, at now: MonotonicInstant) -> [Int] {
        let limit = max(limit, PathSearch.leastPathMTU)
        guard limit < pathMTU else { return [] }
        pathMTU = limit
        lost = ceiling + 1
        nextClimb = nil
        tested.removeAll(keepingCapacity: true)
        guard let confirmed, confirmed <= ceiling else {
            // The kernel's word is used at once if it is less than what was in use, never to go up.
            mtu = max(floor, min(mtu, ceiling))
            confirmed = nil
            isVerified = false
            return phase == .idle ? [] : prove(roundTrip: roundTrip, at: now)
        }
        return confirmed == ceiling ? settle(at: now) : climb(roundTrip: roundTrip, at: now)
    }

    /// Whether the kernel is to be asked for its route now, at `wake`: every ten minutes, since its promise may have
    /// been what it had learnt of an earlier path, or an interface may have changed. `route` goes on from there.
    mutating func asksRoute(at now: MonotonicInstant) -> Bool {
        guard case .settled = phase, let nextClimb, nextClimb <= now else { return false }
        self.nextClimb = now + SleeveTimes.sizeRetry
        // A climb is a check too.
        phase = .settled(nextCheck: now + SleeveTimes.sizeCheck)
        return true
    }

    /// The kernel's route to the remote carries packets of `limit` bytes now.
    mutating func route(_ limit: Int, roundTrip: Duration?, at now: MonotonicInstant) -> [Int] {
        let limit = PathSearch.bounded(limit)
        routeMTU = limit
        guard limit >= pathMTU else { return tooBig(pathMTU: limit, roundTrip: roundTrip, at: now) }
        let isLarger = limit > pathMTU
        pathMTU = limit
        switch phase {
        case .settled:
            lost = ceiling + 1
            guard ceiling > mtu || confirmed == nil, ceiling >= floor else { return [] }
            return climb(roundTrip: roundTrip, at: now)
        case .testing(.proving, _) where isLarger:
            return prove(roundTrip: roundTrip, at: now)
        case .idle, .testing, .waiting:
            if isLarger { lost = ceiling + 1 }
            return []
        }
    }

    /// At `wake`.
    mutating func timer(roundTrip: Duration?, at now: MonotonicInstant) -> [Int] {
        guard let wake, wake <= now else { return [] }
        switch phase {
        case .idle:
            return []
        case .settled(let nextCheck):
            guard nextCheck <= now, ceiling >= floor else { return settle(at: now) }
            return test([mtu], roundTrip: roundTrip, at: now, .checking)
        case .waiting:
            if confirmed != nil { return nextRound(roundTrip: roundTrip, at: now) }
            return test([ceiling], roundTrip: roundTrip, at: now, .proving)
        case .testing(let purpose, var series):
            if let sizes = series.nextTry(at: now) {
                phase = .testing(purpose, series)
                return sizes
            }
            guard series.isHeard else { return nothingHeard(purpose, at: now) }
            return verdict(purpose, series, roundTrip: roundTrip, at: now)
        }
    }
}

// Bounds.
extension PathSearch {
    /// However small a path is said to be: a heartbeat needs 94 bytes.
    private static var leastPathMTU: Int { 128 }
    /// However small an MTU is asked for: the sizes below are those of `RoundTripProbe` and `companion`.
    private static var leastFixedMTU: Int { 128 }
    /// Chosen: sizes tested at once. An interval of 886 is closed in four rounds.
    private static var sizesAtOnce: Int { 8 }

    /// Chosen: goes with each test. If only this one is answered, the other is too large; if none is, nothing arrives.
    /// Below every floor, and not one of `RoundTripProbe`.
    private static var companion: Int { 60 }

    private static func bounded(_ limit: Int) -> Int {
        min(max(limit, leastPathMTU), SleeveLayout.maximumPathMTU)
    }

    /// The largest size worth testing.
    private var ceiling: Int {
        let carried = pathMTU - overhead
        let wanted = min(carried, fixedMTU ?? carried)
        // The one size that would be taken for a fragmentation test.
        return wanted >= 0 && !SleeveLayout.isTestable(size: wanted) ? wanted - 1 : wanted
    }

    /// What is used when nothing is confirmed.
    private var floor: Int {
        fixedMTU ?? SleeveLayout.floorMTU
    }
}

// Phases.
extension PathSearch {
    private mutating func prove(roundTrip: Duration?, at now: MonotonicInstant) -> [Int] {
        confirmed = nil
        isVerified = false
        lost = ceiling + 1
        tested.removeAll(keepingCapacity: true)
        // A path below the floor has nothing to find: larger datagrams leave without DF.
        guard ceiling >= floor else { return settle(at: now) }
        return test([ceiling], roundTrip: roundTrip, at: now, .proving)
    }

    /// What was tested up to `largest` is lost: falls to the floor and begins anew, the lost size included, since the
    /// loss may have been chance.
    private mutating func search(upTo largest: Int, roundTrip: Duration?, at now: MonotonicInstant) -> [Int] {
        confirmed = nil
        isVerified = false
        mtu = floor
        lost = ceiling + 1
        nextClimb = nil
        let sizes = [floor] + spread(above: floor, below: largest) + [largest]
        return test(Set(sizes).sorted(), roundTrip: roundTrip, at: now, .searching)
    }

    private mutating func nextRound(roundTrip: Duration?, at now: MonotonicInstant) -> [Int] {
        let sizes = spread(above: confirmed ?? floor - 1, below: lost)
        guard !sizes.isEmpty else { return settle(at: now) }
        return test(sizes, roundTrip: roundTrip, at: now, .searching)
    }

    private mutating func climb(roundTrip: Duration?, at now: MonotonicInstant) -> [Int] {
        test([ceiling], roundTrip: roundTrip, at: now, .climbing)
    }

    /// A series is over, and what is left of it does not arrive.
    private mutating func verdict(
        _ purpose: Purpose, _ series: SizeSeries, roundTrip: Duration?, at now: MonotonicInstant
    ) -> [Int] {
        switch purpose {
        case .proving: return search(upTo: ceiling, roundTrip: roundTrip, at: now)
        case .checking: return search(upTo: min(mtu, ceiling), roundTrip: roundTrip, at: now)
        case .searching, .climbing:
            lost = min(lost, series.unanswered.first ?? lost)
            return nextRound(roundTrip: roundTrip, at: now)
        }
    }

    /// Not a question of size: the sizes in use stay, and heartbeats will tell if it lasts.
    private mutating func nothingHeard(_ purpose: Purpose, at now: MonotonicInstant) -> [Int] {
        if purpose == .checking { return settle(at: now) }
        let pause = SleeveTimes.silenceRetry * (1 << min(silences, 5))
        phase = .waiting(until: now + min(pause, SleeveTimes.sizeCheck))
        silences += 1
        return []
    }

    private mutating func settle(at now: MonotonicInstant) -> [Int] {
        phase = .settled(nextCheck: now + SleeveTimes.sizeCheck)
        use(confirmed)
        if nextClimb == nil { nextClimb = now + SleeveTimes.sizeRetry }
        return []
    }

    /// The end of a search; nil if it found nothing.
    private mutating func use(_ found: Int?) {
        mtu = found ?? mtu
        isVerified = found != nil
    }

    private mutating func test(
        _ sizes: [Int], roundTrip: Duration?, at now: MonotonicInstant, _ purpose: Purpose
    ) -> [Int] {
        let sizes = ([PathSearch.companion] + sizes).filter(SleeveLayout.isTestable)
        tested.formUnion(sizes)
        phase = .testing(purpose, SizeSeries(sizes, roundTrip: roundTrip, at: now))
        return sizes
    }

    /// At most `sizesAtOnce` sizes between two, evenly.
    private func spread(above low: Int, below high: Int) -> [Int] {
        let room = high - low - 1
        guard room > 0 else { return [] }
        let count = min(room, PathSearch.sizesAtOnce)
        return (1...count).map { low + (room + 1) * $0 / (count + 1) }.filter(SleeveLayout.isTestable)
    }
}
