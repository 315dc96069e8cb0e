/// Why bytes from outside could not be read. Names the field, so that the message can say what was wrong.
public enum WireError: Error, Hashable, Sendable {
    /// The bytes ended inside `field`.
    case truncated(field: String, needed: Int, left: Int)
    /// `field` was complete but not acceptable; `reason` says why in a few words.
    case invalid(field: String, reason: String)
}

extension WireError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated(let field, let needed, let left): "\(field) needs \(needed) bytes, \(left) are left"
        case .invalid(let field, let reason): "\(field) \(reason)"
        }
    }
}

/// A position in borrowed bytes: it checks, then reads, and never goes back.
///
/// The span is handed to each read instead of being stored, since a struct that stores one still needs an
/// experimental feature of the compiler.
public struct WireCursor: Sendable {
    /// Where the next read begins.
    public private(set) var offset: Int

    public init(offset: Int = 0) {
        self.offset = offset
    }

    /// How many bytes are left.
    public func left(in bytes: Span<UInt8>) -> Int {
        bytes.count - offset
    }

    /// One byte.
    public mutating func byte(_ field: StaticString, in bytes: Span<UInt8>) throws(WireError) -> UInt8 {
        try require(1, field, in: bytes)
        defer { offset += 1 }
        return bytes[offset]
    }

    /// Two bytes, network order.
    public mutating func networkUInt16(_ field: StaticString, in bytes: Span<UInt8>) throws(WireError) -> UInt16 {
        UInt16(truncatingIfNeeded: try networkInteger(2, field, in: bytes))
    }

    /// Four bytes, network order.
    public mutating func networkUInt32(_ field: StaticString, in bytes: Span<UInt8>) throws(WireError) -> UInt32 {
        UInt32(truncatingIfNeeded: try networkInteger(4, field, in: bytes))
    }

    /// Eight bytes, network order.
    public mutating func networkUInt64(_ field: StaticString, in bytes: Span<UInt8>) throws(WireError) -> UInt64 {
        try networkInteger(8, field, in: bytes)
    }

    /// Six bytes, network order: a peer name as it is, also an unusable one.
    public mutating func peerName(_ field: StaticString, in bytes: Span<UInt8>) throws(WireError) -> PeerName {
        guard let name = PeerName(rawValue: try networkInteger(6, field, in: bytes)) else { return .unknown }
        return name
    }

    /// The next `count` bytes, copied.
    public mutating func array(
        _ count: Int, _ field: StaticString, in bytes: Span<UInt8>
    ) throws(WireError) -> [UInt8] {
        try require(count, field, in: bytes)
        defer { offset += count }
        let part = bytes.extracting(offset..<(offset + count))
        return Array(capacity: count) { copy in
            for index in part.indices { copy.append(part[index]) }
        }
    }

    /// Steps over `count` bytes.
    public mutating func skip(_ count: Int, _ field: StaticString, in bytes: Span<UInt8>) throws(WireError) {
        try require(count, field, in: bytes)
        offset += count
    }

    private mutating func networkInteger(
        _ size: Int, _ field: StaticString, in bytes: Span<UInt8>
    ) throws(WireError) -> UInt64 {
        try require(size, field, in: bytes)
        var value: UInt64 = 0
        for index in offset..<(offset + size) { value = value << 8 | UInt64(bytes[index]) }
        offset += size
        return value
    }

    private func require(_ count: Int, _ field: StaticString, in bytes: Span<UInt8>) throws(WireError) {
        let left = bytes.count - offset
        guard count >= 0, count <= left else {
            throw .truncated(field: String(describing: field), needed: count, left: left)
        }
    }
}
