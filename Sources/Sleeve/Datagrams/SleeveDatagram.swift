public import Wire

/// A UDP payload: who sent it (the neighbour, not the origin of the frames), and a body, clear or sealed.
///
/// `02 00 00 00 0a 01 …`. The packet path reads and writes the same layout in place; this form is for everything that
/// may allocate.
public struct SleeveDatagram: Hashable, Sendable {
    /// The router that sent this datagram. Never authenticated.
    public let sender: PeerName
    public let body: [UInt8]

    public init(sender: PeerName, body: [UInt8]) {
        self.sender = sender
        self.body = body
    }

    /// Throws `truncated` when `bytes` has no room for the name.
    public init(parsing bytes: Span<UInt8>) throws(WireError) {
        var cursor = WireCursor()
        sender = try cursor.peerName("sender", in: bytes)
        body = try cursor.array(cursor.left(in: bytes), "body", in: bytes)
    }

    /// As sent.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(SleeveLayout.prefix + body.count)
        bytes.append(sender)
        bytes.append(contentsOf: body)
        return bytes
    }
}

/// A sealed body, still closed.
public struct SealedBody: Hashable, Sendable {
    public let sequence: SealedSequence
    /// Poly1305, 16 bytes.
    public let tag: [UInt8]
    /// As long as the clear body.
    public let ciphertext: [UInt8]

    public init(sequence: SealedSequence, tag: [UInt8], ciphertext: [UInt8]) {
        self.sequence = sequence
        self.tag = tag
        self.ciphertext = ciphertext
    }

    /// Throws `truncated` when `bytes` has no room for sequence and tag.
    public init(parsing bytes: Span<UInt8>) throws(WireError) {
        var cursor = WireCursor()
        sequence = SealedSequence(rawValue: try cursor.networkUInt64("sequence", in: bytes))
        tag = try cursor.array(SleeveLayout.tag, "tag", in: bytes)
        ciphertext = try cursor.array(cursor.left(in: bytes), "ciphertext", in: bytes)
    }

    /// As sent, behind the sender's name.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(SleeveLayout.sealedHeader + ciphertext.count)
        bytes.appendNetwork(sequence.rawValue)
        bytes.append(contentsOf: tag)
        bytes.append(contentsOf: ciphertext)
        return bytes
    }
}
