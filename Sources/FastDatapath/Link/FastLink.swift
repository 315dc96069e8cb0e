public import Wire

/// The fast datapath of one connection: heartbeats by VXLAN until both directions are seen to work, the largest size
/// that passes, and silence noticed.
///
/// With a Weave Net peer a heartbeat of the usual size proves that size, by control tag 0 once; a minute of silence ends
/// it. Between weft peers each heartbeat carries what arrived (``FastHeartbeat/heard``), so either side knows within
/// seconds which sizes pass and that they still do, in both directions.
public struct FastLink: Hashable, Sendable {
    enum Times {
        /// Until the path works; between weft peers always.
        static let beat = Duration.milliseconds(500)
        /// With a peer that does not echo, once it works.
        static let usual = Duration.seconds(10)
        /// Beats without an echo that end a path between weft peers. Counted, not timed, so that a host that is too busy
        /// to look does not blame the other. An echo says what came in the last two beats: a path that is cut one way is
        /// given up after 3 s at most, one that is cut both ways after 2 s.
        static let missedBeats = 3
        static let usualSilence = Duration.seconds(60)
    }

    private enum State: Hashable, Sendable { case prepared, trying, works, silent, failed }

    private let parameters: FastLinkParameters
    private var state = State.prepared
    private var remote: IPv4Address
    /// The size that is in use, and the sizes that are tried while none is.
    private var mtu: Int
    private var isAcknowledged = false
    /// When its last heartbeat came.
    public private(set) var lastHeartbeat: MonotonicInstant?
    /// Beats since a heartbeat came that said ours arrive.
    private var missed = 0
    /// Beats since the size in use was said to arrive.
    private var missedSize = 0
    /// Longest frame of the other side's in this beat and the one before.
    private var heardLength = (now: 0, before: 0)
    /// What the other side has heard, in this beat and the one before.
    private var echoed = (now: 0, before: 0)
    private var nextBeat: MonotonicInstant?

    public static func == (left: FastLink, right: FastLink) -> Bool {
        left.parameters == right.parameters && left.state == right.state && left.remote == right.remote
            && left.mtu == right.mtu && left.nextBeat == right.nextBeat
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(parameters)
        hasher.combine(state)
    }

    public init(parameters: FastLinkParameters) {
        self.parameters = parameters
        remote = parameters.ends.remote
        mtu = parameters.sizes.first ?? TunnelLayout.usualMTU
    }

    /// Where its packets go.
    public var ends: TunnelEnds {
        TunnelEnds(local: parameters.ends.local, remote: remote, port: parameters.ends.port)
    }

    /// Bytes of inner IP that pass; nil unless it works.
    public var verifiedMTU: Int? { state == .works ? mtu : nil }

    /// Takes an event and says what is to be done, in this order.
    public mutating func handle(_ event: FastLinkEvent, at now: MonotonicInstant) -> [FastLinkEffect] {
        var effects: [FastLinkEffect] = []
        switch (state, event) {
        case (.failed, _): return []
        case (_, .broken(let reason)):
            state = .failed
            return [.failed(reason: reason)]
        case (.prepared, .confirm):
            state = .trying
            nextBeat = now
            beat(at: now, into: &effects)
        case (.prepared, _), (_, .confirm): return []
        case (_, .heartbeat(let heartbeat, let source)): heard(heartbeat, from: source, at: now, into: &effects)
        case (_, .acknowledged):
            isAcknowledged = true
            settle(into: &effects)
        case (_, .timer):
            guard let due = nextBeat, due <= now else { break }
            beat(at: now, into: &effects)
        }
        return effects
    }

    /// One round of heartbeats, and a look at what came since the last.
    private mutating func beat(at now: MonotonicInstant, into effects: inout [FastLinkEffect]) {
        lookForSilence(at: now, into: &effects)
        let heardNow = max(heardLength.now, heardLength.before)
        heardLength = (0, heardLength.now)
        echoed = (0, echoed.now)
        let sizes = state == .works || !parameters.echoes ? [mtu] : parameters.sizes
        for size in sizes {
            let length = size + TunnelLayout.ethernetHeader
            effects.append(
                .send(
                    FastHeartbeat(
                        connectionUID: parameters.connectionUID, length: length,
                        heard: parameters.echoes ? heardNow : 0)))
        }
        let pause: Duration =
            switch state {
            case .works, .silent: parameters.echoes ? Times.beat : Times.usual
            default: Times.beat
            }
        let next = now + pause
        nextBeat = next
        effects.append(.wake(at: next))
    }

    private mutating func heard(
        _ heartbeat: FastHeartbeat, from source: IPv4Address, at now: MonotonicInstant,
        into effects: inout [FastLinkEffect]
    ) {
        guard heartbeat.connectionUID == parameters.connectionUID else { return }
        if lastHeartbeat == nil { effects.append(.acknowledge) }
        lastHeartbeat = now
        if source != remote {
            remote = source
            effects.append(.setRemote(source))
        }
        heardLength.now = max(heardLength.now, heartbeat.length)
        if parameters.echoes {
            if heartbeat.heard > 0 { missed = 0 }
            if heartbeat.heard >= mtu + TunnelLayout.ethernetHeader { missedSize = 0 }
            echoed.now = max(echoed.now, heartbeat.heard)
        } else {
            missed = 0
        }
        settle(into: &effects)
    }

    /// Whether both directions are known to work now, and with which size.
    private mutating func settle(into effects: inout [FastLinkEffect]) {
        guard lastHeartbeat != nil, state == .trying || state == .silent else { return }
        if parameters.echoes {
            let length = max(echoed.now, echoed.before)
            let size = length - TunnelLayout.ethernetHeader
            // The other side tells the largest of what it has heard: none that is not ours.
            guard length > 0, parameters.sizes.contains(size) else { return }
            mtu = size
        } else {
            guard isAcknowledged, missed == 0 else { return }
        }
        (missed, missedSize) = (0, 0)
        state = .works
        effects.append(.works(mtu: mtu))
    }

    private mutating func lookForSilence(at now: MonotonicInstant, into effects: inout [FastLinkEffect]) {
        guard state == .works else { return }
        if parameters.echoes {
            missed += 1
            missedSize += 1
            // A larger size that begins to pass is found when the path is tried anew; one that no longer does is noticed.
            guard missed > Times.missedBeats || missedSize > Times.missedBeats else { return }
            let reason =
                missed > Times.missedBeats
                ? "no heartbeat came back over UDP port \(parameters.ends.port)"
                : "packets of \(mtu + TunnelLayout.overhead) bytes no longer arrive"
            fallSilent(reason, into: &effects)
        } else {
            guard let lastHeartbeat, now - lastHeartbeat >= Times.usualSilence else { return }
            missed = 1
            fallSilent("no heartbeat for \(Times.usualSilence) over UDP port \(parameters.ends.port)", into: &effects)
        }
    }

    private mutating func fallSilent(_ reason: String, into effects: inout [FastLinkEffect]) {
        state = .silent
        heardLength.before = 0
        echoed = (0, 0)
        effects.append(.silent(reason: reason))
    }
}
