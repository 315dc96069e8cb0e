/// A position in the bytes of one gob message: it checks, then reads, and never goes back.
///
/// The bytes are handed to each read, as in `WireCursor`; an array, since most of what is read is copied out of it.
struct GobCursor {
    private(set) var offset: Int
    /// Where the message ends.
    let end: Int

    /// `range` must lie within the bytes that are handed to the reads.
    init(_ range: Range<Int>) {
        offset = range.lowerBound
        end = range.upperBound
    }

    var left: Int { end - offset }

    /// An unsigned number: one byte below 128, else the negative of a count of bytes, and the bytes in network order.
    /// Redundant forms such as `ff 05` for 5 are accepted, as Go does.
    mutating func unsigned(_ field: String, in bytes: [UInt8]) throws(GobError) -> UInt64 {
        guard left >= 1 else { throw GobError(.truncated(needed: 1, left: left), at: field) }
        let first = bytes[offset]
        if first < 128 {
            offset += 1
            return UInt64(first)
        }
        let count = 256 - Int(first)
        guard count <= 8 else { throw GobError(.numberTooWide, at: field) }
        guard left > count else { throw GobError(.truncated(needed: count + 1, left: left), at: field) }
        var value: UInt64 = 0
        for index in (offset + 1)...(offset + count) { value = value << 8 | UInt64(bytes[index]) }
        offset += 1 + count
        return value
    }

    /// A signed number: the sign in bit 0, and then the number, inverted if negative.
    mutating func signed(_ field: String, in bytes: [UInt8]) throws(GobError) -> Int64 {
        let raw = try unsigned(field, in: bytes)
        let magnitude = Int64(bitPattern: raw >> 1)
        return raw & 1 == 0 ? magnitude : ~magnitude
    }

    /// A count of elements, each of at least `elementBytes`, which must still fit into the message.
    mutating func count(_ field: String, elementBytes: Int = 1, in bytes: [UInt8]) throws(GobError) -> Int {
        let count = try unsigned(field, in: bytes)
        guard count <= UInt64(left / elementBytes) else {
            throw GobError(.countBeyondBytes(count: count, left: left), at: field)
        }
        return Int(count)
    }

    /// A count and as many bytes.
    mutating func counted(_ field: String, in bytes: [UInt8]) throws(GobError) -> [UInt8] {
        let count = try count(field, in: bytes)
        defer { offset += count }
        return Array(bytes[offset..<(offset + count)])
    }

    /// Steps over bytes that are there, as `count` has found.
    mutating func advance(_ count: Int) {
        offset += count
    }

    /// Steps over a count and as many bytes.
    mutating func skipCounted(_ field: String, in bytes: [UInt8]) throws(GobError) {
        offset += try count(field, in: bytes)
    }

    /// The number of a structure's next field after `previous` (-1 before the first); nil at the end of the structure.
    mutating func nextField(
        after previous: Int, of count: Int, _ field: String, in bytes: [UInt8]
    ) throws(GobError) -> Int? {
        let delta = try unsigned(field, in: bytes)
        guard delta > 0 else { return nil }
        guard delta < UInt64(count - previous) else { throw GobError(.unknownFieldNumber, at: field) }
        return previous + Int(delta)
    }
}
