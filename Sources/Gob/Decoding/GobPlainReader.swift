/// Reads numbers and bytes of built-in types off bytes that are there as a whole, in the one form in which encoders write
/// them, without copying: for headers that come with each message.
///
/// It refuses whatever is unusual, such as definitions or unread bytes within a message, without saying why: then
/// `GobDecoder` decides.
public struct GobPlainReader: Sendable {
    private let bytes: [UInt8]
    private var start: Int

    public init(_ bytes: [UInt8], from start: Int) {
        self.bytes = bytes
        self.start = start
    }

    /// The next value, an unsigned number.
    public mutating func uint() -> UInt64? {
        value(BuiltInID.uint) { (cursor, bytes) throws(GobError) in try cursor.unsigned("", in: bytes) }
    }

    /// Where the bytes of the next value are.
    public mutating func bytesValue() -> Range<Int>? { counted(BuiltInID.bytes) }

    /// Where the bytes of the next value, a string, are.
    public mutating func stringValue() -> Range<Int>? { counted(BuiltInID.string) }

    private mutating func counted(_ type: Int64) -> Range<Int>? {
        value(type) { (cursor, bytes) throws(GobError) in
            let count = try cursor.count("", in: bytes)
            defer { cursor.advance(count) }
            return cursor.offset..<(cursor.offset + count)
        }
    }

    private mutating func value<Value>(
        _ type: Int64, _ read: (inout GobCursor, [UInt8]) throws(GobError) -> Value
    ) -> Value? {
        do throws(GobError) {
            guard let message = try GobFraming.message(in: bytes, from: start, limits: GobLimits()) else { return nil }
            var cursor = GobCursor(message)
            guard try cursor.signed("", in: bytes) == type, try cursor.unsigned("", in: bytes) == 0 else { return nil }
            let value = try read(&cursor, bytes)
            guard cursor.left == 0 else { return nil }
            start = message.upperBound
            return value
        } catch {
            return nil
        }
    }
}
