import LocalHTTP

extension FuzzTarget {
    /// An HTTP answer, as our command and our requests to container engines read it.
    ///
    /// Byte 0: how the answer is cut. Then the answer.
    static let http = FuzzTarget("http", maximumBytes: 16_384) { bytes throws(BrokenPromise) in
        var input = FuzzInput(bytes)
        let pieces = Pieces(seed: input.byte())
        let stream = input.takeAll()
        let whole = read([stream])
        let cut = read(pieces.cut(stream))
        try promise(whole.failure == cut.failure, "an answer in pieces fails like the whole one")
        try promise(whole.answer == cut.answer, "an answer in pieces is the whole one's")
        guard let answer = whole.answer else { return }
        try promise(answer.body.count <= bodyLimit, "a body is bounded")
        try promise((200...999).contains(answer.status), "an answer is final: \(answer.status)")
    }

    private static let bodyLimit = 2_048

    private static func read(_ pieces: [[UInt8]]) -> (answer: LocalHTTPResponse?, failure: ResponseReader.Failure?) {
        var reader = ResponseReader(bodyLimitBytes: bodyLimit)
        do throws(ResponseReader.Failure) {
            for piece in pieces { try reader.receive(piece) }
            return (reader.finish(), nil)
        } catch {
            return (nil, error)
        }
    }
}
