internal import Wire

/// Finds the largest overlay MTU that arrives, and notices when it stops arriving.
///
/// | phase | what is tested | all arrive | some stay unanswered |
/// |---|---|---|---|
/// | idle | nothing: the remote has not confirmed us | – | – |
/// | proving | the ceiling, in use already since the kernel's route promises it | settled | floor in use, searching |
/// | searching | up to eight sizes at once between the largest confirmed and the smallest lost | next round or settled | next round or settled |
/// | settled | nothing until the next check | – | – |
/// | checking | the size in use and a small one, once a minute | settled | only the small one arrived: floor in use, searching |
/// | climbing | the ceiling, every ten minutes while below it | settled | searching, the size in use stays |
///
/// Except for the promise of the kernel's route, a size is used only after the remote has confirmed it. The reference
/// router uses the promise for as long as its search lasts, one size at a time, up to 25 s
/// (`docs/protocol-sleeve.md`, "Finding the MTU").
struct PathSearch: Hashable, Sendable {
    private enum Phase: Hashable, Sendable {
        case idle
        case proving(SizeSeries)
        case searching(SizeSeries)
        case checking(SizeSeries)
        case climbing(SizeSeries)
        case settled(nextCheck: MonotonicInstant)
    }

    private let overhead: Int
    private let fixedMTU: Int?
    private let routeMTU: Int
    /// What the kernel lets through with DF at the moment: the route's promise, or less.
    private var pathMTU: Int
    private var phase = Phase.idle
    /// In use.
    private var mtu: Int
    /// The largest size that was confirmed since the path last got worse.
    private var confirmed: Int?
    /// The smallest size that is taken to be lost.
    private var lost: Int
    /// Sizes sent since the path last got worse: nothing else can be confirmed.
    private var tested: Set<Int> = []
    private var nextClimb: MonotonicInstant?
    /// When the remote last answered any test: a size that is lost while others are answered is too large.
    private var lastAnswer: MonotonicInstant?

    init(_ parameters: SleeveParameters) {
        overhead = SleeveLayout.overhead(isSealed: parameters.isSealed)
        let largest = SleeveLayout.maximumPathMTU - overhead
        fixedMTU = parameters.fixedMTU.map { min(max($0, PathSearch.leastFixedMTU), largest) }
        routeMTU = min(max(parameters.underlayMTU, PathSearch.leastPathMTU), SleeveLayout.maximumPathMTU)
        pathMTU = routeMTU
        mtu = 0
        lost = 0
        mtu = max(floor, ceiling)
        lost = ceiling + 1
    }

    var path: SleevePath {
        let payload = min(mtu + overhead, pathMTU) - SleeveLayout.underlayHeader
        return SleevePath(
            mtu: mtu, maximumPayload: payload, carriesFragments: false, isVerified: confirmed == mtu)
    }

    /// When `timer` is due.
    var wake: MonotonicInstant? {
        switch phase {
        case .idle: nil
        case .proving(let series), .searching(let series), .checking(let series), .climbing(let series): series.wake
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
        lastAnswer = now
        if size >= max(confirmed ?? 0, floor) {
            confirmed = size
            mtu = size
            // An answer that comes late shows that the verdict was wrong.
            if lost <= size { lost = ceiling + 1 }
        }
        switch phase {
        case .idle, .settled:
            return []
        case .proving(var series):
            series.answered(size)
            phase = .proving(series)
            return series.unanswered.isEmpty ? settle(at: now) : []
        case .checking(var series):
            series.answered(size)
            phase = .checking(series)
            return series.unanswered.isEmpty ? settle(at: now) : []
        case .climbing(var series):
            series.answered(size)
            phase = .climbing(series)
            return series.unanswered.isEmpty ? settle(at: now) : []
        case .searching(var series):
            series.answered(size)
            phase = .searching(series)
            return series.unanswered.isEmpty ? nextRound(roundTrip: roundTrip, at: now) : []
        }
    }

    /// A small test was answered: the remote and the way back are alive.
    mutating func heardAnswer(at now: MonotonicInstant) {
        lastAnswer = now
    }

    /// The kernel refused a datagram: `limit` is what it lets through.
    mutating func tooBig(pathMTU limit: Int, roundTrip: Duration?, at now: MonotonicInstant) -> [Int] {
        let limit = max(limit, PathSearch.leastPathMTU)
        guard limit < pathMTU else { return [] }
        pathMTU = limit
        lost = ceiling + 1
        tested.removeAll(keepingCapacity: true)
        guard let confirmed, confirmed <= ceiling else {
            // The kernel's word is used at once if it is less than what was in use, never to go up.
            mtu = max(floor, min(mtu, ceiling))
            confirmed = nil
            return phase == .idle ? [] : prove(roundTrip: roundTrip, at: now)
        }
        return confirmed == ceiling ? settle(at: now) : climb(roundTrip: roundTrip, at: now)
    }

    /// At `wake`.
    mutating func timer(roundTrip: Duration?, at now: MonotonicInstant) -> [Int] {
        guard let wake, wake <= now else { return [] }
        switch phase {
        case .idle:
            return []
        case .proving(var series):
            guard let sizes = series.nextTry() else { return search(roundTrip: roundTrip, at: now) }
            phase = .proving(series)
            return sizes
        case .searching(var series):
            guard let sizes = series.nextTry() else {
                lost = min(lost, series.unanswered.first ?? lost)
                return nextRound(roundTrip: roundTrip, at: now)
            }
            phase = .searching(series)
            return sizes
        case .checking(var series):
            guard let sizes = series.nextTry() else {
                // Nothing at all answered: not a question of size, and heartbeats will tell.
                guard let lastAnswer, lastAnswer >= series.start else { return settle(at: now) }
                return search(roundTrip: roundTrip, at: now)
            }
            phase = .checking(series)
            return sizes
        case .climbing(var series):
            guard let sizes = series.nextTry() else {
                lost = min(lost, series.unanswered.first ?? lost)
                return nextRound(roundTrip: roundTrip, at: now)
            }
            phase = .climbing(series)
            return sizes
        case .settled:
            return check(roundTrip: roundTrip, at: now)
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

    /// Chosen: goes with each check. If only this one is answered, the other is too large; if none is, nothing arrives.
    /// Below every floor, and not one of `RoundTripProbe`.
    private static var companion: Int { 60 }

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
        lost = ceiling + 1
        tested.removeAll(keepingCapacity: true)
        // A path below the floor has nothing to find: larger datagrams leave without DF.
        guard ceiling >= floor else { return settle(at: now) }
        return test([ceiling], roundTrip: roundTrip, at: now) { .proving($0) }
    }

    /// The size in use is lost, or has never been confirmed: falls to the floor and begins anew, the lost size
    /// included, since the loss may have been chance.
    private mutating func search(roundTrip: Duration?, at now: MonotonicInstant) -> [Int] {
        let largest = min(mtu, ceiling)
        confirmed = nil
        mtu = floor
        lost = ceiling + 1
        let sizes = [floor] + spread(above: floor, below: largest) + [largest]
        return test(Set(sizes).sorted(), roundTrip: roundTrip, at: now) { .searching($0) }
    }

    private mutating func nextRound(roundTrip: Duration?, at now: MonotonicInstant) -> [Int] {
        let sizes = spread(above: confirmed ?? floor - 1, below: lost)
        guard !sizes.isEmpty else { return settle(at: now) }
        return test(sizes, roundTrip: roundTrip, at: now) { .searching($0) }
    }

    private mutating func climb(roundTrip: Duration?, at now: MonotonicInstant) -> [Int] {
        test([ceiling], roundTrip: roundTrip, at: now) { .climbing($0) }
    }

    private mutating func settle(at now: MonotonicInstant) -> [Int] {
        phase = .settled(nextCheck: now + SleeveTimes.sizeCheck)
        let best = min(routeMTU - overhead, fixedMTU ?? .max)
        if mtu >= best {
            nextClimb = nil
        } else if nextClimb == nil {
            nextClimb = now + SleeveTimes.sizeRetry
        }
        return []
    }

    private mutating func check(roundTrip: Duration?, at now: MonotonicInstant) -> [Int] {
        if let nextClimb, nextClimb <= now {
            self.nextClimb = nil
            // The kernel has forgotten what it learnt by now, or refuses again.
            pathMTU = routeMTU
            lost = ceiling + 1
            guard ceiling > mtu || confirmed == nil, ceiling >= floor else { return settle(at: now) }
            return climb(roundTrip: roundTrip, at: now)
        }
        guard ceiling >= floor else { return settle(at: now) }
        return test([PathSearch.companion, mtu], roundTrip: roundTrip, at: now) { .checking($0) }
    }

    private mutating func test(
        _ sizes: [Int], roundTrip: Duration?, at now: MonotonicInstant, in next: (SizeSeries) -> Phase
    ) -> [Int] {
        let sizes = sizes.filter(SleeveLayout.isTestable)
        tested.formUnion(sizes)
        phase = next(SizeSeries(sizes, roundTrip: roundTrip, at: now))
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
