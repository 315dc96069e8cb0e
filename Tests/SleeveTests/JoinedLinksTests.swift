import Sleeve
import TestSupport
import Testing
import Wire

@Suite("Two links joined")
struct JoinedLinksTests {
    @Test("on a clean path both are established and verified after a few round trips", arguments: [false, true])
    func cleanPath(isSealed: Bool) {
        var pair = SimulatedPair(isSealed: isSealed)
        pair.confirm()
        pair.run(.milliseconds(10))
        for side in [SimulatedPair.Side.dialler, .acceptor] {
            let view = pair.view(side)
            #expect(view.state == .established)
            #expect(view.path.mtu == (isSealed ? 1_414 : 1_438) && view.path.maximumPayload == 1_472)
            #expect(view.path.isVerified && view.path.carriesFragments)
            #expect(view.roundTrip == .milliseconds(2))
        }
    }

    @Test("a jumbo path is verified at its size")
    func jumbo() {
        let path = SimulatedPair.Path(carries: 9_000, kernelLimit: 9_000)
        var pair = SimulatedPair(underlayMTU: 9_000, paths: [path, path])
        pair.confirm()
        pair.run(.milliseconds(10))
        #expect(pair.view(.dialler).path.mtu == 8_938 && pair.view(.dialler).path.isVerified)
    }

    @Test(
        "a path narrower than the floor is verified at the floor as soon as fragments arrive", arguments: [true, false])
    func narrow(carriesFragments: Bool) {
        let path = SimulatedPair.Path(carries: 576, kernelLimit: 576, carriesFragments: carriesFragments)
        var pair = SimulatedPair(underlayMTU: 576, paths: [path, path])
        pair.confirm()
        pair.run(.seconds(20))
        for side in [SimulatedPair.Side.dialler, .acceptor] {
            let found = pair.view(side).path
            #expect(found.mtu == 552 && found.maximumPayload == 548 && found.isVerified == carriesFragments)
        }
    }

    @Test("a path that swallows packets above 1,350 bytes ends at the recorded 1,288 within a second")
    func blackHole() throws {
        var pair = SimulatedPair(paths: [SimulatedPair.Path(), SimulatedPair.Path(carries: 1_350)])
        pair.confirm()
        pair.run(.seconds(5))
        #expect(pair.view(.acceptor).path.mtu == 1_288 && pair.view(.acceptor).path.isVerified)
        #expect(pair.view(.dialler).path.mtu == 1_438 && pair.view(.dialler).path.isVerified)
        let sizes = pair.sizes(.acceptor)
        let fell = try #require(sizes.first { $0.mtu == 552 })
        #expect(fell.at <= .milliseconds(160))
        let solved = try #require(sizes.last)
        #expect(solved.mtu == 1_288 && solved.at <= .seconds(1))
        // The host's interfaces follow verified sizes: none that the search passes may show.
        #expect(pair.verified(.acceptor) == [0, 1_288])
    }

    @Test("whatever a path carries is found exactly within a second", arguments: 1...60)
    func anyLimit(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let isSealed = seed % 2 == 0
        let overhead = SleeveLayout.overhead(isSealed: isSealed)
        let promised = [1_500, 1_500, 9_000][Int(seed % 3)]
        let carries = Int.random(in: (552 + overhead)...promised, using: &random)
        var path = SimulatedPair.Path(carries: carries, kernelLimit: promised)
        path.delay = .microseconds(Int.random(in: 50...20_000, using: &random))
        var pair = SimulatedPair(seed: seed, isSealed: isSealed, underlayMTU: promised, paths: [path, path])
        pair.confirm()
        pair.run(.seconds(2))
        for side in [SimulatedPair.Side.dialler, .acceptor] {
            #expect(pair.view(side).path.mtu == carries - overhead && pair.view(side).path.isVerified)
            let solved = try #require(pair.sizes(side).last)
            #expect(solved.at <= .milliseconds(1_100), "\(carries) bytes, \(path.delay)")
            #expect(pair.verified(side) == [0, carries - overhead])
        }
    }

    @Test(
        "a size other than the route's promise and the floor is used only after the remote confirmed it",
        arguments: 1...40)
    func neverUnconfirmed(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var path = SimulatedPair.Path(carries: Int.random(in: 300...1_500, using: &random))
        path.lossPercent = Int.random(in: 0...60, using: &random)
        var pair = SimulatedPair(seed: seed, paths: [path, path])
        pair.confirm()
        pair.run(.seconds(1_500))
        for side in 0..<2 {
            // What the other side has confirmed by then; answers travel after the effect, so this is no later.
            var changes = 0
            for (at, effect) in pair.effects[side] {
                guard case .setPath(let path) = effect else { continue }
                changes += 1
                guard path.mtu != 552, path.mtu != 1_438 || path.isVerified else { continue }
                let isConfirmed = pair.effects[1 - side].contains { entry in
                    entry.effect == .sendControl(.mtuVerified(size: path.mtu)) && entry.at < at
                }
                #expect(isConfirmed, "\(path.mtu) at \(at)")
            }
            #expect(changes > 0)
        }
    }

    @Test("with one datagram of ten lost the path's size is still found", arguments: 1...20)
    func loss(seed: UInt64) {
        var path = SimulatedPair.Path(carries: 1_400)
        path.lossPercent = 10
        var pair = SimulatedPair(seed: seed, paths: [path, path])
        pair.confirm()
        pair.run(.seconds(30))
        for side in [SimulatedPair.Side.dialler, .acceptor] {
            #expect(pair.view(side).state == .established)
            #expect(pair.view(side).path.mtu == 1_338 && pair.view(side).path.carriesFragments)
        }
    }

    @Test("a slow path keeps its size: the verdict waits for the first answer", arguments: [100, 300, 700, 1_600])
    func slowPath(milliseconds: Int) {
        var path = SimulatedPair.Path()
        path.delay = .milliseconds(milliseconds)
        var pair = SimulatedPair(paths: [path, path])
        pair.confirm()
        pair.run(.seconds(20))
        #expect(pair.sizes(.dialler).allSatisfy { $0.mtu == 1_438 } && pair.view(.dialler).path.isVerified)
        #expect(pair.view(.dialler).roundTrip == .milliseconds(2 * milliseconds))
    }

    @Test("an outage while sizes are tested costs seconds, not the ten minutes to the next climb", arguments: 0...40)
    func outageWhileTesting(step: Int) {
        for outage in [Duration.milliseconds(300), .seconds(4)] {
            for carries in [1_500, 1_400] {
                let path = SimulatedPair.Path(carries: carries)
                var pair = SimulatedPair(paths: [path, path])
                pair.confirm()
                // Established after 2 ms, and done after 650 on the narrower path.
                pair.run(.milliseconds(3 + 20 * step))
                pair.paths[0].lossPercent = 100
                pair.paths[1].lossPercent = 100
                pair.run(outage)
                pair.paths[0].lossPercent = 0
                pair.paths[1].lossPercent = 0
                pair.run(.seconds(12))
                for side in [SimulatedPair.Side.dialler, .acceptor] {
                    let found = pair.view(side).path
                    #expect(found.mtu == carries - 62 && found.isVerified, "\(outage), \(carries)")
                }
            }
        }
    }

    @Test("a path that shrinks later is noticed within a minute, and one that grows back within ten", arguments: 1...10)
    func changingPath(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let path = SimulatedPair.Path(delay: .microseconds(Int.random(in: 100...40_000, using: &random)))
        var pair = SimulatedPair(seed: seed, paths: [path, path])
        pair.confirm()
        pair.run(.milliseconds(Int.random(in: 1_000...100_000, using: &random)))
        pair.paths[0].carries = 1_400
        pair.run(.seconds(62))
        #expect(pair.view(.dialler).path.mtu == 1_338 && pair.view(.acceptor).path.mtu == 1_438)
        pair.paths[0].carries = 1_500
        pair.run(.seconds(602))
        #expect(pair.view(.dialler).path.mtu == 1_438 && pair.view(.dialler).path.isVerified)
    }

    @Test("climbing without success costs nothing: the size in use never falls")
    func fruitlessClimb() {
        var pair = SimulatedPair(paths: [SimulatedPair.Path(carries: 1_350), SimulatedPair.Path()])
        pair.confirm()
        pair.run(.seconds(2))
        let before = pair.sizes(.dialler).count
        pair.run(.seconds(1_300))
        #expect(pair.sizes(.dialler).count == before && pair.view(.dialler).path.mtu == 1_288)
    }

    @Test("a climb shows nothing before it is done: neither the sizes it passes nor a time without one")
    func climbInSilence() {
        var pair = SimulatedPair(paths: [SimulatedPair.Path(carries: 1_350), SimulatedPair.Path()])
        pair.confirm()
        pair.run(.seconds(2))
        pair.paths[0].carries = 1_420
        pair.run(.seconds(602))
        #expect(pair.verified(.dialler) == [0, 1_288, 1_358])
    }

    @Test("a promise that was too low, for instance one that the kernel had learnt before, is read again")
    func staleRoute() {
        var pair = SimulatedPair(underlayMTU: 1_400)
        pair.confirm()
        pair.run(.seconds(590))
        #expect(pair.view(.dialler).path.mtu == 1_338 && pair.view(.dialler).path.isVerified)
        // The one that accepted learnt its remote's address, and asked then.
        #expect(pair.view(.acceptor).path.mtu == 1_438 && pair.view(.acceptor).path.isVerified)
        pair.run(.seconds(12))
        #expect(pair.verified(.dialler) == [0, 1_338, 1_438])
    }

    @Test("a refusal by the kernel is believed at once, and tried again after ten minutes")
    func kernelLimit() {
        var pair = SimulatedPair()
        pair.confirm()
        pair.run(.seconds(1))
        pair.paths[0].kernelLimit = 1_400
        pair.give(.tooBig(pathMTU: 1_400), to: .dialler)
        pair.run(.milliseconds(10))
        #expect(pair.view(.dialler).path.mtu == 1_338 && pair.view(.dialler).path.isVerified)
        pair.run(.seconds(601))
        #expect(pair.view(.dialler).path.mtu == 1_338)
        pair.paths[0].kernelLimit = 1_500
        pair.run(.seconds(601))
        #expect(pair.view(.dialler).path.mtu == 1_438)
    }

    @Test("an outage is not taken for a path too narrow, and ends the link after 60 seconds")
    func outage() {
        var pair = SimulatedPair()
        pair.confirm()
        pair.run(.seconds(55))
        pair.paths[0].lossPercent = 100
        pair.paths[1].lossPercent = 100
        pair.run(.seconds(40))
        #expect(pair.view(.dialler).path.mtu == 1_438 && pair.view(.dialler).state == .established)
        pair.run(.seconds(25))
        #expect(pair.view(.dialler).state == .failed && pair.view(.acceptor).state == .failed)
    }

    @Test("fragments that stop arriving are noticed after a series of tests, and one lost test is not enough")
    func fragments() {
        var pair = SimulatedPair()
        pair.confirm()
        pair.run(.seconds(299))
        #expect(pair.view(.dialler).path.carriesFragments)
        // The next test, at 300 s, is lost; its first repetition is not.
        pair.paths[0].carriesFragments = false
        pair.run(.milliseconds(1_100))
        pair.paths[0].carriesFragments = true
        pair.run(.seconds(250))
        #expect(
            !pair.effects[0].contains { entry in
                if case .setPath(let path) = entry.effect {
                    entry.at > .seconds(1) && !path.carriesFragments
                } else {
                    false
                }
            })
        pair.paths[0].carriesFragments = false
        pair.run(.seconds(60))
        #expect(!pair.view(.dialler).path.carriesFragments && pair.view(.acceptor).path.carriesFragments)
    }

    @Test("a side whose address changes stays linked, and its new address is used")
    func roaming() throws {
        var pair = SimulatedPair()
        pair.confirm()
        pair.run(.seconds(5))
        let moved = try #require(Endpoint(text: "10.7.7.7:1024"))
        pair.sources[0] = moved
        pair.run(.seconds(100))
        #expect(pair.view(.acceptor).remote == moved && pair.view(.acceptor).state == .established)
        #expect(pair.view(.acceptor).path.isVerified && pair.view(.dialler).state == .established)
    }

    @Test("a fixed MTU is used whatever the path carries, and says whether it arrives", arguments: [1_500, 1_200])
    func fixed(carries: Int) {
        var pair = SimulatedPair(fixedMTU: 1_300, paths: [.init(carries: carries), .init(carries: carries)])
        pair.confirm()
        pair.run(.seconds(200))
        #expect(pair.view(.dialler).path.mtu == 1_300)
        #expect(pair.view(.dialler).path.maximumPayload == 1_334)
        #expect(pair.view(.dialler).path.isVerified == (carries == 1_500))
    }

    @Test("heartbeats go out quickly, then twice a second until one is confirmed, then every ten seconds")
    func heartbeats() {
        func times(_ pair: SimulatedPair) -> [Duration] {
            pair.effects[0].compactMap { $0.effect == .send(.heartbeat(connectionUID: 77)) ? $0.at : nil }
        }
        var pair = SimulatedPair()
        pair.give(.confirm, to: .dialler)
        pair.paths[0].lossPercent = 100
        pair.run(.milliseconds(1_900))
        #expect(times(pair) == [0, 20, 60, 140, 300, 620, 1_120, 1_620].map { .milliseconds($0) })
        pair.paths[0].lossPercent = 0
        pair.give(.confirm, to: .acceptor)
        pair.run(.seconds(30))
        #expect(
            times(pair).dropFirst(8) == [2_120, 12_122, 22_122].map { Duration.milliseconds($0) }[...])
    }
}
