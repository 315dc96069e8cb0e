import Sleeve
import Testing
import Wire

private let start = MonotonicInstant(nanoseconds: 0)
private let uid: UInt64 = 0xfeed

@Suite("A link, state by state")
struct SleeveLinkTableTests {
    private let remote: Endpoint
    private let elsewhere: Endpoint

    init() throws {
        remote = try #require(Endpoint(text: "10.0.0.2:6783"))
        elsewhere = try #require(Endpoint(text: "10.0.0.9:40000"))
    }

    private func link(isOutbound: Bool, after events: [SleeveEvent] = []) -> SleeveLink {
        var link = SleeveLink(
            parameters: SleeveParameters(
                connectionUID: uid, isOutbound: isOutbound, remote: remote, isSealed: false, underlayMTU: 1_500),
            at: start)
        for event in events { _ = link.handle(event, at: start) }
        return link
    }

    private func established() -> SleeveLink {
        link(isOutbound: true, after: [.confirm, .heartbeat(connectionUID: uid, from: remote), .control(.established)])
    }

    private func failed() -> SleeveLink {
        var link = link(isOutbound: true, after: [.confirm])
        _ = link.handle(.timer, at: start + .seconds(60))
        return link
    }

    private var everyEvent: [SleeveEvent] {
        [
            .confirm, .heartbeat(connectionUID: uid, from: remote), .heartbeat(connectionUID: 1, from: elsewhere),
            .call(connectionUID: uid, from: remote), .traffic(datagrams: 1, lastHeartbeat: nil),
            .fragmentationTest(intact: true), .fragmentationTest(intact: false), .mtuTest(size: 1_438),
            .control(.established), .control(.fragmentsArrive), .control(.mtuVerified(size: 1_438)),
            .tooBig(pathMTU: 1_400), .route(mtu: 1_400), .timer,
        ]
    }

    /// What an event does, without the time to wake.
    private func outcome(_ event: SleeveEvent, of link: SleeveLink, at now: MonotonicInstant = start) -> [SleeveEffect]
    {
        var link = link
        return link.handle(event, at: now).filter { if case .wake = $0 { false } else { true } }
    }

    private func path(_ mtu: Int, verified: Bool, fragments: Bool = false) -> SleevePath {
        SleevePath(mtu: mtu, maximumPayload: mtu + 34, carriesFragments: fragments, isVerified: verified)
    }

    @Test("a prepared link does nothing until it is confirmed")
    func prepared() {
        for event in everyEvent where event != .confirm {
            #expect(outcome(event, of: link(isOutbound: true)).isEmpty, "\(event)")
        }
        #expect(link(isOutbound: true).view.state == .prepared)
    }

    @Test("confirmed, a dialler sends at once, and an acceptor waits for the remote's address")
    func confirm() {
        #expect(
            outcome(.confirm, of: link(isOutbound: true)) == [
                .register, .setRemote(remote), .setPath(path(1_438, verified: false)),
                .send(.heartbeat(connectionUID: uid)),
            ])
        #expect(
            outcome(.confirm, of: link(isOutbound: false)) == [.register, .setPath(path(1_438, verified: false))])
        #expect(link(isOutbound: false, after: [.confirm]).view.remote == nil)
    }

    @Test("an acceptor learns the address from the first heartbeat, says that it came, and sends its own")
    func firstHeartbeat() {
        let accepting = link(isOutbound: false, after: [.confirm])
        #expect(
            outcome(.heartbeat(connectionUID: uid, from: elsewhere), of: accepting) == [
                .setRemote(elsewhere), .readRoute, .sendControl(.established), .send(.heartbeat(connectionUID: uid)),
            ])
    }

    @Test("only the first heartbeat is confirmed, and those of another connection are nothing")
    func laterHeartbeats() {
        let heard = link(isOutbound: true, after: [.confirm, .heartbeat(connectionUID: uid, from: remote)])
        #expect(outcome(.heartbeat(connectionUID: uid, from: remote), of: heard).isEmpty)
        #expect(outcome(.heartbeat(connectionUID: 1, from: elsewhere), of: heard).isEmpty)
    }

    @Test("a confirmed link answers tests, and takes no answer to what it has not asked")
    func confirmed() {
        let confirmed = link(isOutbound: true, after: [.confirm])
        let outcomes: [(SleeveEvent, [SleeveEffect])] = [
            (.confirm, []),
            (.fragmentationTest(intact: true), [.sendControl(.fragmentsArrive)]),
            (.fragmentationTest(intact: false), []),
            (.mtuTest(size: 1_438), [.sendControl(.mtuVerified(size: 1_438))]),
            (.mtuTest(size: 59_986), [.sendControl(.mtuVerified(size: 59_986))]),
            (.mtuTest(size: -1), []),
            (.mtuTest(size: 65_522), []),
            (.control(.fragmentsArrive), []),
            (.control(.mtuVerified(size: 1_438)), []),
            (.tooBig(pathMTU: 1_400), [.setPath(path(1_338, verified: false))]),
            (.route(mtu: 1_400), [.setPath(path(1_338, verified: false))]),
            (.route(mtu: 9_000), []),
            (.timer, []),
        ]
        for (event, effects) in outcomes { #expect(outcome(event, of: confirmed) == effects, "\(event)") }
    }

    @Test("tag 1 establishes the link once, and starts the tests; repeats are nothing")
    func establish() {
        let tests: [SleeveEffect] = [
            .established, .send(.mtuTest(size: 64)), .send(.mtuTest(size: 60)), .send(.mtuTest(size: 1_438)),
            .send(.fragmentationTest),
        ]
        let heartbeat = SleeveEvent.heartbeat(connectionUID: uid, from: remote)
        let heard = link(isOutbound: true, after: [.confirm, heartbeat])
        #expect(outcome(.control(.established), of: heard) == tests)
        let confirmed = link(isOutbound: true, after: [.confirm, .control(.established)])
        #expect(confirmed.view.state == .confirmed, "nothing has been heard of the remote over UDP")
        #expect(outcome(heartbeat, of: confirmed) == [.sendControl(.established)] + tests)
        #expect(outcome(.control(.established), of: established()).isEmpty)
        #expect(outcome(.confirm, of: established()).isEmpty)
    }

    @Test("tag 1 is ignored while no heartbeat has gone out")
    func tooEarly() {
        #expect(outcome(.control(.established), of: link(isOutbound: false, after: [.confirm])).isEmpty)
    }

    @Test("an established link takes the answers to its tests, and no others")
    func answers() {
        let link = established()
        #expect(
            outcome(.control(.mtuVerified(size: 1_438)), of: link) == [.setPath(path(1_438, verified: true))])
        #expect(
            outcome(.control(.fragmentsArrive), of: link)
                == [.setPath(path(1_438, verified: false, fragments: true))])
        for size in [0, 65, 552, 1_437, 1_439, 8_938, 59_986, 65_535] {
            #expect(outcome(.control(.mtuVerified(size: size)), of: link).isEmpty, "\(size)")
        }
        #expect(outcome(.mtuTest(size: 700), of: link) == [.sendControl(.mtuVerified(size: 700))])
        #expect(outcome(.fragmentationTest(intact: true), of: link) == [.sendControl(.fragmentsArrive)])
    }

    @Test("a new address on a valid heartbeat is adopted, and its path is tested")
    func roaming() {
        #expect(
            outcome(.heartbeat(connectionUID: uid, from: elsewhere), of: established()) == [
                .setRemote(elsewhere), .readRoute, .send(.mtuTest(size: 65)),
                .send(.mtuTest(size: 60)), .send(.mtuTest(size: 1_438)), .send(.fragmentationTest),
            ])
    }

    @Test("what the kernel refuses becomes the bound at once")
    func tooBig() {
        #expect(
            outcome(.tooBig(pathMTU: 1_400), of: established()) == [
                .send(.mtuTest(size: 60)), .send(.mtuTest(size: 1_338)), .setPath(path(1_338, verified: false)),
            ])
        #expect(outcome(.tooBig(pathMTU: 1_500), of: established()).isEmpty)
        #expect(outcome(.tooBig(pathMTU: 9_000), of: established()).isEmpty)
        #expect(
            outcome(.tooBig(pathMTU: 300), of: established()) == [
                .setPath(
                    SleevePath(mtu: 552, maximumPayload: 272, carriesFragments: false, isVerified: false))
            ])
        #expect(
            outcome(.tooBig(pathMTU: .min), of: established()) == [
                .setPath(
                    SleevePath(mtu: 552, maximumPayload: 100, carriesFragments: false, isVerified: false))
            ])
    }

    @Test("a route that promises more than before is tested, not believed; one that promises less is")
    func route() {
        #expect(
            outcome(.route(mtu: 9_000), of: established())
                == [.send(.mtuTest(size: 60)), .send(.mtuTest(size: 8_938))])
        #expect(outcome(.route(mtu: 1_500), of: established()).isEmpty)
        #expect(
            outcome(.route(mtu: 1_400), of: established()) == [
                .send(.mtuTest(size: 60)), .send(.mtuTest(size: 1_338)), .setPath(path(1_338, verified: false)),
            ])
    }

    @Test("60 seconds of silence end the link, with a reason, and a failed link does nothing any more")
    func silence() {
        for silent in [link(isOutbound: true, after: [.confirm]), established()] {
            let before = outcome(.timer, of: silent, at: start + .milliseconds(59_999))
            #expect(!before.contains { if case .failed = $0 { true } else { false } })
            let after = outcome(.timer, of: silent, at: start + .seconds(60))
            #expect(
                after == [
                    .failed(
                        reason: silent.view.state == .confirmed
                            ? "no heartbeat came over UDP within 60.0 seconds: is UDP to our port let through?"
                            : "no heartbeat came over UDP for 60.0 seconds")
                ])
        }
        #expect(failed().view.state == .failed)
        for event in everyEvent {
            var link = failed()
            #expect(link.handle(event, at: start + .seconds(61)).isEmpty, "\(event)")
        }
    }

    @Test("paths narrower than the floor keep an MTU of 552, and larger datagrams leave without DF")
    func narrowUnderlay() {
        let link = SleeveLink(
            parameters: SleeveParameters(
                connectionUID: uid, isOutbound: true, remote: remote, isSealed: true, underlayMTU: 576),
            at: start)
        #expect(
            link.view.path
                == SleevePath(mtu: 552, maximumPayload: 548, carriesFragments: false, isVerified: false))
    }
}
