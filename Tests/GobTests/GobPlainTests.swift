import Gob
import TestSupport
import Testing

/// Values of built-in types, written and read in place: as the general encoder and decoder do.
@Suite struct GobPlainTests {
    @Test(
        "numbers, texts and bytes are written as by the encoder, and read back",
        arguments: [0, 1, 127, 128, 255, 256, 70_000])
    func agree(size: Int) throws {
        var encoder = GobStreamEncoder()
        var expected: [UInt8] = []
        let (text, bytes) = (String(repeating: "a", count: size), Array(repeating: UInt8(7), count: size))
        encoder.encode(.text(text), as: .string, into: &expected)
        encoder.encode(.uint(UInt64(size) << 20), as: .uint, into: &expected)
        encoder.encode(.bytes(bytes), as: .bytes, into: &expected)
        var written: [UInt8] = []
        GobPlainWriter.append(text: text, to: &written)
        GobPlainWriter.append(uint: UInt64(size) << 20, to: &written)
        GobPlainWriter.append(bytes: bytes, to: &written)
        #expect(written == expected)
        var reader = GobPlainReader([0xff] + written, from: 1)
        #expect(reader.stringValue()?.count == size)
        #expect(reader.uint() == UInt64(size) << 20)
        #expect(reader.bytesValue()?.count == size)
        #expect(reader.uint() == nil)
    }

    @Test("what is damaged is never read as something else", arguments: 1...20 as ClosedRange<UInt64>)
    func damaged(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var bytes: [UInt8] = []
        GobPlainWriter.append(uint: generator.next(), to: &bytes)
        var refusals = 0
        for _ in 0..<200 {
            var damaged = bytes
            damaged[Int.random(in: damaged.indices, using: &generator)] = UInt8(truncatingIfNeeded: generator.next())
            var reader = GobPlainReader(damaged, from: 0)
            var decoder = GobDecoder(damaged)
            guard let plain = reader.uint() else {
                refusals += 1
                continue
            }
            #expect((try? decoder.next(.uint)) == .uint(plain))
        }
        #expect(refusals > 20)
    }
}
