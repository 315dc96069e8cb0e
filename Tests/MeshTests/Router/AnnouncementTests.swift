import Mesh
import TestSupport
import Testing
import Wire

/// Topology between peers that announce records instead of sending them, and among them peers that do not.
@Suite("Announcements")
struct AnnouncementTests {
    private typealias Puppet = HostilePeerTests.Puppet
    private let peer = TestNetwork.name(9)

    private func version(_ number: UInt8, _ version: UInt64, uid: UInt64 = 7) -> RecordVersion {
        RecordVersion(name: TestNetwork.name(number), version: version, uid: uid, hasShortID: false)
    }

    private func record(_ number: UInt8, version: UInt64, to others: [UInt8] = []) -> PeerRecord {
        PeerRecord(
            name: TestNetwork.name(number), nickname: "n\(number)", uid: 7, version: version, shortID: nil,
            connections: others.map {
                ConnectionRecord(
                    remote: TestNetwork.name($0), address: "10.0.0.\($0):6783", isOutbound: true, isEstablished: true)
            })
    }

    private func topology(_ records: PeerRecord...) -> MeshMessage {
        .gossip(channel: "topology", source: peer, payload: TopologyCodec.encode(records))
    }

    private func weft(_ puppet: Puppet) -> [WeftMessage] {
        puppet.received.compactMap { if case .weft(let message) = $0 { message } else { nil } }
    }

    @Test(
        "peers that announce and peers that do not reach one view, in lines and in full meshes",
        arguments: 1...6 as ClosedRange<UInt64>,
        [false, true])
    func mixed(seed: UInt64, isLine: Bool) {
        let network = TestNetwork(seed: seed)
        for number in UInt8(1)...6 {
            let first = isLine && number > 1 ? number - 1 : 1
            network.add(number, connect: number == 1 ? [] : ["10.0.0.\(first)"]) {
                $0.discovery = !isLine
                // Which ones are like the original differs from seed to seed.
                if seed >> (number % 3) & 1 == 1 { $0.extensions = [] }
            }
        }
        let connections = isLine ? 5 : 15
        #expect(network.run(atMost: .seconds(60)) { network.agree([0, 1, 2, 3, 4, 5], connections: connections) })
    }

    @Test("what a neighbour announces and we lack is asked for once, and what we have is not")
    func request() throws {
        var puppet = try Puppet(extensions: [.announcements])
        puppet.received = []
        try puppet.say(.weft(.announcement([version(4, 3), version(5, 1)], isComplete: false)))
        #expect(weft(puppet) == [.request([TestNetwork.name(4), TestNetwork.name(5)])])
        puppet.received = []
        try puppet.say(.weft(.announcement([version(4, 3)], isComplete: false)))
        #expect(weft(puppet).isEmpty)
        try puppet.say(topology(record(9, version: 2, to: [1, 4]), record(4, version: 3)))
        try puppet.say(.weft(.announcement([version(4, 3), version(4, 2)], isComplete: false)))
        #expect(weft(puppet).isEmpty)
        try puppet.say(.weft(.announcement([version(4, 4)], isComplete: false)))
        #expect(weft(puppet) == [.request([TestNetwork.name(4)])])
    }

    @Test("records that a neighbour asks for are sent, and unknown ones are not")
    func answer() throws {
        var puppet = try Puppet(extensions: [.announcements])
        puppet.received = []
        try puppet.say(.weft(.request([TestNetwork.name(1), TestNetwork.name(77)])))
        guard case .gossip("topology", _, let payload) = try #require(puppet.received.first) else {
            Issue.record("no records came")
            return
        }
        #expect(try TopologyCodec.decode(payload).map(\.name) == [TestNetwork.name(1)])
    }

    @Test("a digest that differs is answered by everything that we hold, an equal one by nothing")
    func digest() throws {
        var puppet = try Puppet(extensions: [.announcements])
        try puppet.wait(.seconds(1))
        puppet.received = []
        try puppet.say(.weft(.digest(0)))
        guard case .announcement(let entries, isComplete: true) = try #require(weft(puppet).first) else {
            Issue.record("no complete announcement came")
            return
        }
        #expect(entries.map(\.name) == [TestNetwork.name(1)])
        try puppet.wait(.seconds(5))
        let digests = weft(puppet).compactMap { if case .digest(let digest) = $0 { digest } else { nil } }
        puppet.received = []
        try puppet.say(.weft(.digest(try #require(digests.first))))
        #expect(puppet.received.isEmpty)
    }

    @Test("a complete announcement that lacks something is answered by what it lacks")
    func complete() throws {
        var puppet = try Puppet(extensions: [.announcements])
        try puppet.wait(.seconds(1))
        puppet.received = []
        try puppet.say(.weft(.announcement([], isComplete: true)))
        guard case .announcement(let entries, isComplete: false) = try #require(weft(puppet).first) else {
            Issue.record("nothing came")
            return
        }
        #expect(entries.map(\.name) == [TestNetwork.name(1)])
    }

    @Test("our former self in an announcement makes our version jump over it")
    func formerSelf() throws {
        var puppet = try Puppet(extensions: [.announcements])
        try puppet.say(.weft(.announcement([version(1, 4_000, uid: 55)], isComplete: false)))
        #expect(puppet.router.peers().first?.version == 4_001)
    }

    @Test("impossible names and versions are ignored and counted")
    func refused() throws {
        var puppet = try Puppet(extensions: [.announcements])
        puppet.received = []
        let group = try #require(PeerName(rawValue: 0x0100_0000_0001))
        try puppet.say(
            .weft(
                .announcement(
                    [
                        version(4, .max), RecordVersion(name: group, version: 1, uid: 1, hasShortID: false),
                        RecordVersion(name: .unknown, version: 1, uid: 1, hasShortID: false),
                    ], isComplete: false)))
        #expect(weft(puppet).isEmpty)
        #expect(puppet.router.counters.recordsRefused == 3)
    }

    @Test("weft's messages mean nothing from a peer that has not announced the extension")
    func notAgreed() throws {
        var puppet = try Puppet()
        puppet.received = []
        try puppet.say(.weft(.announcement([version(4, 3)], isComplete: true)))
        try puppet.say(.weft(.request([TestNetwork.name(1)])))
        try puppet.say(.weft(.digest(1)))
        #expect(puppet.received.isEmpty && puppet.closeReason == nil)
    }

    @Test("a record that does not come is asked of another neighbour that has announced it")
    func alternatives() {
        var pulls = RecordPulls()
        let now = MonotonicInstant(nanoseconds: 0)
        let links = (1...3).map { LinkID.accepted(UInt64($0)) }
        let asked = [
            pulls.isNew(version(4, 3), from: links[0], at: now), pulls.isNew(version(4, 3), from: links[1], at: now),
            pulls.isNew(version(4, 2), from: links[2], at: now),
        ]
        #expect(asked == [true, false, false])
        let early = pulls.expire(at: now + .milliseconds(999))
        #expect(early.isEmpty)
        let expired = pulls.expire(at: now + .seconds(1))
        #expect(expired == [links[1]: [TestNetwork.name(4)]])
        let ended = pulls.ended(links[1], at: now + .seconds(1))
        #expect(ended == [links[2]: [TestNetwork.name(4)]])
        pulls.arrived(version(4, 2))
        #expect(!pulls.isEmpty)
        pulls.arrived(version(4, 3))
        #expect(pulls.isEmpty && pulls.deadline == nil)
    }
}
