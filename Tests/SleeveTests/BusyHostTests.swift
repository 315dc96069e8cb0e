import Sleeve
import Testing
import Wire

/// A link whose host is busy: its timers come late, and several of them are due at once.
@Suite("Busy hosts")
struct BusyHostTests {
    private let remote = Endpoint(.v4(IPv4Address(rawValue: 0x0a00_0002)), .mesh)
    private let start = MonotonicInstant(nanoseconds: 0)

    /// A link that has just been established, with the answers to its small tests; the one of 1,438 bytes got lost.
    private func establishedLink() -> SleeveLink {
        var link = SleeveLink(
            parameters: SleeveParameters(
                connectionUID: 7, isOutbound: true, remote: remote, isSealed: false, underlayMTU: 1_500),
            at: start)
        for event in [.confirm, .heartbeat(connectionUID: 7, from: remote), .control(.established)] as [SleeveEvent] {
            _ = link.handle(event, at: start)
        }
        for size in [60, 64] { _ = link.handle(.control(.mtuVerified(size: size)), at: start + .milliseconds(1)) }
        return link
    }

    /// Gives the link every timer that is due at `now`, as a loop does that comes to them late.
    private func catchUp(_ link: inout SleeveLink, at now: MonotonicInstant) -> [SleeveEffect] {
        var all: [SleeveEffect] = []
        var due = true
        while due {
            let effects = link.handle(.timer, at: now)
            due = effects.contains { if case .wake(let instant) = $0 { instant <= now } else { false } }
            all += effects
        }
        return all
    }

    @Test("a size is not lost before its tests went out, however late they do", arguments: [20, 150, 400, 5_000])
    func lateTests(milliseconds: Int) {
        var link = establishedLink()
        let late = start + .milliseconds(milliseconds)
        let effects = catchUp(&link, at: late)
        #expect(effects.count { $0 == .send(.mtuTest(size: 1_438)) } == 1, "what is due at once is one test")
        #expect(link.view.path.mtu == 1_438 && !link.view.path.isVerified)
        _ = link.handle(.control(.mtuVerified(size: 1_438)), at: late + .milliseconds(2))
        #expect(link.view.path.mtu == 1_438 && link.view.path.isVerified)
    }

    @Test("a size whose tests all went out late is given up as long after the last one as if they had been on time")
    func lateVerdict() {
        var link = establishedLink()
        // The second goes out 390 ms late; the third and fourth follow after 20 and 40 ms, the verdict 80 ms later.
        for milliseconds in [400, 420, 460, 539] {
            _ = catchUp(&link, at: start + .milliseconds(milliseconds))
            #expect(link.view.path.mtu == 1_438)
        }
        _ = catchUp(&link, at: start + .milliseconds(540))
        #expect(link.view.path.mtu == 552)
    }
}
