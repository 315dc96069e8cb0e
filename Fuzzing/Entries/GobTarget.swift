import Gob

extension FuzzTarget {
    /// The gob stream decoder, read as each of the types that the mesh knows and as some that use every kind.
    ///
    /// | byte | |
    /// |---|---|
    /// | 0 | which type |
    /// | 1 | how the stream is cut |
    /// | 2… | the stream |
    static let gob = FuzzTarget("gob", maximumBytes: 8_192) { bytes throws(BrokenPromise) in
        var input = FuzzInput(bytes)
        let type = GobTypes.all[input.choice(GobTypes.all.count)]
        let pieces = Pieces(seed: input.byte())
        let stream = input.takeAll()

        let whole = GobReading(type, [stream])
        let cut = GobReading(type, pieces.cut(stream))
        try promise(whole.values == cut.values, "a stream in pieces has the values of the whole one")
        try promise(whole.error == cut.error, "a stream in pieces fails like the whole one")
        // The encoder's own bytes mean what was encoded, and are canonical: encoded again they are the same.
        let encoded = GobReading.encode(whole.values, type)
        let again = GobReading(type, [encoded])
        try promise(again.error == nil, "what we encode can be read: \(again.error?.description ?? "")")
        try promise(GobReading.encode(again.values, type) == encoded, "what we encode comes back")
    }
}

/// Everything that a decoder gives for a stream.
private struct GobReading {
    var values: [GobValue] = []
    var error: GobError?

    init(_ type: GobType, _ pieces: [[UInt8]]) {
        var decoder = GobStreamDecoder(limits: GobLimits(messageBytes: 64 << 10))
        do throws(GobError) {
            for piece in pieces {
                decoder.append(piece)
                while let value = try decoder.next(type) { values.append(value) }
            }
        } catch {
            self.error = error
        }
    }

    static func encode(_ values: [GobValue], _ type: GobType) -> [UInt8] {
        var encoder = GobStreamEncoder()
        var bytes: [UInt8] = []
        for value in values { encoder.encode(value, as: type, into: &bytes) }
        return bytes
    }
}

private enum GobTypes {
    /// Every kind at once, nested.
    static let everything = GobStructureType(
        "everything",
        [
            .init("B", .bool), .init("I", .int), .init("U", .uint), .init("F", .float), .init("Y", .bytes),
            .init("S", .string), .init("L", .slice(of: .slice(of: .int))), .init("A", .array(of: .uint, count: 2)),
            .init("M", .map(key: .string, value: .slice(of: .uint))),
            .init("N", .structure(GobStructureType("inner", [.init("X", .int), .init("Y", .string)]))),
        ])

    static let all: [GobType] = [
        .structure(everything), .map(key: .string, value: .string), .bytes, .string, .uint, .int, .bool, .float,
        .slice(of: .structure(everything)), .array(of: .bytes, count: 3),
    ]

}
