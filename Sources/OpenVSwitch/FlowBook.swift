public import FastDatapath
public import NetlinkMessages
public import Wire

/// The flows that we have given the kernel, each with the question that it answers: what has to change in the kernel
/// when routes, neighbours or addresses change is the difference, and nothing else.
public struct FlowBook: Sendable {
    /// What the kernel is to be told.
    public enum Change: Hashable, Sendable {
        case install(FlowMatch, [FlowAction])
        case remove(FlowMatch)
    }

    /// What becomes of a frame that the kernel asked about.
    public struct Answer: Sendable {
        public let decision: FrameDecision
        /// What the kernel does with this frame.
        public let actions: [FlowAction]
        public let changes: [Change]
    }

    /// A flow in use.
    public struct Entry: Hashable, Sendable {
        public let question: FrameQuestion
        public fileprivate(set) var decision: FrameDecision
        public fileprivate(set) var actions: [FlowAction]
        public fileprivate(set) var statistics = FlowStatistics(packets: 0, bytes: 0)
        /// Set while it goes on although there would be nothing to do with its frames now: until then.
        public fileprivate(set) var lingersUntil: MonotonicInstant?
        /// Taken over from an earlier run, and not confirmed by a decision yet.
        public fileprivate(set) var isInherited = false
        /// When it was made or last seen to be used.
        public fileprivate(set) var lastUsed: MonotonicInstant
        public let since: MonotonicInstant
    }

    /// A flow that nothing has hit for so long is removed.
    static let idle = Duration.seconds(60)
    /// Guesses go sooner: each costs everybody.
    static let idleGuess = Duration.seconds(10)
    /// How long frames go on as before when their way is lost, or when we have just begun and know nobody yet: a neighbour
    /// whose daemon restarts still forwards, and is back within a second or two. Only for frames that start or end here, or
    /// end at the next hop: others might go in a circle meanwhile.
    static let lingering = Duration.seconds(10)

    private let limit: Int
    private let upcalls: UpcallPort
    public private(set) var ports: DatapathPorts
    public private(set) var view: FastView
    public private(set) var entries: [FlowMatch: Entry] = [:]
    /// By destination: what has to be asked again when that address is seen elsewhere.
    private var byDestination: [MACAddress: Set<FlowMatch>] = [:]
    /// How many flows made room for others.
    public private(set) var evictions: UInt64 = 0

    /// - Parameters:
    ///   - limit: flows at a time; beyond it the one that was used longest ago goes.
    ///   - upcalls: the socket that frames for user space go to.
    public init(ports: DatapathPorts, view: FastView, upcalls: UpcallPort, limit: Int = 65_536) {
        self.ports = ports
        self.view = view
        self.upcalls = upcalls
        self.limit = max(limit, 1)
    }

    /// The destinations that there are flows for.
    public var destinations: [MACAddress] { Array(byDestination.keys) }

    /// Another tunnel can be used.
    public mutating func add(tunnel port: PortNumber, _ number: VportNumber) { ports.tunnels[port] = number }

    /// A frame that no flow was there for. Nil if it came from a port that sends us nothing to decide about.
    public mutating func answer(
        _ question: FrameQuestion, at now: MonotonicInstant, place: (MACAddress) -> PeerName?
    ) -> Answer {
        let decision = FrameDecider(view).decide(question, place: place)
        let actions = ports.actions(decision, upcalls: upcalls)
        guard let match = ports.match(question, decision.scope)?.canonical else {
            return Answer(decision: decision, actions: actions, changes: [])
        }
        var changes: [Change] = []
        if entries[match]?.actions != actions {
            if entries[match] == nil, entries.count >= limit { evict(&changes) }
            changes.append(.install(match, actions))
            entries[match] = Entry(
                question: question, decision: decision, actions: actions, lastUsed: now, since: now)
            byDestination[question.destination, default: []].insert(match)
        }
        // On the way to the kernel: packets that came before it are asked about once more.
        return Answer(decision: decision, actions: actions, changes: changes)
    }

    /// Routes, neighbours or names have changed.
    public mutating func update(
        to view: FastView, at now: MonotonicInstant, place: (MACAddress) -> PeerName?
    ) -> [Change] {
        guard view != self.view else { return [] }
        self.view = view
        return review(Array(entries.keys), at: now, place)
    }

    /// These addresses have been seen elsewhere than before, or are no longer known.
    public mutating func moved(
        _ addresses: some Sequence<MACAddress>, at now: MonotonicInstant, place: (MACAddress) -> PeerName?
    ) -> [Change] {
        review(addresses.flatMap { byDestination[$0] ?? [] }, at: now, place)
    }

    /// Those whose time to go on as before is over.
    public mutating func endLingering(
        at now: MonotonicInstant, place: (MACAddress) -> PeerName?
    ) -> [Change] {
        review(entries.filter { $0.value.lingersUntil.map { $0 <= now } ?? false }.map(\.key), at: now, place)
    }

    /// Whether a flow goes on as before although a decision would now do less with its frames.
    private func lingers(_ entry: Entry, _ decision: FrameDecision, at now: MonotonicInstant) -> Bool {
        if let end = entry.lingersUntil, end <= now { return false }
        guard !entry.actions.isEmpty else { return false }
        if entry.isInherited {
            // Neighbours come back one by one, and addresses are learnt anew from the flows that are used.
            let (before, after) = (entry.actions.count, ports.actions(decision, upcalls: upcalls).count)
            return decision.drop != nil || decision.scope == .once || decision.isGuess || after < before
        }
        let isEnd = entry.question.origin == .bridge || entry.actions == [.output(ports.bridge)]
        guard isEnd || entry.decision.isLastHop else { return false }
        // Where the container is gone from, or is here now, is no way that was lost.
        return [.noRoute, .nobody, .unknownPeer, .unknownSender].contains(decision.drop)
    }

    private mutating func review(
        _ matches: [FlowMatch], at now: MonotonicInstant, _ place: (MACAddress) -> PeerName?
    ) -> [Change] {
        let decider = FrameDecider(view)
        var changes: [Change] = []
        for match in matches {
            guard let entry = entries[match] else { continue }
            let decision = decider.decide(entry.question, place: place)
            if lingers(entry, decision, at: now) {
                if entry.lingersUntil == nil { entries[match]?.lingersUntil = now + FlowBook.lingering }
                entries[match]?.decision.learns = decision.learns ?? entry.decision.learns
                continue
            }
            entries[match]?.lingersUntil = nil
            entries[match]?.isInherited = false
            guard ports.match(entry.question, decision.scope)?.canonical == match else {
                remove(match)
                changes.append(.remove(match))
                continue
            }
            entries[match]?.decision = decision
            let actions = ports.actions(decision, upcalls: upcalls)
            guard actions != entry.actions else { continue }
            entries[match]?.actions = actions
            changes.append(.install(match, actions))
        }
        return changes
    }

    /// The kernel's counters of a flow. Returns true if it has been used since the last look; nil if it is none of ours.
    @discardableResult
    public mutating func counted(
        _ match: FlowMatch, _ statistics: FlowStatistics, at now: MonotonicInstant
    ) -> Bool? {
        guard let before = entries[match]?.statistics else { return nil }
        guard statistics != before else { return false }
        entries[match]?.statistics = statistics
        entries[match]?.lastUsed = now
        return true
    }

    /// Removes what nothing has used for long.
    public mutating func expire(at now: MonotonicInstant) -> [Change] {
        var changes: [Change] = []
        for (match, entry) in entries
        where now - entry.lastUsed >= (entry.decision.isGuess ? FlowBook.idleGuess : FlowBook.idle) {
            remove(match)
            changes.append(.remove(match))
        }
        return changes
    }

    /// The kernel has no such flow (any more).
    public mutating func lost(_ match: FlowMatch) { remove(match) }

    /// The kernel has lost everything: nothing is installed.
    public mutating func lostAll() {
        entries = [:]
        byDestination = [:]
    }

    /// Takes a flow of an earlier run into use, if its question can be told from its key. Its actions are checked at the
    /// next `update`.
    public mutating func adopt(
        _ match: FlowMatch, _ actions: [FlowAction], _ statistics: FlowStatistics, at now: MonotonicInstant
    ) -> Bool {
        guard let question = ports.question(match.key) else { return false }
        let isWhole = match.mask.ethernetDestination == FlowMask.wholeAddress
        guard ports.match(question, isWhole ? .addresses : .tunnel)?.canonical == match else { return false }
        var entry = Entry(
            question: question, decision: FrameDecision(), actions: actions, lastUsed: now, since: now)
        entry.statistics = statistics
        entry.isInherited = true
        entry.lingersUntil = now + FlowBook.lingering
        entries[match] = entry
        byDestination[question.destination, default: []].insert(match)
        return true
    }

    private mutating func remove(_ match: FlowMatch) {
        guard let entry = entries.removeValue(forKey: match) else { return }
        byDestination[entry.question.destination]?.remove(match)
        if byDestination[entry.question.destination]?.isEmpty == true {
            byDestination[entry.question.destination] = nil
        }
    }

    private mutating func evict(_ changes: inout [Change]) {
        // A sample is enough: looking through all of them for each new flow would be the attack.
        guard let oldest = entries.prefix(16).min(by: { $0.value.lastUsed < $1.value.lastUsed }) else { return }
        remove(oldest.key)
        evictions += 1
        changes.append(.remove(oldest.key))
    }
}
