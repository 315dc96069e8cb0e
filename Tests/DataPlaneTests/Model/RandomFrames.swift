import TestSupport

/// Frames of every kind, as a container's kernel might hand them over.
struct RandomFrames {
    var random: SeededGenerator
    /// Largest IP packet that is not a super-frame.
    var mtu: Int
    var destination: [UInt8]
    /// How the checksums of TCP and UDP come.
    enum Checksums: CaseIterable { case complete, unfinished, wrong }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    mutating func chance(_ percent: Int) -> Bool { number(1...100) <= percent }

    /// One frame, or for `count` above one a row of frames of one flow that may be joined again.
    mutating func next() -> [ModelFrame] {
        switch number(0...9) {
        case 0: [plainEthernet()]
        case 1: [icmp()]
        case 2, 3: [superFrame(isTCP: true)]
        case 4: [superFrame(isTCP: false)]
        case 5: row(isTCP: chance(70))
        default: [packet(isTCP: chance(50))]
        }
    }

    private mutating func ethernet(_ type: Int, tags: Int = 0) -> [UInt8] {
        var bytes = chance(10) ? [0x01, 0x00, 0x5e, 0, 0, 7] : destination
        bytes += [0x02, 0xcc, 0, 0, 0, UInt8(number(1...8))]
        for tag in 0..<tags { bytes += [tag == 0 && tags == 2 ? 0x88 : 0x81, tag == 0 && tags == 2 ? 0xa8 : 0, 0, 7] }
        return bytes + [UInt8(type >> 8), UInt8(type & 255)]
    }

    private mutating func plainEthernet() -> ModelFrame {
        if chance(50) {
            // ARP: who has.
            return ModelFrame(bytes: ethernet(0x0806) + [0, 1, 8, 0, 6, 4, 0, 1] + random.bytes(20))
        }
        return ModelFrame(
            bytes: ethernet([0x88cc, 0x0001, 0x9000].randomElement(using: &random) ?? 0) + random.bytes(number(0...mtu))
        )
    }

    private mutating func icmp() -> ModelFrame {
        var frame = ModelFrame(bytes: ethernet(0x0800) + ipv4(proto: 1, payload: random.bytes(number(8...mtu - 60))))
        frame.finishNetwork()
        return frame
    }

    /// An IPv4 header with random DF, options now and then, and the payload behind it. Checksum still to be made.
    private mutating func ipv4(proto: UInt8, payload: [UInt8], plain: Bool = false) -> [UInt8] {
        let options: [UInt8] = !plain && chance(8) ? [0x94, 4, 0, 0] : []
        let total = 20 + options.count + payload.count
        var flags: UInt8 = chance(60) ? 0x40 : 0
        var fragment: UInt8 = 0
        if !plain, chance(4) { (flags, fragment) = (0x20, UInt8(number(0...50))) }
        return [0x45 + UInt8(options.count / 4), UInt8(number(0...1) * 8), UInt8(total >> 8), UInt8(total & 255)]
            + (chance(20) ? [0, 0] : random.bytes(2)) + [flags, fragment, 64, proto, 0, 0, 10, 32, 0, 1, 10, 32, 0, 2]
            + options + payload
    }

    private mutating func ipv6(proto: UInt8, payload: [UInt8]) -> [UInt8] {
        [0x60, 0, 0, 7, UInt8(payload.count >> 8), UInt8(payload.count & 255), proto, 64]
            + [UInt8](repeating: 0xfd, count: 15) + [1] + [UInt8](repeating: 0xfd, count: 15) + [2] + payload
    }

    private mutating func tcp(flags: UInt8, payload: [UInt8]) -> [UInt8] {
        let options: [UInt8] = chance(60) ? [1, 1, 8, 10] + random.bytes(8) : []
        return [0x13, 0x88, 0, 80] + random.bytes(8) + [UInt8((5 + options.count / 4) << 4), flags, 2, 0, 0, 0, 0, 0]
            + options + payload
    }

    private mutating func udp(payload: [UInt8]) -> [UInt8] {
        let total = 8 + payload.count
        return [0x13, 0x88, 0, 53, UInt8(total >> 8), UInt8(total & 255), 0, 0] + payload
    }

    private mutating func packet(isTCP: Bool) -> ModelFrame {
        let payload = random.bytes(chance(30) ? mtu - 100 : number(0...mtu - 100))
        let flags: [UInt8] = [0x10, 0x10, 0x18, 0x11, 0x02, 0x14, 0x50, 0x90]
        let transport =
            isTCP ? tcp(flags: flags.randomElement(using: &random) ?? 0x10, payload: payload) : udp(payload: payload)
        return assemble(transport, isTCP: isTCP, tags: chance(15) ? number(1...2) : 0)
    }

    private mutating func assemble(_ transport: [UInt8], isTCP: Bool, tags: Int, plain: Bool = false) -> ModelFrame {
        let proto: UInt8 = isTCP ? 6 : 17
        var frame: ModelFrame
        if chance(25) {
            frame = ModelFrame(bytes: ethernet(0x86dd, tags: tags) + ipv6(proto: proto, payload: transport))
        } else {
            frame = ModelFrame(
                bytes: ethernet(0x0800, tags: tags) + ipv4(proto: proto, payload: transport, plain: plain))
            frame.finishNetwork()
        }
        switch Checksums.allCases.randomElement(using: &random) {
        case .unfinished: frame.leaveUnfinished()
        case .wrong where !plain: break
        default: frame.finishTransport()
        }
        return frame
    }

    private mutating func superFrame(isTCP: Bool) -> ModelFrame {
        let size = chance(70) ? mtu - 90 : number(1...mtu - 90)
        let total = min(number(1...48) * size + number(1...size), isTCP ? 65_000 : size * 64)
        let payload = random.bytes(min(max(total, size + 1), 65_000))
        let transport =
            isTCP
            ? tcp(flags: [0x10, 0x18, 0x19, 0x50, 0x90].randomElement(using: &random) ?? 0x10, payload: payload)
            : udp(payload: payload)
        var frame = assemble(transport, isTCP: isTCP, tags: chance(10) ? 1 : 0, plain: true)
        frame.leaveUnfinished()
        frame.kind = !isTCP ? 5 : frame.network.type == 0x0800 ? 1 : 4
        if isTCP, frame.bytes[frame.transportAt + 13] & 0x80 != 0 { frame.kind |= 0x80 }
        frame.segmentBytes = size
        return frame
    }

    /// Packets that follow each other like the segments of a super-frame, each by itself; now and then one is damaged.
    private mutating func row(isTCP: Bool) -> [ModelFrame] {
        var frame = superFrame(isTCP: isTCP)
        if frame.bytes.count > 20_000 { frame = ModelFrame(encoded: frame.encoded) }
        return frame.segments().prefix(12).map { bytes in
            var segment = ModelFrame(bytes: bytes)
            if chance(5) { segment.bytes[segment.bytes.count - 1] ^= 1 }
            return segment
        }
    }
}

extension ModelFrame {
    /// Puts the sum of the pseudo-header into the checksum field, as a kernel does that leaves the rest to the card.
    mutating func leaveUnfinished() {
        let at = transportAt
        unfinishedAt = at
        unfinishedField = transport == 6 ? 16 : 6
        setWord(at + unfinishedField, pseudoHeader(transportBytes: bytes.count - at))
    }
}
