internal import Gob

/// The handshake is done: messages go both ways.
struct ReadyLink: Sendable {
    private let version: UInt8
    private var cipher: LinkCipher?

    init(_ awaited: AwaitedFeatures) {
        version = awaited.version
        cipher = awaited.cipher
    }

    /// The next message, opened; nil while it is not there.
    mutating func take(from input: inout LinkInput) throws(LinkError) -> [UInt8]? {
        let message: [UInt8]?
        if version == 1 {
            // Type, mark and length stand before the bytes themselves.
            let limit = LinkLimits.messageBytes + ReadyLink.streamOverhead
            message = try input.takeValue(.bytes, limit: limit)?.bytes
        } else {
            message = try input.takeFrame(limit: LinkLimits.messageBytes)
        }
        guard let message else { return nil }
        return try cipher?.open(message) ?? message
    }

    /// The bytes on the wire for a message.
    mutating func encode(_ message: [UInt8]) throws(LinkError) -> [UInt8] {
        let length = message.count + (cipher == nil ? 0 : LinkCipher.overhead)
        guard length <= LinkLimits.messageBytes else {
            throw .messageTooLong(bytes: length, limit: LinkLimits.messageBytes)
        }
        let content = cipher?.seal(message) ?? message
        guard version == 1 else { return Frame.bytes(content) }
        // The type of bytes needs no definition, so what was sent before does not matter.
        var encoder = GobStreamEncoder()
        return encoder.encode(.bytes(content), as: .bytes)
    }

    /// A type id, the top level's mark, and a length of at most 9 bytes.
    private static let streamOverhead = 11
}
