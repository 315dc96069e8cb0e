/// Messages in the bytes of a gob stream.
enum GobFraming {
    /// The content of the message that begins at `start`, after its length; nil while it is not complete.
    static func message(
        in bytes: [UInt8], from start: Int, limits: GobLimits
    ) throws(GobError) -> Range<Int>? {
        guard let first = start < bytes.count ? bytes[start] : nil else { return nil }
        let lengthBytes = first < 128 ? 1 : 1 + (256 - Int(first))
        // A length of more than eight bytes is an error at once; a shorter one may have to wait for its bytes.
        guard lengthBytes > 9 || bytes.count - start >= lengthBytes else { return nil }
        var cursor = GobCursor(start..<bytes.count)
        let length = try cursor.unsigned("message length", in: bytes)
        guard length > 0 else { throw GobError(.emptyMessage, at: "message") }
        guard length <= UInt64(limits.messageBytes) else {
            throw GobError(.messageTooLong(bytes: length, limit: limits.messageBytes), at: "message")
        }
        guard cursor.left >= Int(length) else { return nil }
        return cursor.offset..<(cursor.offset + Int(length))
    }

    /// Takes a definition in: the rest of a message after its negative type id.
    static func define(
        _ id: Int64, _ message: Range<Int>, _ cursor: inout GobCursor, in bytes: [UInt8], limits: GobLimits,
        as types: inout WireTypeTable
    ) throws(GobError) {
        guard message.count <= limits.definitionBytes else {
            throw GobError(
                .messageTooLong(bytes: UInt64(message.count), limit: limits.definitionBytes), at: "type definition")
        }
        guard id != .min else { throw GobError(.undefinedType(id: id), at: "type definition") }
        try types.define(-id, as: try WireType(from: &cursor, in: bytes), limit: limits.definitions)
    }
}
