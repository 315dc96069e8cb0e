import PacketIO

/// A frame and what its virtio-net header says, as plain bytes: the naive model that the packet path is compared with.
/// Written for clarity, one byte at a time, and apart from the code under test.
struct ModelFrame: Equatable {
    var bytes: [UInt8]
    var kind: UInt8 = 0
    var segmentBytes = 0
    /// Offset of TCP or UDP if the checksum is unfinished.
    var unfinishedAt: Int?
    var unfinishedField = 0

    /// As a port hands it over.
    var encoded: [UInt8] {
        func low(_ value: Int) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8)] }
        return [unfinishedAt == nil ? 0 : 1, kind] + low(0) + low(segmentBytes) + low(unfinishedAt ?? 0)
            + low(unfinishedField) + bytes
    }

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// As a port was given it.
    init(encoded: [UInt8]) {
        func low(_ at: Int) -> Int { Int(encoded[at]) | Int(encoded[at + 1]) << 8 }
        bytes = Array(encoded[10...])
        kind = encoded[1]
        segmentBytes = low(4)
        if encoded[0] & 1 != 0 {
            unfinishedAt = low(6)
            unfinishedField = low(8)
        }
    }

    /// Offset of the network header behind up to two tags, and the type it is of.
    var network: (at: Int, type: Int) {
        var at = 14
        var type = word(12)
        while [0x8100, 0x88a8].contains(type), at < 22, bytes.count >= at + 4 {
            type = word(at + 2)
            at += 4
        }
        return (at, type)
    }

    func word(_ at: Int) -> Int { Int(bytes[at]) << 8 | Int(bytes[at + 1]) }

    mutating func setWord(_ at: Int, _ value: Int) {
        bytes[at] = UInt8(value >> 8 & 255)
        bytes[at + 1] = UInt8(value & 255)
    }

    var isPlainIPv4: Bool {
        guard word(12) == 0x0800, bytes.count >= 34, bytes[14] >> 4 == 4 else { return false }
        let header = Int(bytes[14] & 15) * 4
        return header >= 20 && header <= word(16) && word(16) <= bytes.count - 14
    }
    var dontFragment: Bool { bytes[20] & 0x40 != 0 }
    var isIPv6: Bool { network.type == 0x86dd && bytes.count >= network.at + 40 && bytes[network.at] >> 4 == 6 }
    /// The packet's transport protocol, if it is IP.
    var transport: UInt8? {
        let (at, type) = network
        switch type {
        case 0x0800 where bytes.count >= at + 20: return bytes[at + 9]
        case 0x86dd where bytes.count >= at + 40: return bytes[at + 6]
        default: return nil
        }
    }
    /// Offset of the transport header.
    var transportAt: Int {
        let (at, type) = network
        return type == 0x0800 ? at + Int(bytes[at] & 15) * 4 : at + 40
    }

    /// The one's complement sum, folded.
    static func sum(_ bytes: some Sequence<UInt8>, from start: Int = 0) -> Int {
        var sum = start
        var isHigh = true
        for byte in bytes {
            sum += isHigh ? Int(byte) << 8 : Int(byte)
            isHigh.toggle()
        }
        while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
        return sum
    }

    /// The sum of the pseudo-header.
    func pseudoHeader(transportBytes: Int) -> Int {
        let (at, type) = network
        let addresses = type == 0x0800 ? bytes[(at + 12)..<(at + 20)] : bytes[(at + 8)..<(at + 40)]
        return ModelFrame.sum(addresses, from: Int(transport ?? 0) + transportBytes)
    }

    /// Makes the checksum of the IPv4 header right.
    mutating func finishNetwork() {
        let (at, type) = network
        guard type == 0x0800 else { return }
        setWord(at + 10, 0)
        setWord(at + 10, 0xffff - ModelFrame.sum(bytes[at..<transportAt]))
    }

    /// Makes the checksum of TCP or UDP right.
    mutating func finishTransport() {
        let at = transportAt
        let field = transport == 6 ? at + 16 : at + 6
        setWord(field, 0)
        let sum = 0xffff - ModelFrame.sum(bytes[at...], from: pseudoHeader(transportBytes: bytes.count - at))
        setWord(field, transport == 17 && sum == 0 ? 0xffff : sum)
    }

    /// The frame with a complete checksum, if it was unfinished.
    var finished: [UInt8] {
        guard let unfinishedAt else { return bytes }
        var copy = self
        let sum = 0xffff - ModelFrame.sum(bytes[unfinishedAt...])
        copy.setWord(unfinishedAt + unfinishedField, sum == 0 ? 0xffff : sum)
        return copy.bytes
    }
}

extension ModelFrame {
    /// The frames that this one stands for. Segments of TCP are no longer than `room`; 0: as they are.
    func segments(room: Int = 0) -> [[UInt8]] {
        guard kind != 0 else { return [finished] }
        let at = transportAt
        let isTCP = transport == 6
        let header = at + (isTCP ? Int(bytes[at + 12] >> 4) * 4 : 8)
        var size = segmentBytes
        if isTCP, room > 0, header + size > room { size = room - header }
        let payload = Array(bytes[header...])
        return stride(from: 0, to: payload.count, by: size).enumerated().map { index, start in
            let end = min(start + size, payload.count)
            var segment = ModelFrame(bytes: Array(bytes[..<header]) + payload[start..<end])
            segment.setLengths(index: index)
            if isTCP {
                let position = UInt32(truncatingIfNeeded: (word(at + 4) << 16 | word(at + 6)) + start)
                segment.setWord(at + 4, Int(position >> 16))
                segment.setWord(at + 6, Int(position & 0xffff))
                if end < payload.count { segment.bytes[at + 13] &= ~0x09 }
                if index > 0 { segment.bytes[at + 13] &= ~0x80 }
            }
            segment.finishNetwork()
            segment.finishTransport()
            return segment.bytes
        }
    }

    /// Lengths of IP and UDP from the frame's, and IPv4's identification counted on.
    private mutating func setLengths(index: Int) {
        let (ip, type) = network
        if type == 0x0800 {
            setWord(ip + 2, bytes.count - ip)
            setWord(ip + 4, (word(ip + 4) + index) & 0xffff)
        } else {
            setWord(ip + 4, bytes.count - ip - 40)
        }
        if transport == 17 { setWord(transportAt + 4, bytes.count - transportAt) }
    }
}
