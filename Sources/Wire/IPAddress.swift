/// An IPv4 address; the value is the 32 bits in reading order, `10.32.0.9` is `0x0a200009`.
public struct IPv4Address: Hashable, Comparable, Sendable {
    public let rawValue: UInt32

    /// `0.0.0.0`: every local address.
    public static let any = IPv4Address(rawValue: 0)
    public static let loopback = IPv4Address(rawValue: 0x7f00_0001)

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Parses four decimal groups, `10.32.0.9`. Leading zeros are refused: some programs read them as octal.
    public init?(text: some StringProtocol) {
        self.init(digits: String(text).utf8)
    }

    /// Byte by byte: discovery reads thousands of these for each change of a large mesh.
    init?(digits: some Sequence<UInt8>) {
        var value: UInt32 = 0
        var (groups, group, length) = (0, UInt32(0), 0)
        for byte in digits {
            if byte == UInt8(ascii: ".") {
                guard length > 0, groups < 3 else { return nil }
                value = value << 8 | group
                (groups, group, length) = (groups + 1, 0, 0)
                continue
            }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), length == 0 || group > 0 else { return nil }
            group = group * 10 + UInt32(byte - UInt8(ascii: "0"))
            length += 1
            guard group <= 255 else { return nil }
        }
        guard groups == 3, length > 0 else { return nil }
        self.init(rawValue: value << 8 | group)
    }

    /// Four bytes, network order.
    public var bytes: [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: rawValue >> $0) }
    }

    /// `127.0.0.0/8`.
    public var isLoopback: Bool { rawValue >> 24 == 127 }

    public static func < (left: IPv4Address, right: IPv4Address) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension IPv4Address: CustomStringConvertible {
    public var description: String {
        bytes.map { String($0) }.joined(separator: ".")
    }
}

/// An address of either family. Today's mesh carries IPv4 only; the type is ready for IPv6.
public enum IPAddress: Hashable, Sendable {
    case v4(IPv4Address)
    /// Sixteen bytes, network order, as two halves.
    case v6(high: UInt64, low: UInt64)

    /// Parses `10.32.0.9` or an IPv6 address such as `fe80::1` (without zone and without embedded IPv4).
    public init?(text: some StringProtocol) {
        if let address = IPv4Address(text: text) {
            self = .v4(address)
        } else if let (high, low) = parseIPv6(text) {
            self = .v6(high: high, low: low)
        } else {
            return nil
        }
    }

    /// The IPv4 address, if it is one.
    public var v4: IPv4Address? {
        if case .v4(let address) = self { address } else { nil }
    }
}

extension IPAddress: CustomStringConvertible {
    public var description: String {
        switch self {
        case .v4(let address): address.description
        case .v6(let high, let low): formatIPv6(high: high, low: low)
        }
    }
}

/// A decimal number without sign or superfluous zeros, at most `limit`.
func decimal(_ text: some StringProtocol, atMost limit: Int) -> Int? {
    let bytes = Array(text.utf8)
    guard (1...9).contains(bytes.count), bytes.count == 1 || bytes[0] != UInt8(ascii: "0") else { return nil }
    var value = 0
    for byte in bytes {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        value = value * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return value <= limit ? value : nil
}

/// Eight groups of hexadecimal digits, one run of zero groups written as `::` (RFC 4291, 2.2).
private func parseIPv6(_ text: some StringProtocol) -> (UInt64, UInt64)? {
    let raw = String(text)
    let parts: [[UInt16]?]
    if let gap = firstDoubleColon(in: raw) {
        parts = [groups(gap.before), groups(gap.after)]
    } else {
        parts = [groups(raw)]
    }
    var words: [UInt16]
    if parts.count == 2 {
        guard let head = parts[0], let tail = parts[1], head.count + tail.count <= 7 else { return nil }
        words = head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    } else {
        guard let all = parts[0], all.count == 8 else { return nil }
        words = all
    }
    let high = words[0..<4].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
    let low = words[4..<8].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
    return (high, low)

    func groups(_ text: String) -> [UInt16]? {
        if text.isEmpty { return [] }
        var words: [UInt16] = []
        for group in text.split(separator: ":", omittingEmptySubsequences: false) {
            guard (1...4).contains(group.utf8.count) else { return nil }
            var word: UInt16 = 0
            for byte in group.utf8 {
                guard let digit = hexValue(byte) else { return nil }
                word = word << 4 | UInt16(digit)
            }
            words.append(word)
        }
        return words
    }
}

private func firstDoubleColon(in text: String) -> (before: String, after: String)? {
    var previous: String.Index?
    for index in text.indices {
        if text[index] == ":", let before = previous, text[before] == ":" {
            return (String(text[..<before]), String(text[text.index(after: index)...]))
        }
        previous = index
    }
    return nil
}

/// The shortest form: lower case, the longest run of zero groups as `::` (RFC 5952).
private func formatIPv6(high: UInt64, low: UInt64) -> String {
    let words = [high, low].flatMap { half in [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: half >> $0) } }
    var best = 0..<0
    var start = 0
    while start < 8 {
        var end = start
        while end < 8, words[end] == 0 { end += 1 }
        if end - start > best.count, end - start > 1 { best = start..<end }
        start = max(end, start + 1)
    }
    let text = { (range: Range<Int>) in words[range].map { String($0, radix: 16) }.joined(separator: ":") }
    return best.isEmpty ? text(0..<8) : text(0..<best.lowerBound) + "::" + text(best.upperBound..<8)
}
