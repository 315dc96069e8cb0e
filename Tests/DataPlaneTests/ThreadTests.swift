@testable import DataPlane
import Overlay
import PacketIO
import TestSupport
import Testing
import Wire

@Suite("the packet threads", .serialized)
struct ThreadTests {
    @Test("frames flow both ways while snapshots are published and slots come and go, and nothing is lost")
    func churn() async throws {
        let pair = try Pair(Pair.Options(isSealed: true))
        try pair.first.plane.start()
        try pair.second.plane.start()
        #expect(throws: DataPlaneError.alreadyStarted) { try pair.first.plane.start() }
        var sent = 0
        var received = 0
        for round in 0..<400 {
            let bytes = RandomFrames.datagram(bytes: 64 + round, round)
            if pair.first.port.write(ModelFrame(bytes: bytes)) { sent += 1 }
            if pair.second.port.write(ModelFrame(bytes: bytes)) { sent += 1 }
            pair.first.publish(
                unicast: [pair.second.name: pair.second.name], broadcast: [pair.first.name: [pair.second.name]])
            // A closed slot comes back only when no packet thread can see it any more, which may be after its batch.
            var extra: PeerSlot?
            try await eventually("a slot is free", every: .milliseconds(1)) {
                extra = try? pair.first.plane.openSlot(
                    SlotConfiguration(
                        remoteName: Host.name(7), sessionKey: (0..<32).map { UInt8($0) }, isOutbound: true))
                return extra != nil
            }
            if let extra { pair.first.plane.closeSlot(extra) }
            received += pair.first.port.readAll().count + pair.second.port.readAll().count
        }
        // Joined datagrams count as one frame: count what was captured and what left instead.
        try await eventually("both hosts received what was sent") {
            received += pair.first.port.readAll().count + pair.second.port.readAll().count
            let first = pair.first.plane, second = pair.second.plane
            return first.counters().value("frames-captured") + second.counters().value("frames-captured")
                == UInt64(sent)
                && first.counters().value("datagrams-sent") == second.counters().value("datagrams-received")
                && second.counters().value("datagrams-sent") == first.counters().value("datagrams-received")
        }
        #expect(sent == 800)
        #expect(received > 0)
        for host in [pair.first, pair.second] {
            for entry in host.plane.counters().named where entry.name.hasPrefix("dropped-") {
                #expect(entry.value == 0, Comment(rawValue: entry.name))
            }
        }
        pair.first.plane.stop()
        pair.second.plane.stop()
        // It can be started again.
        try pair.first.plane.start()
        pair.first.plane.stop()
    }

    @Test("losing the port is reported once, and the threads still end")
    func captureEnds() async throws {
        let port = StandInPort()
        let news = Host.NewsLog()
        let plane = try DataPlane(
            DataPlaneConfiguration(ownName: Host.name(1), bindAddress: .loopback, port: .init(rawValue: 0)),
            on: port.port()
        ) { news.append($0) }
        try plane.start()
        port.hangUp()
        try await eventually("the end of capture is reported") { news.all.count == 1 }
        guard case .captureFailed? = news.all.first else {
            Issue.record("other news")
            return
        }
        plane.stop()
        #expect(news.all.count == 1)
    }

    @Test("a window's busy share is what was not slept")
    func meter() {
        var meter = LoadMeter(windowNanoseconds: 1_000, now: 0)
        #expect(meter.slept(from: 100, to: 200) == nil)
        #expect(meter.slept(from: 700, to: 1_000) == 60)
        #expect(meter.slept(from: 1_100, to: 2_100) == 9)
    }
}
