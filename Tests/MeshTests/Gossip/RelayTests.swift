import Mesh
import TestSupport
import Testing
import Wire

/// A channel of the test's own: a set of numbers, one byte each.
private struct NumberChannel: GossipChannel {
    var name: String { "numbers" }
    var numbers: Set<UInt8> = []
    var requests: [GossipRequest] = []
    func completeState() -> GossipNews? { numbers.isEmpty ? nil : .everything }
    mutating func payloads(for news: GossipNews, at now: MonotonicInstant) -> [[UInt8]] {
        if case .items(let items) = news {
            return [items.compactMap { if case .key(let key) = $0 { key.first } else { nil } }.sorted()]
        }
        return [numbers.sorted()]
    }
    mutating func receive(_ payload: [UInt8], as kind: GossipKind, from source: PeerName, at now: MonotonicInstant)
        throws(GossipFault) -> GossipNews?
    {
        if payload.contains(255) { throw GossipFault("numbers: 255 is not allowed") }
        let new = payload.filter { numbers.insert($0).inserted }
        if payload == [42] { requests.append(.unicast(source, [43])) }
        return new.isEmpty ? nil : .items(Set(new.map { .key([$0]) }))
    }
    mutating func receiveUnicast(_ payload: [UInt8], from source: PeerName, at now: MonotonicInstant)
        throws(GossipFault)
    {
        numbers.formUnion(payload)
        requests.append(.broadcast(.everything))
    }
    mutating func peersRemoved(_ names: [PeerName], at now: MonotonicInstant) {}
    mutating func takeRequests() -> [GossipRequest] {
        defer { requests = [] }
        return requests
    }
}

@Suite struct RelayTests {
    private let source = TestNetwork.name(9)

    private func puppet() throws -> HostilePeerTests.Puppet {
        try HostilePeerTests.Puppet(channels: [NumberChannel()])
    }

    @Test("a channel that is plugged in merges, answers, and closes on what it refuses")
    func plugged() throws {
        var puppet = try puppet()
        try puppet.say(.gossip(channel: "numbers", source: source, payload: [42]))
        try puppet.wait(.milliseconds(200))
        #expect(
            puppet.received.contains(
                .unicast(channel: "numbers", source: TestNetwork.name(1), destination: source, payload: [43])))
        puppet.received = []
        try puppet.say(.unicast(channel: "numbers", source: source, destination: TestNetwork.name(1), payload: [7]))
        #expect(puppet.received == [.broadcast(channel: "numbers", source: TestNetwork.name(1), payload: [7, 42])])
        #expect(puppet.router.carriedChannels.isEmpty)
        try puppet.say(.broadcast(channel: "numbers", source: source, payload: [255]))
        #expect(puppet.closeReason?.contains("255 is not allowed") == true)
    }

    @Test("the complete state goes to a new neighbour; every 30 seconds what has changed, every minute all of it")
    func periodic() throws {
        var puppet = try puppet()
        let first = puppet.received.filter { if case .gossip("topology", _, _) = $0 { true } else { false } }
        #expect(first.count == 1)
        try puppet.wait(.seconds(1))
        puppet.received = []
        try puppet.wait(.milliseconds(28_999))
        #expect(!puppet.received.contains { if case .gossip = $0 { true } else { false } })
        try puppet.wait(.milliseconds(1))
        func again() throws -> [[PeerName]] {
            defer { puppet.received = [] }
            return try puppet.received.compactMap {
                if case .gossip("topology", _, let payload) = $0 {
                    try TopologyCodec.decode(payload).map(\.name)
                } else {
                    nil
                }
            }
        }
        #expect(try again().isEmpty)
        for _ in 0..<2 {
            try puppet.say(.heartbeat)
            try puppet.take(puppet.router.handle(.drained(puppet.link), at: puppet.now))
            try puppet.wait(.seconds(15))
        }
        #expect(try again() == [[TestNetwork.name(1), source]])
    }

    @Test("a broadcast of ours that comes back goes no further")
    func ownBroadcast() throws {
        var puppet = try puppet()
        try puppet.say(.broadcast(channel: "numbers", source: TestNetwork.name(1), payload: [255]))
        #expect(puppet.closeReason == nil)
    }
}
