import Wire

/// What lies between the hosts: for each ordered pair how long a packet takes, how wide the way is, how much is lost, and
/// what is blocked at the moment.
///
/// Delay and width of a pair follow from the seed and stay; blocks come and go and may overlap.
package struct Underlay: Sendable {
    /// What a fault may block, in one direction.
    package enum Traffic: Sendable {
        case all, tcp, udp
    }

    private struct Blocks: Sendable {
        var tcp = 0
        var udp = 0
    }

    private let seed: UInt64
    private let quality: UnderlayQuality
    private var blocks: [Int: Blocks] = [:]
    private var islands: [Int] = []
    /// The size of packets that a pair carries, bytes.
    let mtu = 1_500

    package init(seed: UInt64, quality: UnderlayQuality) {
        self.seed = seed
        self.quality = quality
    }

    private func key(_ from: Int, _ to: Int) -> Int { from << 24 | to }

    private func draw(_ from: Int, _ to: Int, _ salt: UInt64) -> UInt64 {
        let pair = UInt64(min(from, to)) << 32 | UInt64(max(from, to))
        return SeededRandom.mix(seed ^ SeededRandom.mix(pair &+ salt &* 0x9e37_79b9_7f4a_7c15))
    }

    /// One way, the same in both directions: most pairs are in one room, some an ocean apart.
    package func latency(_ from: Int, _ to: Int) -> Int64 {
        let drawn = draw(from, to, 1)
        let isFar = drawn % 16 == 0
        let base: Int64 = isFar ? 20_000_000 : 100_000
        return base + Int64((drawn >> 8) % (isFar ? 60_000_000 : 2_000_000))
    }

    /// Nanoseconds per byte of a TCP connection: 1 Gb/s, of some pairs 10 Mb/s.
    func nanosecondsPerByte(_ from: Int, _ to: Int) -> Int64 {
        draw(from, to, 2) % 16 == 0 ? 800 : 8
    }

    package func carriesTCP(_ from: Int, _ to: Int) -> Bool {
        (blocks[key(from, to)]?.tcp ?? 0) == 0 && areTogether(from, to)
    }

    package func carriesUDP(_ from: Int, _ to: Int) -> Bool {
        (blocks[key(from, to)]?.udp ?? 0) == 0 && areTogether(from, to)
    }

    /// What happens to one datagram: the extra delays of its copies; none if it is lost.
    func datagramDelays(using random: inout SeededRandom) -> [Int64] {
        if random.chance(quality.loss) { return [] }
        var delays = [jitter(using: &random)]
        if random.chance(quality.duplicates) { delays.append(jitter(using: &random)) }
        return delays
    }

    private func jitter(using random: inout SeededRandom) -> Int64 {
        // Some overtake others.
        random.chance(quality.reordering)
            ? Int64.random(in: 0...20_000_000, using: &random) : Int64.random(in: 0...100_000, using: &random)
    }

    /// Adds a block of one direction; each is to be taken away once.
    package mutating func block(_ traffic: Traffic, from: Int, to: Int) {
        change(traffic, from, to, by: 1)
    }

    package mutating func unblock(_ traffic: Traffic, from: Int, to: Int) {
        change(traffic, from, to, by: -1)
    }

    /// Hosts of different islands do not reach each other, but those of island 0 reach everyone; no islands: all do.
    package mutating func setIslands(_ islands: [Int]) {
        self.islands = islands
    }

    private func areTogether(_ from: Int, _ to: Int) -> Bool {
        guard !islands.isEmpty else { return true }
        let (left, right) = (islands[from], islands[to])
        return left == right || left == 0 || right == 0
    }

    private mutating func change(_ traffic: Traffic, _ from: Int, _ to: Int, by difference: Int) {
        var state = blocks[key(from, to)] ?? Blocks()
        if traffic != .udp { state.tcp += difference }
        if traffic != .tcp { state.udp += difference }
        blocks[key(from, to)] = state.tcp == 0 && state.udp == 0 ? nil : state
    }
}

/// How bad datagrams fare; TCP makes good for it, later.
public struct UnderlayQuality: Sendable, Hashable {
    /// Share of datagrams that are lost, 0 to 1.
    public var loss = 0.01
    /// Share that arrive twice.
    public var duplicates = 0.005
    /// Share that are late by up to 20 ms, so that others overtake them.
    public var reordering = 0.02

    public init() {}
}
