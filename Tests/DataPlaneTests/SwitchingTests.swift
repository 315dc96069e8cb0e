@testable import DataPlane
import Overlay
import PacketIO
import Sleeve
import TestSupport
import Testing
import Wire

@Suite("local switching and relaying")
struct SwitchingTests {
    private static let everybody = [UInt8](repeating: 0xff, count: 6)

    private func mac(_ number: UInt8) -> [UInt8] { [2, 0, 0, 0, 0xc0, number] }

    /// A small frame of a made-up type.
    private func frame(from source: UInt8, to destination: [UInt8], _ salt: UInt8 = 0) -> ModelFrame {
        ModelFrame(bytes: destination + mac(source) + [0x90, 0, salt, 1, 2, 3])
    }

    @Test("unknown destinations and groups are flooded, known ones go to their peer, local ones stay")
    func learning() throws {
        let pair = try Pair()
        let flooded = frame(from: 1, to: mac(2))
        #expect(pair.first.port.write(flooded))
        pair.carry()
        #expect(pair.second.port.readAll() == [flooded])
        // Both know now where 1 is.
        let answer = frame(from: 2, to: mac(1))
        #expect(pair.second.port.write(answer))
        pair.carry()
        #expect(pair.first.port.readAll() == [answer])
        #expect(
            Set(pair.first.plane.addresses().map { "\($0.address) \($0.peer)" }) == [
                "02:00:00:00:c0:01 \(pair.first.name)", "02:00:00:00:c0:02 \(pair.second.name)",
            ])
        // A bridge that floods a frame for a local container shows it to us too.
        #expect(pair.first.port.write(frame(from: 3, to: mac(1))))
        pair.carry()
        #expect(pair.second.port.readAll() == [])
        #expect(pair.first.dropped("local") == 1)
    }

    @Test("a container that moved here is reachable after its first frame")
    func moved() throws {
        let pair = try Pair()
        #expect(pair.second.port.write(frame(from: 1, to: Self.everybody)))
        pair.carry()
        _ = pair.first.port.readAll()
        // It moves from the second host to the first and speaks.
        #expect(pair.first.port.write(frame(from: 1, to: Self.everybody)))
        pair.carry()
        _ = pair.second.port.readAll()
        let toIt = frame(from: 9, to: mac(1))
        #expect(pair.second.port.write(toIt))
        pair.carry()
        #expect(pair.first.port.readAll() == [toIt])
        #expect(pair.first.plane.counters().value("addresses-moved") == 1)
        #expect(pair.second.plane.counters().value("addresses-moved") == 1)
    }

    @Test("frames that must not leave are dropped and counted")
    func refused() throws {
        let pair = try Pair()
        let bad: [[UInt8]] = [
            // Spanning tree.
            [0x01, 0x80, 0xc2, 0, 0, 0] + mac(1) + [0, 38] + [UInt8](repeating: 0, count: 38),
            // Would be taken for a special frame.
            [UInt8](repeating: 0, count: 22),
            // A group as the source.
            mac(2) + Self.everybody + [0x90, 0, 1],
        ]
        for bytes in bad { #expect(pair.first.port.write(ModelFrame(bytes: bytes))) }
        #expect(pair.first.port.write(encoded: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]))
        pair.carry()
        #expect(pair.second.port.readAll() == [])
        #expect(pair.first.dropped("link-local") == 1)
        #expect(pair.first.dropped("malformed") == 3)
    }

    @Test("super-frames with headers that contradict their length are dropped, never read beyond")
    func hostileHeaders() throws {
        let pair = try Pair()
        var random = SeededGenerator(seed: 3)
        var frames = RandomFrames(random: SeededGenerator(seed: 4), mtu: 1_400, destination: mac(2))
        for _ in 0..<1_500 {
            for frame in frames.next() {
                var bytes = frame.encoded
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    bytes[Int.random(in: 0..<min(bytes.count, 80), using: &random)] = UInt8.random(
                        in: 0...255, using: &random)
                }
                bytes = Array(bytes.prefix(Int.random(in: 1...bytes.count, using: &random)))
                _ = pair.first.port.write(encoded: bytes)
            }
            pair.carry()
            _ = pair.second.port.readAll()
        }
        #expect(pair.first.dropped("malformed") > 0)
        #expect(pair.first.plane.counters().value("datagrams-sent") > 0)
    }

    @Test("ten minutes without a frame and an address is forgotten; a peer that left takes its addresses along")
    func ageing() throws {
        let pair = try Pair()
        #expect(pair.first.port.write(frame(from: 1, to: Self.everybody)))
        #expect(pair.second.port.write(frame(from: 2, to: Self.everybody)))
        _ = pair.first.carry(at: 1_000)
        _ = pair.second.carry(at: 1_000)
        _ = pair.first.carry(at: 1_000)
        let plane = pair.first.plane
        #expect(plane.addresses().count == 2)
        plane.ageAddresses(at: MonotonicInstant(nanoseconds: 1_599_000_000_000))
        #expect(plane.addresses().count == 2)
        plane.forget([pair.second.name])
        #expect(plane.addresses().map(\.peer) == [pair.first.name])
        plane.ageAddresses(at: MonotonicInstant(nanoseconds: 1_601_000_000_000))
        #expect(plane.addresses() == [])
    }

    @Test("a host in the middle relays unicasts and floods along the tree of the source", arguments: [false, true])
    func relay(isSealed: Bool) throws {
        let options = Pair.Options(isSealed: isSealed)
        let (left, middle, right) = (try Host(1), try Host(2), try Host(3))
        for (one, other) in [(left, middle), (middle, left), (middle, right), (right, middle)] {
            try one.connect(to: other, key: options.key, path: options.path)
        }
        left.publish(
            unicast: [middle.name: middle.name, right.name: middle.name], broadcast: [left.name: [middle.name]])
        middle.publish(
            unicast: [left.name: left.name, right.name: right.name],
            broadcast: [
                middle.name: [left.name, right.name], left.name: [right.name], right.name: [left.name],
            ])
        right.publish(
            unicast: [middle.name: middle.name, left.name: middle.name], broadcast: [right.name: [middle.name]])
        func carry() { while left.carry() + middle.carry() + right.carry() > 0 {} }

        let flood = frame(from: 1, to: mac(3))
        #expect(left.port.write(flood))
        carry()
        #expect(middle.port.readAll() == [flood])
        #expect(right.port.readAll() == [flood])
        let unicast = frame(from: 3, to: mac(1), 7)
        #expect(right.port.write(unicast))
        carry()
        #expect(middle.port.readAll() == [])
        #expect(left.port.readAll() == [unicast])

        // Too big for the second leg: the answer comes back through the relay as if from the destination.
        middle.plane.setPath(
            try #require(middle.slots[left.name]),
            SleevePath(mtu: 1_000, maximumPayload: 1_472, carriesFragments: false, isVerified: true))
        var big = ModelFrame(bytes: RandomFrames.datagram(bytes: 1_300, 1))
        big.bytes.replaceSubrange(0..<12, with: mac(1) + mac(3))
        #expect(right.port.write(big))
        carry()
        #expect(left.port.readAll() == [])
        let reply = try #require(right.port.readAll().first)
        #expect(Array(reply.bytes[0..<12]) == mac(3) + mac(1))
        #expect(Array(reply.bytes[34..<36]) == [3, 4])
        #expect(reply.word(40) == 1_000)
    }

    @Test("a packet that fits the overlay's MTU but not the DF payload leaves without DF instead of being lost")
    func narrow() throws {
        let pair = try Pair()
        let slot = try #require(pair.first.slots[pair.second.name])
        pair.first.plane.setPath(
            slot, SleevePath(mtu: 552, maximumPayload: 500, carriesFragments: false, isVerified: false))
        let bytes = RandomFrames.datagram(bytes: 552 - 28, 5)
        #expect(pair.first.port.write(ModelFrame(bytes: bytes)))
        var superFrame = ModelFrame(bytes: RandomFrames.datagram(bytes: 5_240, 6))
        superFrame.leaveUnfinished()
        superFrame.kind = 5
        superFrame.segmentBytes = 524
        #expect(pair.first.port.write(superFrame))
        pair.carry()
        #expect(pair.second.port.readAll().flatMap { $0.segments() } == [bytes] + superFrame.segments())
        #expect(pair.first.dropped("too-big") == 0)
    }

    @Test("before a snapshot and without a route nothing leaves, and it is counted")
    func noRoute() throws {
        let host = try Host(1)
        #expect(host.port.write(frame(from: 1, to: Self.everybody)))
        host.carry()
        #expect(host.plane.counters().value("datagrams-sent") == 0)
        let pair = try Pair()
        #expect(pair.second.port.write(frame(from: 2, to: Self.everybody)))
        pair.carry()
        // The route goes away, the address is still known.
        pair.first.publish(unicast: [:], broadcast: [pair.second.name: []])
        #expect(pair.first.port.write(frame(from: 1, to: mac(2))))
        pair.carry()
        #expect(pair.first.dropped("no-route") == 1)
    }
}
