@testable import DataPlane
import PacketIO
import Synchronization
import TestSupport
import Testing
import Wire

@Suite("trouble with the bridge's port", .serialized)
struct CaptureTests {
    @Test("only a device that is gone ends capture: anything else costs a frame or a pause")
    func table() {
        let outcomes: [(CInt, CaptureTrouble)] = [
            (4, .interrupted), (11, .empty), (90, .frameLost), (22, .frameLost), (12, .frameLost), (105, .frameLost),
            (100, .down), (19, .ended), (77, .ended), (9, .ended), (5, .ended),
        ]
        for (errno, trouble) in outcomes { #expect(CaptureTrouble(errno) == trouble, "\(errno)") }
    }

    /// A plane that captures on one end of a veth, and a port on the other.
    private final class Cable: Sendable {
        let plane: DataPlane
        private let end: FramePort
        private let frame: MappedMemory
        private let list: MappedMemory
        let news = Host.NewsLog()

        init() throws {
            let news = news
            plane = try DataPlane(
                DataPlaneConfiguration(
                    ownName: Host.name(1), fallbackInterface: "weft-a", port: PortNumber(rawValue: 0),
                    disabled: [.tap])
            ) { news.append($0) }
            end = try FramePort(packetSocketOn: "weft-b")
            frame = try MappedMemory(count: 100)
            list = try MappedMemory(count: 16)
            frame.bytes.write([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x90], at: 10)
        }

        /// Sends a frame to the plane's end.
        func send() {
            let pieces = GatherList(list.bytes)
            pieces.set(0, frame.bytes, 0, 100)
            _ = end.channel.write(pieces, count: 1)
        }

        var captured: UInt64 { plane.counters().value("frames-captured") }
    }

    @Test("an interface that goes down and up again is captured on as before; one that is removed ends capture")
    func downAndUp() async throws {
        let made = Mutex<Cable?>(nil)
        let namespace = try PrivateNamespace {
            try PrivateNamespace.run("ip link add weft-a type veth peer name weft-b")
            try PrivateNamespace.run("ip link set weft-a up && ip link set weft-b up")
            let cable = try Cable()
            made.withLock { $0 = cable }
        }
        let cable = try #require(made.withLock { $0 })
        try cable.plane.start()
        defer { cable.plane.stop() }
        try await eventually("frames are captured") {
            cable.send()
            return cable.captured > 10
        }
        for _ in 0..<3 {
            try namespace.run("ip link set weft-a down")
            try namespace.run("ip link set weft-a up")
            let before = cable.captured
            try await eventually("frames are captured again") {
                cable.send()
                return cable.captured > before + 10
            }
        }
        #expect(cable.news.all.isEmpty)
        try namespace.run("ip link del weft-a")
        try await eventually("the end of capture is reported") { cable.news.all.count == 1 }
        guard case .captureFailed? = cable.news.all.first else {
            Issue.record("other news")
            return
        }
    }

    @Test("the segments of a super-frame that the port refuses are written one by one, and the next is tried again")
    func refusedSuperFrame() throws {
        let pair = try Pair(Pair.Options(underlayMTU: 9_000))
        pair.second.port.refuseSuperFrames()
        var frame = ModelFrame(bytes: RandomFrames.datagram(bytes: 2 * 6_100, 3))
        frame.leaveUnfinished()
        frame.kind = 5
        frame.segmentBytes = 6_100
        for _ in 0..<2 {
            #expect(pair.first.port.write(frame))
            pair.carry()
            let got = pair.second.port.readAll().map(\.bytes)
            #expect(got == frame.segments(), "\(got.map(\.count))")
        }
        #expect(pair.second.dropped("inject-failed") == 0)
        #expect(pair.second.plane.counters().value("super-frames-injected") == 0)
    }

    @Test("SCTP's unfinished checksum becomes its CRC, not a sum")
    func sctp() throws {
        let memory = try MappedMemory(count: 64)
        memory.bytes.write(Array("123456789".utf8))
        #expect(UnfinishedChecksum.crc32c(memory.bytes.slice(0, 9)) == 0xe306_9283)

        // An SCTP packet with a COOKIE ACK chunk.
        let packet: [UInt8] = [0x13, 0x88, 0x13, 0x89, 1, 2, 3, 4, 0, 0, 0, 0, 11, 0, 0, 4]
        var frame = ModelFrame(
            bytes: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 9, 8, 0]
                + [0x45, 0, 0, 36, 0, 1, 0x40, 0, 64, 132, 0, 0, 10, 32, 0, 1, 10, 32, 0, 2] + packet)
        frame.finishNetwork()
        var expected = frame.bytes
        memory.bytes.write(packet)
        let sum = UnfinishedChecksum.crc32c(memory.bytes.slice(0, 16))
        for byte in 0..<4 { expected[34 + 8 + byte] = UInt8(truncatingIfNeeded: sum >> (8 * byte)) }
        frame.unfinishedAt = 34
        frame.unfinishedField = 8
        let pair = try Pair()
        #expect(pair.first.port.write(frame))
        pair.carry()
        #expect(pair.second.port.readAll().map(\.bytes) == [expected])
    }
}
