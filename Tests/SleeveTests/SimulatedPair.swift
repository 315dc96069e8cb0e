import Sleeve
import TestSupport
import Wire

/// Two links joined by a path that can lose, delay and swallow, on a clock of its own. Same seed, same run.
struct SimulatedPair {
    /// One direction of the path.
    struct Path {
        /// Larger packets are swallowed without a word.
        var carries = 1_500
        /// Larger packets are refused by the sender's kernel.
        var kernelLimit = 1_500
        /// Of 100 datagrams, how many get lost.
        var lossPercent = 0
        var delay = Duration.milliseconds(1)
        var carriesFragments = true
    }

    enum Side: Int { case dialler, acceptor }

    private(set) var now = MonotonicInstant(nanoseconds: 0)
    private(set) var links: [SleeveLink]
    /// Everything each side did, with its time.
    private(set) var effects: [[(at: Duration, effect: SleeveEffect)]] = [[], []]
    /// Path from each side to the other.
    var paths = [Path(), Path()]
    /// The address that each side's datagrams come from.
    var sources: [Endpoint]
    private var random: SeededGenerator
    private var queue: [(at: MonotonicInstant, order: Int, to: Side, event: SleeveEvent)] = []
    private var wakes: [MonotonicInstant?] = [nil, nil]
    private var order = 0
    private let overhead: Int
    /// Datagrams with frames that each side's data plane has accepted.
    var traffic: [UInt64] = [0, 0]
    /// Whether data planes note heartbeats instead of telling of each, and the last one noted.
    var notesHeartbeats = false
    private var noted: [MonotonicInstant?] = [nil, nil]

    init(
        seed: UInt64 = 1, isSealed: Bool = false, underlayMTU: Int = 1_500, fixedMTU: Int? = nil,
        probesSilence: Bool = false,
        paths: [Path] = [Path(), Path()]
    ) {
        random = SeededGenerator(seed: seed)
        self.paths = paths
        overhead = SleeveLayout.overhead(isSealed: isSealed) - SleeveLayout.ethernetHeader
        sources = [
            Endpoint(.v4(IPv4Address(rawValue: 0x0a00_0001)), .mesh),
            Endpoint(.v4(IPv4Address(rawValue: 0x0a00_0002)), .mesh),
        ]
        let start = now
        let remotes = [sources[1], sources[0]]
        links = [true, false].enumerated().map { index, isOutbound in
            SleeveLink(
                parameters: SleeveParameters(
                    connectionUID: 77, isOutbound: isOutbound, remote: remotes[index], isSealed: isSealed,
                    underlayMTU: underlayMTU, fixedMTU: fixedMTU, probesSilence: probesSilence),
                at: start)
        }
    }

    /// The mesh confirms both ends, the acceptor first.
    mutating func confirm() {
        give(.confirm, to: .acceptor)
        give(.confirm, to: .dialler)
    }

    func view(_ side: Side) -> SleeveView { links[side.rawValue].view }

    /// The sizes that a side was told to use, with their times.
    func sizes(_ side: Side) -> [(at: Duration, mtu: Int)] {
        effects[side.rawValue].compactMap { entry in
            if case .setPath(let path) = entry.effect { (entry.at, path.mtu) } else { nil }
        }
    }

    /// The sizes that a side showed as verified, each once for as long as it lasted; 0 for a time without.
    func verified(_ side: Side) -> [Int] {
        var sizes: [Int] = []
        for case .setPath(let path) in effects[side.rawValue].map(\.effect) {
            let size = path.isVerified ? path.mtu : 0
            if sizes.last != size { sizes.append(size) }
        }
        return sizes
    }

    /// Lets `duration` pass.
    mutating func run(_ duration: Duration) {
        let end = now + duration
        while true {
            let next = queue.min { ($0.at, $0.order) < ($1.at, $1.order) }
            let wake = [Side.dialler, .acceptor].compactMap { side in wakes[side.rawValue].map { ($0, side) } }
                .min { $0.0 < $1.0 }
            if let next, next.at <= end, next.at <= wake?.0 ?? end {
                queue.removeAll { $0.order == next.order }
                now = max(now, next.at)
                give(next.event, to: next.to)
            } else if let wake, wake.0 <= end {
                now = max(now, wake.0)
                wakes[wake.1.rawValue] = nil
                give(.timer, to: wake.1)
            } else {
                break
            }
        }
        now = end
    }

    mutating func give(_ event: SleeveEvent, to side: Side) {
        if notesHeartbeats, case .heartbeat(_, let source) = event, links[side.rawValue].view.remote == source {
            let isFirst = noted[side.rawValue] == nil
            noted[side.rawValue] = now
            if !isFirst { return }
        }
        let start = MonotonicInstant(nanoseconds: 0)
        // What the host answers comes after all effects of the event, as in the control plane.
        var events = [event]
        while !events.isEmpty {
            for effect in links[side.rawValue].handle(events.removeFirst(), at: now) {
                effects[side.rawValue].append((now - start, effect))
                switch effect {
                case .send(let special): if let refusal = send(special, from: side) { events.append(refusal) }
                case .sendControl(let control): deliver(.control(control), from: side)
                case .wake(let instant): wakes[side.rawValue] = instant
                case .readTraffic:
                    events.append(
                        .traffic(datagrams: traffic[side.rawValue], lastHeartbeat: noted[side.rawValue]))
                case .readRoute: events.append(.route(mtu: paths[side.rawValue].kernelLimit))
                case .failed: wakes[side.rawValue] = nil
                case .register, .setRemote, .setPath, .established: break
                }
            }
        }
    }

    /// Returns what the kernel says to a datagram that it refuses.
    private mutating func send(_ special: SleeveSpecial, from side: Side) -> SleeveEvent? {
        let path = paths[side.rawValue]
        let size = special.frame.count + overhead
        if special.dontFragment {
            guard size <= path.kernelLimit else { return .tooBig(pathMTU: path.kernelLimit) }
            guard size <= path.carries else { return nil }
        } else {
            guard path.carriesFragments else { return nil }
        }
        guard Int.random(in: 0..<100, using: &random) >= path.lossPercent else { return nil }
        if let event = SleeveEvent(special.frame, from: sources[side.rawValue]) { deliver(event, from: side) }
        return nil
    }

    private mutating func deliver(_ event: SleeveEvent, from side: Side) {
        order += 1
        let other: Side = side == .dialler ? .acceptor : .dialler
        queue.append((now + paths[side.rawValue].delay, order, other, event))
    }
}
