import Mesh
import TestSupport
import Testing
import Wire

@Suite struct ConnectionMakerTests {
    private let start = MonotonicInstant(nanoseconds: 0)

    private func targets(_ texts: String...) -> [Target] { texts.compactMap { Target(text: $0) } }

    /// A maker, and what it needs around it.
    private struct Bench {
        var maker = ConnectionMaker(ownName: TestNetwork.name(5), ownPort: .mesh)
        var random = MeshRandom(SeededGenerator(seed: 4))
        var links: UInt64 = 0

        mutating func recheck(_ situation: ConnectionMaker.Situation = .init(), at now: MonotonicInstant)
            -> (dials: [(LinkID, Target)], next: MonotonicInstant?)
        {
            maker.recheck(situation, at: now, using: &random) {
                links += 1
                return .dial(links)
            }
        }

        mutating func fail(_ link: LinkID, mayReturnSoon: Bool = false, at now: MonotonicInstant) {
            maker.ended(
                link, reason: "refused", isOwnName: false, mayReturnSoon: mayReturnSoon, at: now, using: &random)
        }
    }

    @Test("back-off is uniform in half to three halves of an interval that grows by half from 2 s to 6 min")
    func backoff() {
        var random = MeshRandom(SeededGenerator(seed: 1))
        var backoff = Backoff()
        var interval = 2.0
        for _ in 0..<40 {
            let delay = Double(backoff.next(mayReturnSoon: false, using: &random).wholeNanoseconds) / 1e9
            #expect(delay >= interval / 2 * 0.999 && delay < interval * 1.5 * 1.001, "\(delay) for \(interval)")
            interval = min(interval * 1.5, 360)
        }
        #expect(backoff.interval == .seconds(360))
        let spread = (0..<200).map { _ in
            var fresh = Backoff()
            return fresh.next(mayReturnSoon: false, using: &random)
        }
        #expect((spread.min() ?? .zero) < .milliseconds(1_100) && (spread.max() ?? .zero) > .milliseconds(2_900))
    }

    @Test("a failed target keeps its first failure's time, and is dialled when due and not before")
    func retries() throws {
        var bench = Bench()
        bench.maker.add(targets("10.0.0.1"), replace: false, at: start)
        let first = bench.recheck(at: start)
        #expect(first.dials.map(\.1.text) == ["10.0.0.1"])
        bench.fail(first.dials[0].0, at: start)
        let (dials, next) = bench.recheck(at: start)
        let due = try #require(next)
        #expect(dials.isEmpty && due - start >= .seconds(1) && due - start < .seconds(3))
        #expect(bench.recheck(at: MonotonicInstant(nanoseconds: due.nanoseconds - 1)).dials.isEmpty)
        let second = bench.recheck(at: due)
        #expect(second.dials.count == 1)
        bench.fail(second.dials[0].0, at: due)
        #expect(bench.maker.entriesInOrder[0].failure?.since == start)
        bench.maker.add(targets("10.0.0.1"), replace: false, at: due)
        #expect(bench.recheck(at: due).dials.count == 1, "adding it again resets its back-off")
    }

    @Test("where a daemon may be restarting five tries come early, then the usual back-off begins")
    func early() throws {
        for seed in UInt64(0)..<50 {
            var random = MeshRandom(SeededGenerator(seed: seed))
            var backoff = Backoff()
            for milliseconds in [50, 100, 200, 400, 800, 2_000, 3_000] {
                let delay = backoff.next(mayReturnSoon: true, using: &random)
                let middle = Duration.milliseconds(milliseconds)
                #expect(delay >= middle / 2 && delay < middle * 3 / 2, "\(delay) for \(middle)")
            }
        }
    }

    @Test("neighbours of an earlier run are dialled at once, and no longer once they are connected or given up")
    func recalled() throws {
        var bench = Bench()
        let endpoint = try #require(Endpoint(text: "10.0.0.9:6783"))
        var situation = ConnectionMaker.Situation()
        situation.recalled = [PeerAddress(TestNetwork.name(9), endpoint)]
        let (dials, _) = bench.recheck(situation, at: start)
        #expect(dials.map(\.1.text) == ["10.0.0.9:6783"])
        #expect(bench.maker.entry(of: dials[0].0)?.expected == TestNetwork.name(9))
        bench.fail(dials[0].0, mayReturnSoon: true, at: start)
        #expect(bench.recheck(situation, at: start + .milliseconds(375)).dials.count == 1)
        bench.fail(.dial(2), mayReturnSoon: true, at: start + .milliseconds(375))
        situation.recalled = []
        #expect(bench.recheck(situation, at: start + .seconds(60)).dials.isEmpty)
        #expect(bench.maker.entries.isEmpty)
        situation.recalled = [PeerAddress(TestNetwork.name(9), endpoint)]
        situation.connectedPeers = [TestNetwork.name(9)]
        #expect(bench.recheck(situation, at: start).dials.isEmpty)
    }

    @Test("a connection that lasted is dialled again at once, a short one after back-off")
    func lasting() {
        for (lifetime, isAtOnce) in [(Duration.seconds(61), true), (.seconds(59), false)] {
            var bench = Bench()
            bench.maker.add(targets("10.0.0.1"), replace: false, at: start)
            let link = bench.recheck(at: start).dials[0].0
            bench.maker.connected(link)
            let end = start + lifetime
            bench.fail(link, at: end)
            #expect((bench.recheck(at: end).dials.count == 1) == isAtOnce)
        }
    }

    @Test("a target is suspended while it is connected by other ways, and wanted again afterwards")
    func suspended() {
        var bench = Bench()
        bench.maker.add(targets("10.0.0.1", "10.0.0.2:7000", "name.example"), replace: false, at: start)
        var situation = ConnectionMaker.Situation()
        situation.inboundAddresses = [.v4(IPv4Address(rawValue: 0x0a00_0001)), .v4(IPv4Address(rawValue: 0x0a00_0002))]
        // The rule about inbound connections is for targets without a port.
        #expect(bench.recheck(situation, at: start).dials.map(\.1.text) == ["10.0.0.2:7000", "name.example"])
        if case .suspended(let why) = bench.maker.entriesInOrder[0].state {
            #expect(why == "10.0.0.1 has connected to us")
        } else {
            Issue.record("not suspended")
        }
        // A name leads to a peer that has connected to us: known once it was met.
        bench.maker.met(TestNetwork.name(5), by: .dial(2))
        bench.fail(.dial(2), at: start)
        situation.connectedPeers = [TestNetwork.name(5)]
        #expect(bench.recheck(situation, at: start + .seconds(600)).dials.isEmpty)
        #expect(bench.recheck(at: start + .seconds(600)).dials.map(\.1.text) == ["10.0.0.1", "name.example"])
    }

    @Test("discovered addresses are dialled soon, and forgotten when nobody mentions them any more")
    func discovered() throws {
        var bench = Bench()
        let endpoint = try #require(Endpoint(text: "10.0.0.9:6783"))
        var situation = ConnectionMaker.Situation()
        situation.discovered = [.init(endpoint: endpoint, peer: TestNetwork.name(9))]
        let (early, next) = bench.recheck(situation, at: start)
        #expect(early.isEmpty && (next.map { $0 - start } ?? .seconds(9)) < .milliseconds(201))
        let (dials, _) = bench.recheck(situation, at: start + .milliseconds(200))
        #expect(dials.map(\.1.text) == ["10.0.0.9:6783"])
        #expect(bench.maker.isDiscoveredOnly(dials[0].0))
        bench.fail(dials[0].0, at: start + .seconds(1))
        _ = bench.recheck(at: start + .seconds(1))
        #expect(bench.maker.entries.isEmpty)
        situation.connectedPeers = [TestNetwork.name(9)]
        #expect(bench.recheck(situation, at: start).next == nil)
    }

    @Test("of two that hear of each other the lower name dials first, and the higher one if nothing comes of it")
    func turns() throws {
        var bench = Bench()
        var situation = ConnectionMaker.Situation()
        let endpoint = try #require(Endpoint(text: "10.0.0.2:6783"))
        situation.discovered = [.init(endpoint: endpoint, peer: TestNetwork.name(2))]
        _ = bench.recheck(situation, at: start)
        #expect(bench.recheck(situation, at: start + .milliseconds(4_999)).dials.isEmpty)
        situation.arriving = [endpoint.address]
        #expect(
            bench.recheck(situation, at: start + .milliseconds(5_200)).dials.isEmpty, "it is about to connect to us")
        situation.arriving = []
        #expect(bench.recheck(situation, at: start + .milliseconds(5_200)).dials.count == 1)
    }

    @Test("no more than 32 attempts are under way, the rest follows as they end")
    func inFlight() {
        var bench = Bench()
        bench.maker.add((1...40).compactMap { Target(text: "10.0.1.\($0)") }, replace: false, at: start)
        let first = bench.recheck(at: start).dials
        #expect(first.count == 32)
        bench.fail(first[0].0, at: start)
        #expect(bench.recheck(at: start).dials.map(\.1.text) == ["10.0.1.33"])
    }

    @Test("discovery takes outbound addresses as they are, inbound ones with our port, and no foolish ones")
    func candidates() {
        let edges = [
            (2, "10.0.0.2:7000", true), (3, "10.0.0.3:40000", false), (4, "127.0.0.1:6783", true),
            (5, "224.0.0.1:6783", true), (6, "host:6783", true), (1, "10.0.0.1:6783", true), (7, "10.0.0.7:7000", true),
        ]
        let record = PeerRecord(
            name: TestNetwork.name(9), nickname: "", uid: 1, version: 1, shortID: nil,
            connections: edges.map {
                ConnectionRecord(
                    remote: TestNetwork.name(UInt8($0.0)), address: $0.1, isOutbound: $0.2, isEstablished: true)
            })
        var places = DiscoveredPlaces()
        let found = places.candidates(
            in: [record.name: record], ownName: TestNetwork.name(1), ownPort: PortNumber(rawValue: 6_000),
            connected: [TestNetwork.name(7)])
        #expect(found.map { "\($0.endpoint)" } == ["10.0.0.2:7000", "10.0.0.3:6000"])
    }

    @Test("of two connections to one peer both ends keep the same; a namesake never pushes out a healthy one")
    func duplicates() {
        func side(
            _ uid: UInt64, _ connection: UInt64, _ address: UInt32 = 1, settled: Bool = false
        ) -> DuplicateRule.Side {
            .init(
                remoteUID: uid, connectionUID: connection, remoteAddress: .v4(IPv4Address(rawValue: address)),
                isSettled: settled)
        }
        let verdict = DuplicateRule.verdict
        #expect(verdict(side(1, 5), side(1, 4)) == .replaceExisting)
        #expect(verdict(side(1, 5), side(1, 6, 2)) == .keepExisting)
        #expect(verdict(side(1, 5), side(1, 5)) == .closeBoth)
        #expect(verdict(side(1, 5, settled: true), side(1, 6)) == .replaceExisting)
        #expect(verdict(side(1, 5, settled: true), side(1, 5)) == .closeBoth)
        #expect(verdict(side(1, 5), side(2, 9)) == .replaceExisting)
        #expect(verdict(side(1, 5), side(2, 4, 2)) == .refuseNamesake)
        #expect(verdict(side(1, 5, settled: true), side(2, 4, 2)) == .refuseNamesake)
    }
}
