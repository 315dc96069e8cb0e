import Mesh

extension FuzzTarget {
    /// A message of the mesh: tag and body.
    static let message = FuzzTarget("message") { bytes throws(BrokenPromise) in
        let message: MeshMessage
        do throws(MeshMessageError) {
            message = try MeshMessageCodec.decode(bytes)
        } catch {
            return try promise("\(error)".utf8.count < 1_024, "an error is a sentence, not a copy of the input")
        }
        switch message {
        case .weft(.unknown): return  // As good as ignored.
        case .weft(.farewell(let text)):
            // Foreign text, cut; each of its bytes may have become a replacement character of three.
            return try promise(text.utf8.count <= 3 * 512, "a farewell is bounded")
        default: break
        }
        let encoded = MeshMessageCodec.encode(message)
        let again = Result { () throws(MeshMessageError) in try MeshMessageCodec.decode(encoded) }
        try promise(again == .success(message), "a message comes back from its own bytes")
        if case .gossip(_, _, let payload) = message {
            try promise(payload.count <= bytes.count, "a payload is no longer than its message")
        }
    }
}
