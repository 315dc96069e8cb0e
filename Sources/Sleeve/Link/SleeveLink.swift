public import Wire

/// One sleeve link: heartbeats, the remote's address, and the sizes that the path carries.
///
/// | event \ state | prepared | confirmed | established | failed |
/// |---|---|---|---|---|
/// | confirm | register; heartbeats begin; → confirmed | – | – | – |
/// | heartbeat, our UID | – | adopt a new address; the first one: tag 1 | the same; a new address: tests begin anew | – |
/// | fragmentation test, intact | – | tag 2 | tag 2 | – |
/// | MTU test | – | tag 3 | tag 3 | – |
/// | call, our UID | – | as a heartbeat; a heartbeat | the same | – |
/// | tag 1 | – | if a heartbeat went out, and one has come: tests begin; → established | – | – |
/// | tags 2, 3 | – | – | to the probe that waits for it | – |
/// | too big | smaller path | smaller path | smaller path, tests begin anew | – |
/// | route | – | another promise | another promise; a larger one is tested | – |
/// | timer | – | heartbeat, up to every 0.5 s; 60 s of silence: → failed | heartbeat every 10 s; probes; 60 s of silence: → failed | – |
///
/// Where both sides are weft an established link sends a heartbeat every second, calls a silent remote, and gives it up
/// after `SleeveTimes.calls` calls.
///
/// "–" is no effect. Where it differs from the reference router, and why: `docs/protocol-sleeve.md`, "Deviations".
/// Owned by the control plane.
public struct SleeveLink: Sendable {
    private enum State: Hashable, Sendable {
        case prepared
        case confirmed(Talk)
        case established(Talk, Probes)
        case failed(remote: Endpoint?, lastHeartbeat: MonotonicInstant?)
    }

    /// Heartbeats in both directions.
    private struct Talk: Hashable, Sendable {
        var remote: Endpoint?
        var nextHeartbeat: MonotonicInstant
        var silenceEnds: MonotonicInstant
        var lastHeartbeat: MonotonicInstant?
        /// Heartbeats that have gone out.
        var sent = 0
        /// Whether the remote has confirmed one.
        var isConfirmed = false
        var calls: Calls
    }

    /// The search for signs of life of a remote that is weft.
    private struct Calls: Hashable, Sendable {
        var next: MonotonicInstant
        /// Calls without an answer.
        var unanswered = 0
        /// Accepted datagrams of the remote at the last look.
        var datagrams: UInt64 = 0
    }

    /// What runs once the remote has confirmed a heartbeat.
    private struct Probes: Hashable, Sendable {
        var fragments = FragmentationProbe()
        var roundTrip = RoundTripProbe()
    }

    private let parameters: SleeveParameters
    private var state = State.prepared
    private var search: PathSearch
    private var reported: SleevePath
    private var askedWake: MonotonicInstant?

    /// `now` is when the connection was made; nothing happens before `confirm`.
    public init(parameters: SleeveParameters, at now: MonotonicInstant) {
        self.parameters = parameters
        search = PathSearch(parameters)
        reported = search.path
    }

    /// What a person is shown.
    public var view: SleeveView {
        switch state {
        case .prepared:
            SleeveView(
                state: .prepared, remote: parameters.remote, path: path, roundTrip: nil, lastHeartbeat: nil)
        case .confirmed(let talk):
            SleeveView(
                state: .confirmed, remote: talk.remote, path: path, roundTrip: nil, lastHeartbeat: talk.lastHeartbeat)
        case .established(let talk, let probes):
            SleeveView(
                state: .established, remote: talk.remote, path: path, roundTrip: probes.roundTrip.last,
                lastHeartbeat: talk.lastHeartbeat)
        case .failed(let remote, let lastHeartbeat):
            SleeveView(state: .failed, remote: remote, path: path, roundTrip: nil, lastHeartbeat: lastHeartbeat)
        }
    }

    /// Takes an event and says what is to be done, in this order.
    public mutating func handle(_ event: SleeveEvent, at now: MonotonicInstant) -> [SleeveEffect] {
        var effects: [SleeveEffect] = []
        // The wake that was asked for is used up, or was a stale one: either way it is asked for again.
        if event == .timer { askedWake = nil }
        switch state {
        case .prepared:
            switch event {
            case .confirm: confirm(at: now, into: &effects)
            case .tooBig(let limit): _ = search.tooBig(pathMTU: limit, roundTrip: nil, at: now)
            default: break
            }
        case .confirmed(let talk):
            handle(event, in: talk, at: now, into: &effects)
        case .established(let talk, let probes):
            handle(event, in: talk, probes, at: now, into: &effects)
        case .failed:
            return []
        }
        if state != .prepared { report(into: &effects) }
        return effects
    }
}

// Confirmed.
extension SleeveLink {
    private mutating func confirm(at now: MonotonicInstant, into effects: inout [SleeveEffect]) {
        var talk = Talk(
            remote: parameters.remote, nextHeartbeat: now + SleeveTimes.gap(afterHeartbeats: 1),
            silenceEnds: now + SleeveTimes.heartbeatLoss, calls: Calls(next: now + SleeveTimes.callAfter))
        effects.append(.register)
        if let remote = talk.remote { effects.append(.setRemote(remote)) }
        effects.append(.setPath(path))
        reported = path
        sendHeartbeat(&talk, into: &effects)
        state = .confirmed(talk)
    }

    private mutating func handle(
        _ event: SleeveEvent, in talk: Talk, at now: MonotonicInstant, into effects: inout [SleeveEffect]
    ) {
        var talk = talk
        switch event {
        case .confirm:
            break
        case .heartbeat(let connectionUID, let source), .call(let connectionUID, let source):
            let before = talk.remote
            guard heard(connectionUID, from: source, by: &talk, at: now, into: &effects) else { return }
            if before == nil || isCall(event) { sendHeartbeat(&talk, into: &effects) }
            if talk.isConfirmed { return establish(talk, at: now, into: &effects) }
        case .fragmentationTest, .mtuTest:
            answer(event, into: &effects)
        case .control(.established):
            // Nothing that we have not sent can have arrived.
            guard talk.sent > 0 else { return }
            talk.isConfirmed = true
            // One direction is not enough: the remote may be heard by nobody.
            if talk.lastHeartbeat != nil { return establish(talk, at: now, into: &effects) }
        case .control(.fragmentsArrive), .control(.mtuVerified), .traffic:
            break
        case .tooBig(let limit):
            _ = search.tooBig(pathMTU: limit, roundTrip: nil, at: now)
        case .route(let limit):
            _ = search.route(limit, roundTrip: nil, at: now)
        case .timer:
            guard now < talk.silenceEnds else { return fail(talk, into: &effects) }
            if talk.nextHeartbeat <= now {
                sendHeartbeat(&talk, into: &effects)
                talk.nextHeartbeat = now + SleeveTimes.gap(afterHeartbeats: talk.sent)
            }
        }
        state = .confirmed(talk)
    }

    private mutating func establish(_ talk: Talk, at now: MonotonicInstant, into effects: inout [SleeveEffect]) {
        var talk = talk
        var probes = Probes()
        talk.nextHeartbeat = nextHeartbeat(after: now)
        talk.calls = Calls(next: beat(from: now + SleeveTimes.callAfter))
        effects.append(.established)
        startProbes(&probes, at: now, into: &effects)
        state = .established(talk, probes)
    }
}

// Established.
extension SleeveLink {
    private mutating func handle(
        _ event: SleeveEvent, in talk: Talk, _ probes: Probes, at now: MonotonicInstant,
        into effects: inout [SleeveEffect]
    ) {
        var (talk, probes) = (talk, probes)
        let roundTrip = probes.roundTrip.last
        switch event {
        case .confirm, .control(.established):
            break
        case .heartbeat(let connectionUID, let source), .call(let connectionUID, let source):
            let before = talk.remote
            guard heard(connectionUID, from: source, by: &talk, at: now, into: &effects) else { return }
            if isCall(event) { sendHeartbeat(&talk, into: &effects) }
            // Another address is another path, with another round trip.
            if talk.remote != before {
                probes.roundTrip.forget()
                startProbes(&probes, at: now, into: &effects)
            }
        case .fragmentationTest, .mtuTest:
            answer(event, into: &effects)
        case .control(.fragmentsArrive):
            probes.fragments.answered()
        case .control(.mtuVerified(let size)):
            if probes.roundTrip.answered(size, at: now) {
                search.heardAnswer(to: size, at: now)
            } else {
                sendTests(search.answered(size, roundTrip: roundTrip, at: now), into: &effects)
            }
        case .tooBig(let limit):
            sendTests(search.tooBig(pathMTU: limit, roundTrip: roundTrip, at: now), into: &effects)
        case .route(let limit):
            sendTests(search.route(limit, roundTrip: roundTrip, at: now), into: &effects)
        case .traffic(let datagrams, let lastHeartbeat):
            guard saw(datagrams, lastHeartbeat, &talk, at: now, into: &effects) else {
                return fail(talk, SleeveLink.unanswered, into: &effects)
            }
        case .timer:
            // Where life is looked for, the calls decide.
            guard now < talk.silenceEnds || parameters.probesSilence else { return fail(talk, into: &effects) }
            lookForLife(&talk, at: now, into: &effects)
            if talk.nextHeartbeat <= now {
                sendHeartbeat(&talk, into: &effects)
                talk.nextHeartbeat = nextHeartbeat(after: now)
            }
            if let size = probes.roundTrip.due(at: now) { sendTests([size], into: &effects) }
            if probes.fragments.timer(at: now) { effects.append(.send(.fragmentationTest)) }
            if search.asksRoute(at: now) { effects.append(.readRoute) }
            sendTests(search.timer(roundTrip: roundTrip, at: now), into: &effects)
        }
        state = .established(talk, probes)
    }

    /// The order matters on a slow path: the small test and the size are ahead of the 41 fragments.
    private mutating func startProbes(
        _ probes: inout Probes, at now: MonotonicInstant, into effects: inout [SleeveEffect]
    ) {
        sendTests([probes.roundTrip.next(at: now)], into: &effects)
        sendTests(search.start(roundTrip: probes.roundTrip.last, at: now), into: &effects)
        probes.fragments.start(at: now)
        effects.append(.send(.fragmentationTest))
    }
}

// Signs of life of a remote that is weft.
extension SleeveLink {
    private static let unanswered = "nothing came over UDP for \(SleeveTimes.unansweredFor), although it was called"

    private func nextHeartbeat(after now: MonotonicInstant) -> MonotonicInstant {
        guard parameters.probesSilence else { return now + SleeveTimes.heartbeat }
        // On a beat a second later, off it somewhat earlier.
        return beat(from: now + (SleeveTimes.probedHeartbeat - SleeveTimes.beat + .nanoseconds(1)))
    }

    /// The first beat that is not before an instant.
    private func beat(from instant: MonotonicInstant) -> MonotonicInstant {
        let beat = SleeveTimes.beat.wholeNanoseconds
        let behind = instant.nanoseconds % beat
        return behind == 0 ? instant : instant + .nanoseconds(behind > 0 ? beat - behind : -behind)
    }

    private func isCall(_ event: SleeveEvent) -> Bool {
        if case .call = event { true } else { false }
    }

    /// Time to look for a sign of life; what the data plane has seen decides (`saw`).
    private func lookForLife(_ talk: inout Talk, at now: MonotonicInstant, into effects: inout [SleeveEffect]) {
        guard parameters.probesSilence, talk.calls.next <= now else { return }
        talk.calls.next = now + SleeveTimes.callPause
        effects.append(.readTraffic)
    }

    /// Calls a remote that is silent; false when it has not answered for too long. What counts is calls, not time: a host
    /// that is too busy to call must not blame the remote.
    private func saw(
        _ datagrams: UInt64, _ lastHeartbeat: MonotonicInstant?, _ talk: inout Talk, at now: MonotonicInstant,
        into effects: inout [SleeveEffect]
    ) -> Bool {
        if let lastHeartbeat, lastHeartbeat > talk.lastHeartbeat ?? lastHeartbeat {
            tookHeartbeat(&talk, at: lastHeartbeat)
            // One that came long ago, while we were busy, leaves time for a call all the same.
            talk.calls.next = max(talk.calls.next, now + SleeveTimes.callPause)
            return true
        }
        // Heartbeats may be lost on a crowded path: datagrams that arrive show that it carries. What came before the
        // first call may be as old as the last heartbeat.
        let isCarrying = talk.calls.unanswered > 0 && datagrams > talk.calls.datagrams
        talk.calls.datagrams = datagrams
        if isCarrying, let last = talk.lastHeartbeat, now < last + SleeveTimes.trafficCounts {
            talk.calls.unanswered = 0
        }
        guard talk.calls.unanswered < SleeveTimes.calls else { return false }
        talk.calls.unanswered += 1
        effects.append(.send(.call(connectionUID: parameters.connectionUID)))
        return true
    }

    private func tookHeartbeat(_ talk: inout Talk, at instant: MonotonicInstant) {
        talk.lastHeartbeat = instant
        talk.silenceEnds = instant + SleeveTimes.heartbeatLoss
        talk.calls.next = beat(from: instant + SleeveTimes.callAfter)
        talk.calls.unanswered = 0
    }
}

// In both.
extension SleeveLink {
    private var path: SleevePath {
        let found = search.path
        guard case .established(_, let probes) = state else { return found }
        let carriesFragments = probes.fragments.carriesFragments
        return SleevePath(
            mtu: found.mtu, maximumPayload: found.maximumPayload, carriesFragments: carriesFragments,
            isVerified: found.isVerified || search.needsFragments && carriesFragments)
    }

    /// False for a heartbeat of another connection.
    private func heard(
        _ connectionUID: UInt64, from source: Endpoint, by talk: inout Talk, at now: MonotonicInstant,
        into effects: inout [SleeveEffect]
    ) -> Bool {
        guard connectionUID == parameters.connectionUID else { return false }
        if talk.remote != source {
            talk.remote = source
            effects += [.setRemote(source), .readRoute]
        }
        if talk.lastHeartbeat == nil { effects.append(.sendControl(.established)) }
        tookHeartbeat(&talk, at: now)
        return true
    }

    private func answer(_ event: SleeveEvent, into effects: inout [SleeveEffect]) {
        switch event {
        case .fragmentationTest(intact: true): effects.append(.sendControl(.fragmentsArrive))
        case .mtuTest(let size) where SleeveLayout.isTestable(size: size):
            effects.append(.sendControl(.mtuVerified(size: size)))
        default: break
        }
    }

    private func sendHeartbeat(_ talk: inout Talk, into effects: inout [SleeveEffect]) {
        guard talk.remote != nil else { return }
        talk.sent += 1
        effects.append(.send(.heartbeat(connectionUID: parameters.connectionUID)))
    }

    private func sendTests(_ sizes: [Int], into effects: inout [SleeveEffect]) {
        for size in sizes { effects.append(.send(.mtuTest(size: size))) }
    }

    private mutating func fail(_ talk: Talk, into effects: inout [SleeveEffect]) {
        let reason =
            talk.lastHeartbeat == nil
            ? "no heartbeat came over UDP within \(SleeveTimes.heartbeatLoss): is UDP to our port let through?"
            : "no heartbeat came over UDP for \(SleeveTimes.heartbeatLoss)"
        fail(talk, reason, into: &effects)
    }

    private mutating func fail(_ talk: Talk, _ reason: String, into effects: inout [SleeveEffect]) {
        state = .failed(remote: talk.remote, lastHeartbeat: talk.lastHeartbeat)
        effects.append(.failed(reason: reason))
    }

    /// What changed by the way: the path, and when we have to be called next.
    private mutating func report(into effects: inout [SleeveEffect]) {
        let wake: MonotonicInstant
        switch state {
        case .prepared, .failed:
            return
        case .confirmed(let talk):
            wake = min(talk.nextHeartbeat, talk.silenceEnds)
        case .established(let talk, let probes):
            let probeWakes = [probes.fragments.wake, probes.roundTrip.wake, search.wake].compactMap(\.self)
            let silence = parameters.probesSilence ? talk.calls.next : talk.silenceEnds
            wake = probeWakes.reduce(min(talk.nextHeartbeat, silence), min)
        }
        if path != reported {
            reported = path
            effects.append(.setPath(path))
        }
        if wake != askedWake {
            askedWake = wake
            effects.append(.wake(at: wake))
        }
    }
}
