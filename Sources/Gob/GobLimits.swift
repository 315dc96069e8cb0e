/// Bounds on what a sender may make a decoder hold. Gob has none but 1 GiB a message; all are weft's choice.
public struct GobLimits: Sendable {
    /// Bytes of one message. May be raised during a stream: a handshake's first message is short, later ones are not.
    public var messageBytes: Int
    /// Bytes of one message that defines a type; the largest real one has about 140.
    public var definitionBytes = 16 << 10
    /// Definitions in one stream; the IPAM channel, the largest user, needs 12.
    public var definitions = 64
    /// Levels of nesting. Expected types bound what is built; this bounds what is stepped over.
    public var depth = 16
    /// Elements of slices, arrays and maps built for one value, such as one peer's connection list or all names: a
    /// structure of one byte on the wire becomes some hundred in memory.
    public var elements = 1 << 16

    public init(messageBytes: Int = 10 << 20) {
        self.messageBytes = messageBytes
    }
}
