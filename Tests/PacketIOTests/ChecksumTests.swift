import PacketIO
import TestSupport
import Testing

@Suite("checksums over raw memory")
struct ChecksumTests {
    /// RFC 1071, naively.
    private func naive(_ bytes: [UInt8]) -> UInt16 {
        var sum = 0
        for index in bytes.indices { sum += index % 2 == 0 ? Int(bytes[index]) << 8 : Int(bytes[index]) }
        while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
        return UInt16(sum)
    }

    @Test("every length from 0 to 300 and every alignment sums like the definition")
    func everyLength() throws {
        let memory = try MappedMemory(count: 4_096)
        var random = SeededGenerator(seed: 1)
        let bytes = random.bytes(310)
        for start in 0..<8 {
            memory.bytes.write(bytes, at: start)
            for count in 0...300 {
                let sum = Checksum.fold(memory.bytes.sum(start, count)).bigEndian
                #expect(sum == naive(Array(bytes[..<count])))
            }
        }
    }

    @Test("a long run of ones does not overflow")
    func extremes() throws {
        let memory = try MappedMemory(count: 65_536)
        memory.bytes.write([UInt8](repeating: 0xff, count: 65_535))
        #expect(Checksum.fold(memory.bytes.sum(0, 65_535)).bigEndian == naive([UInt8](repeating: 0xff, count: 65_535)))
        #expect(Checksum.fold(.max) == 0xffff)
    }

    @Test("UDP's checksum is never 0, which would mean none")
    func neverNone() {
        #expect(Checksum.fieldOfUDP(0xffff) == 0xffff)
        #expect(Checksum.field(0xffff) == 0)
        #expect(Checksum.fieldOfUDP(0x1234) == ~0x1234)
    }
}
