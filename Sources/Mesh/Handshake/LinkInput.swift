internal import Gob

/// Bytes that have come and are not read yet: first as they are, and in version 1, from the features on, as a gob
/// stream.
///
/// Holds at most what was received, whatever lengths are announced; each byte is moved once on average, so that a long
/// frame in small pieces costs no more than in one.
struct LinkInput: Sendable {
    private var buffer: [UInt8] = []
    /// What lies before has been read.
    private var start = 0
    private var stream: GobStreamDecoder?

    /// A buffer that grew beyond this for one long frame is given back.
    private static let keptCapacity = 64 << 10

    mutating func append(_ bytes: [UInt8]) {
        guard stream == nil else {
            stream?.append(bytes)
            return
        }
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= LinkInput.keptCapacity)
            start = 0
        } else if start > buffer.count / 2 {
            buffer.removeSubrange(..<start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// What has come, without taking it.
    var waiting: ArraySlice<UInt8> { buffer[start...] }

    /// The next `count` bytes; nil while they are not there.
    mutating func take(_ count: Int) -> [UInt8]? {
        guard buffer.count - start >= count else { return nil }
        defer { start += count }
        return Array(buffer[start..<(start + count)])
    }

    /// The content of the next frame, which has four bytes of length in front, network order; nil while it is not
    /// there. A length above `limit` is an error at once.
    mutating func takeFrame(limit: Int) throws(LinkError) -> [UInt8]? {
        guard buffer.count - start >= 4 else { return nil }
        var length: UInt32 = 0
        for byte in buffer[start..<(start + 4)] { length = length << 8 | UInt32(byte) }
        guard Int(length) <= limit else { throw .frameTooLong(bytes: UInt64(length), limit: limit) }
        guard buffer.count - start - 4 >= Int(length) else { return nil }
        defer { start += 4 + Int(length) }
        return Array(buffer[(start + 4)..<(start + 4 + Int(length))])
    }

    /// From here on the bytes are a gob stream.
    mutating func becomeStream() {
        var stream = GobStreamDecoder()
        stream.append(waiting)
        buffer = []
        start = 0
        self.stream = stream
    }

    /// The next value of the stream; nil while it is not there.
    mutating func takeValue(_ type: GobType, limit: Int) throws(LinkError) -> GobValue? {
        stream?.limits.messageBytes = limit
        do throws(GobError) {
            return try stream?.next(type)
        } catch {
            if case .messageTooLong(let bytes, let limit) = error.reason {
                throw .frameTooLong(bytes: bytes, limit: limit)
            }
            throw .badGob(error)
        }
    }
}
