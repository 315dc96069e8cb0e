import Sleeve
import TestSupport
import Testing
import Wire

/// Two links of weft, which probe a silent path.
@Suite("Silence between weft peers")
struct SilenceTests {
    private func pair(seed: UInt64 = 1, losing percent: Int = 0, noting: Bool = false) -> SimulatedPair {
        var pair = SimulatedPair(seed: seed, probesSilence: true)
        pair.notesHeartbeats = noting
        pair.confirm()
        pair.run(.seconds(3))
        pair.paths[0].lossPercent = percent
        pair.paths[1].lossPercent = percent
        return pair
    }

    /// Frames of the acceptor reach the dialler for a while, ten every 100 ms, while its heartbeats are lost.
    private func carry(_ pair: inout SimulatedPair, for tenths: Int) {
        pair.paths[1].lossPercent = 100
        for _ in 0..<tenths {
            pair.traffic[0] += 10
            pair.run(.milliseconds(100))
        }
    }

    private func sent(_ special: SleeveSpecial, by side: SimulatedPair.Side, in pair: SimulatedPair) -> Int {
        pair.effects[side.rawValue].count { $0.effect == .send(special) }
    }

    @Test("a cut path is given up by both sides within 2.4 s", arguments: [0, 100, 550, 990], [false, true])
    func cut(milliseconds: Int, noting: Bool) {
        var pair = pair(noting: noting)
        pair.run(.milliseconds(milliseconds))
        pair.paths[0].lossPercent = 100
        pair.paths[1].lossPercent = 100
        pair.run(.milliseconds(1_000))
        #expect(pair.view(.dialler).state == .established && pair.view(.acceptor).state == .established)
        pair.run(.milliseconds(1_400))
        #expect(pair.view(.dialler).state == .failed && pair.view(.acceptor).state == .failed)
        #expect(
            pair.effects[0].last?.effect
                == .failed(reason: "nothing came over UDP for 2.2 seconds, although it was called"))
    }

    @Test("where only one direction is cut, the side that hears nothing gives up")
    func oneWay() {
        var pair = pair()
        pair.paths[0].lossPercent = 100
        pair.run(.milliseconds(2_400))
        #expect(pair.view(.acceptor).state == .failed && pair.view(.dialler).state == .established)
    }

    @Test("a link that loses a quarter of all datagrams stays up for an hour", arguments: 1...5 as ClosedRange<UInt64>)
    func lossy(seed: UInt64) {
        var pair = pair(seed: seed, losing: 25)
        pair.run(.seconds(3_600))
        #expect(pair.view(.dialler).state == .established && pair.view(.acceptor).state == .established)
        #expect(sent(.call(connectionUID: 77), by: .dialler, in: pair) > 0)
    }

    @Test("a healthy link has one heartbeat a second each way, and calls nobody", arguments: [false, true])
    func quiet(noting: Bool) {
        var pair = pair(noting: noting)
        let before = sent(.heartbeat(connectionUID: 77), by: .dialler, in: pair)
        pair.run(.seconds(100))
        #expect(sent(.heartbeat(connectionUID: 77), by: .dialler, in: pair) - before == 100)
        #expect(sent(.call(connectionUID: 77), by: .dialler, in: pair) == 0)
    }

    @Test("datagrams that come keep a link whose heartbeats are lost, for a minute")
    func traffic() {
        var pair = pair()
        carry(&pair, for: 580)
        #expect(pair.view(.dialler).state == .established)
        carry(&pair, for: 50)
        #expect(pair.view(.dialler).state == .failed)
    }

    @Test("when the datagrams end as well, the link is given up within 2.4 s")
    func trafficEnds() {
        var pair = pair()
        carry(&pair, for: 100)
        pair.run(.milliseconds(2_400))
        #expect(pair.view(.dialler).state == .failed)
    }

    @Test("a host that was busy for a minute blames nobody before it has called")
    func busyHost() throws {
        let remote = try #require(Endpoint(text: "10.0.0.2:6783"))
        let heartbeat = SleeveEvent.heartbeat(connectionUID: 7, from: remote)
        var link = SleeveLink(
            parameters: SleeveParameters(
                connectionUID: 7, isOutbound: true, remote: remote, isSealed: false, underlayMTU: 1_500,
                probesSilence: true),
            at: MonotonicInstant(nanoseconds: 0))
        for event in [.confirm, heartbeat, .control(.established)] as [SleeveEvent] {
            _ = link.handle(event, at: MonotonicInstant(nanoseconds: 0))
        }
        let late = MonotonicInstant(nanoseconds: 50_000_000_000)
        let effects = link.handle(.timer, at: late)
        #expect(effects.contains(.readTraffic))
        #expect(
            link.handle(.traffic(datagrams: 0, lastHeartbeat: nil), at: late).contains(.send(.call(connectionUID: 7))))
        _ = link.handle(heartbeat, at: late + .milliseconds(1))
        #expect(link.view.state == .established)
    }

    @Test("a call is answered by a heartbeat at once, and is one itself")
    func call() {
        var pair = pair()
        let before = sent(.heartbeat(connectionUID: 77), by: .acceptor, in: pair)
        pair.give(.call(connectionUID: 77, from: pair.sources[0]), to: .acceptor)
        #expect(sent(.heartbeat(connectionUID: 77), by: .acceptor, in: pair) == before + 1)
        #expect(pair.view(.acceptor).lastHeartbeat == pair.now)
        pair.give(.call(connectionUID: 1, from: pair.sources[0]), to: .acceptor)
        #expect(sent(.heartbeat(connectionUID: 77), by: .acceptor, in: pair) == before + 1)
    }
}
