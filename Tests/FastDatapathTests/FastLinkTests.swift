import FastDatapath
import Testing
import Wire

@Suite("Heartbeats of the fast datapath")
struct FastLinkTests {
    @Test("a heartbeat is zeros, the connection's UID, its length, what was heard, and zeros")
    func layout() throws {
        let heartbeat = FastHeartbeat(connectionUID: 0x0102_0304_0506_0708, length: 1_390, heard: 1_464)
        let bytes = heartbeat.bytes
        #expect(bytes.count == 1_390)
        #expect(Array(bytes.prefix(14)) == [UInt8](repeating: 0, count: 14))
        #expect(Array(bytes[14..<26]) == [1, 2, 3, 4, 5, 6, 7, 8, 0x05, 0x6e, 0x05, 0xb8])
        #expect(bytes[26...].allSatisfy { $0 == 0 })
        #expect(FastHeartbeat(bytes) == heartbeat)
    }

    @Test("a frame that is shorter than it says is none, nor one with addresses")
    func refused() {
        var bytes = FastHeartbeat(connectionUID: 7, length: 100, heard: 0).bytes
        #expect(FastHeartbeat(bytes.dropLast()) == nil)
        #expect(FastHeartbeat(Array(bytes.prefix(23))) == nil)
        bytes[3] = 1
        #expect(FastHeartbeat(bytes) == nil)
    }

    /// Two ends with a path between them that carries frames of so many bytes of inner IP.
    private struct Pair {
        var ends: [FastLink]
        var now = MonotonicInstant(nanoseconds: 0)
        /// Largest inner packet from the first to the second, and back; nil: the path is cut.
        var sizes: [Int?]
        var news: [[FastLinkEffect]] = [[], []]

        init(echoes: Bool, sizes: [Int?], underlay: Int = 1_500) {
            ends = [IPv4Address(rawValue: 1), IPv4Address(rawValue: 2)].enumerated().map { index, local in
                FastLink(
                    parameters: FastLinkParameters(
                        connectionUID: 77,
                        ends: TunnelEnds(
                            local: local, remote: IPv4Address(rawValue: UInt32(2 - index)),
                            port: PortNumber(rawValue: 6_784)),
                        echoes: echoes, sizes: FastLinkParameters.sizes(underlayMTU: underlay, echoes: echoes)))
            }
            self.sizes = sizes
        }

        mutating func tell(_ index: Int, _ event: FastLinkEvent) {
            for effect in ends[index].handle(event, at: now) {
                switch effect {
                case .send(let heartbeat):
                    guard let size = sizes[index], heartbeat.length - 14 <= size else { continue }
                    tell(1 - index, .heartbeat(heartbeat, from: IPv4Address(rawValue: UInt32(index + 1))))
                case .acknowledge: tell(1 - index, .acknowledged)
                case .works, .silent, .failed: news[index].append(effect)
                case .setRemote, .wake: break
                }
            }
        }

        /// Lets half seconds pass; both ends are called at each.
        mutating func pass(halfSeconds: Int) {
            for _ in 0..<halfSeconds {
                now = now + .milliseconds(500)
                for index in 0...1 { tell(index, .timer) }
            }
        }
    }

    @Test("between weft peers the largest size that passes is found", arguments: [1_450, 1_364, 1_230, 526])
    func sizes(carried: Int) {
        var pair = Pair(echoes: true, sizes: [carried, carried])
        pair.tell(0, .confirm)
        pair.tell(1, .confirm)
        pair.pass(halfSeconds: 3)
        #expect(pair.news[0] == [.works(mtu: carried)])
        #expect(pair.news[1] == [.works(mtu: carried)])
    }

    @Test("a path that is cut one way is given up on both sides within three seconds, and found again")
    func oneWay() {
        var pair = Pair(echoes: true, sizes: [1_450, 1_450])
        pair.tell(0, .confirm)
        pair.tell(1, .confirm)
        pair.pass(halfSeconds: 10)
        pair.sizes[0] = nil
        pair.pass(halfSeconds: 6)
        #expect(pair.ends.allSatisfy { $0.verifiedMTU == nil })
        pair.sizes[0] = 1_450
        pair.pass(halfSeconds: 4)
        #expect(pair.ends.allSatisfy { $0.verifiedMTU == 1_450 })
    }

    @Test("a path that becomes narrower is used with the smaller size")
    func narrower() {
        var pair = Pair(echoes: true, sizes: [1_450, 1_450])
        pair.tell(0, .confirm)
        pair.tell(1, .confirm)
        pair.pass(halfSeconds: 10)
        pair.sizes = [1_364, 1_364]
        pair.pass(halfSeconds: 12)
        #expect(pair.ends.allSatisfy { $0.verifiedMTU == 1_364 })
    }

    @Test("with a peer that does not echo the usual size is proven, and a minute of silence ends it")
    func withoutEchoes() {
        var pair = Pair(echoes: false, sizes: [1_450, 1_450])
        pair.tell(0, .confirm)
        pair.tell(1, .confirm)
        pair.pass(halfSeconds: 2)
        #expect(pair.news[0] == [.works(mtu: TunnelLayout.usualMTU)])
        pair.sizes = [nil, nil]
        pair.pass(halfSeconds: 110)
        #expect(pair.news[0].count == 1)
        pair.pass(halfSeconds: 40)
        #expect(pair.news[0].count == 2)
        #expect(pair.ends[0].verifiedMTU == nil)
        pair.sizes = [1_450, 1_450]
        pair.pass(halfSeconds: 40)
        #expect(pair.ends[0].verifiedMTU == TunnelLayout.usualMTU)
    }

    @Test("with a peer that does not echo a path that is too narrow is never used")
    func tooNarrow() {
        var pair = Pair(echoes: false, sizes: [1_364, 1_364])
        pair.tell(0, .confirm)
        pair.tell(1, .confirm)
        pair.pass(halfSeconds: 20)
        #expect(pair.news[0].isEmpty)
    }

    @Test("a heartbeat of another connection is no sign of life")
    func foreign() {
        var pair = Pair(echoes: true, sizes: [nil, nil])
        pair.tell(0, .confirm)
        let effects = pair.ends[0].handle(
            .heartbeat(FastHeartbeat(connectionUID: 78, length: 1_390, heard: 1_390), from: IPv4Address(rawValue: 2)),
            at: pair.now)
        #expect(effects.isEmpty)
        #expect(pair.ends[0].lastHeartbeat == nil)
    }
}
