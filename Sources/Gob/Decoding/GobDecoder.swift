/// Reads values from a gob stream that is there as a whole, such as a gossip payload.
public struct GobDecoder: Sendable {
    private var stream: GobStreamDecoder

    public init(_ bytes: some Collection<UInt8>, limits: GobLimits = GobLimits()) {
        stream = GobStreamDecoder(limits: limits)
        stream.append(bytes)
    }

    /// The next value, which must be of `type`; nil at the end of the bytes. Bytes that end within a message are an
    /// error.
    public mutating func next(_ type: GobType) throws(GobError) -> GobValue? {
        if let value = try stream.next(type) { return value }
        guard stream.bytesWaiting == 0 else {
            throw GobError(.truncated(needed: stream.bytesWaiting + 1, left: stream.bytesWaiting), at: "message")
        }
        return nil
    }
}
