import Wire

/// An input as a row of choices: each read takes bytes off its front, and gives zeros behind its end, so that every
/// input means something.
struct FuzzInput {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    var isEmpty: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 {
        rest.popFirst() ?? 0
    }

    /// Network order.
    mutating func number(bytes count: Int) -> UInt64 {
        (0..<count).reduce(0) { number, _ in number << 8 | UInt64(byte()) }
    }

    /// 0 to `count` - 1.
    mutating func choice(_ count: Int) -> Int {
        Int(byte()) % count
    }

    mutating func bool() -> Bool {
        byte() & 1 == 1
    }

    /// A length in one byte, or three behind `ff`, and as many bytes of what is left.
    mutating func bytes() -> [UInt8] {
        let short = Int(byte())
        return take(short < 255 ? short : Int(number(bytes: 3)))
    }

    mutating func take(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    mutating func takeAll() -> [UInt8] {
        take(rest.count)
    }

    /// A text of `bytes()`, damaged characters replaced.
    mutating func text() -> String {
        String(decoding: bytes(), as: UTF8.self)
    }

    /// One of a few names, so that peers meet again; now and then any 48 bits.
    mutating func peer() -> PeerName {
        let byte = byte()
        guard byte < 0xf0 else { return PeerName(rawValue: number(bytes: 6)) ?? .unknown }
        return FuzzInput.peer(byte % 16)
    }

    /// `02:00:00:00:00:nn`.
    static func peer(_ number: UInt8) -> PeerName {
        PeerName(rawValue: 0x0200_0000_0000 | UInt64(number)) ?? .unknown
    }
}

/// Where to cut a stream: whole, in single bytes, or in pieces that follow from a number.
struct Pieces {
    private let seed: UInt8

    init(seed: UInt8) {
        self.seed = seed
    }

    func cut(_ bytes: [UInt8]) -> [[UInt8]] {
        guard seed > 0 else { return [bytes] }
        var state = UInt32(seed)
        var pieces: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            state = state &* 1_664_525 &+ 1_013_904_223
            let size = seed == 1 ? 1 : 1 + Int(state >> 16) % (Int(seed) * 4)
            let end = min(start + size, bytes.count)
            pieces.append(Array(bytes[start..<end]))
            start = end
        }
        return pieces
    }
}
