import Wire

/// Who takes part: drawn from the seed before anything runs.
struct Plan: Sendable {
    struct Member: Sendable {
        let name: PeerName
        let isOriginal: Bool
        let targets: [Int]
        let discovery: Bool
        let password: [UInt8]?
        /// After the start of the simulation.
        let startsAfter: Duration
    }

    let topology: SimulatedTopology
    private(set) var members: [Member] = []
    /// Which hosts reach each other (`Underlay.setIslands`); empty: all.
    private(set) var islands: [Int] = []

    init(_ options: SimulationOptions, using random: inout SeededRandom) {
        topology =
            options.topology
            ?? Plan.drawn(peers: options.peers, mayBeStar: options.originals == 0, using: &random)
        let hasPassword = options.hasPassword ?? random.chance(0.5)
        let password: [UInt8]? = hasPassword ? Array("simulated".utf8) : nil
        for number in 0..<options.peers {
            members.append(
                Member(
                    name: Plan.name(number),
                    // An original in the middle of a star tells some of its neighbours at a time, every 30 s: nothing to
                    // promise there.
                    isOriginal: random.chance(options.originals) && !(topology == .star && number == 0),
                    targets: Plan.targets(of: number, among: options.peers, in: topology, using: &random),
                    discovery: topology == .full || topology == .islands, password: password,
                    startsAfter: random.duration(.zero...Plan.startingTime(options.peers))))
        }
        if topology == .islands {
            islands = (0..<options.peers).map { $0 == 0 ? 0 : 1 + $0 % 2 }
        }
    }

    /// Large full meshes cost most, and teach little that smaller ones don't.
    /// Stars of originals settle when chance wills it.
    private static func drawn(peers: Int, mayBeStar: Bool, using random: inout SeededRandom) -> SimulatedTopology {
        let isSmall = peers <= 24
        switch random.next() % 64 {
        case 0: return .full
        case 1: return .islands
        case 2..<10: return isSmall ? .full : .ring
        case 10..<18: return isSmall ? .islands : .line
        case 18..<26: return mayBeStar ? .star : .sparse
        default: return .sparse
        }
    }

    /// Large meshes start at once: nearly all that a long start adds is work for the simulating machine.
    private static func startingTime(_ peers: Int) -> Duration {
        peers <= 200 ? .seconds(1) : .milliseconds(100)
    }

    /// Names in another order than numbers, so that neither decides for the other.
    static func name(_ number: Int) -> PeerName {
        PeerName(rawValue: 0x0200_0000_0000 | UInt64((number * 7_919 + 13) % 65_521)) ?? .unknown
    }

    static func targets(
        of number: Int, among peers: Int, in topology: SimulatedTopology, using random: inout SeededRandom
    ) -> [Int] {
        guard number > 0 else { return topology == .ring && peers > 2 ? [peers - 1] : [] }
        switch topology {
        case .line, .ring: return [number - 1]
        case .star: return [0]
        case .full, .islands:
            // Two whom everyone knows, so that no group is ever lost to the other.
            return number == 1 ? [0] : [0, 1]
        case .sparse:
            var chosen: Set<Int> = []
            let wanted = min(number, 2 + Int(random.next() % 2))
            while chosen.count < wanted { chosen.insert(Int.random(in: 0..<number, using: &random)) }
            return chosen.sorted()
        }
    }
}
