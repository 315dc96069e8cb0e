import PacketIO
import TestSupport
import Testing

@Suite("windows on raw memory")
struct MemoryTests {
    @Test("integers of every width are written and read in network order, at any offset")
    func integers() throws {
        let memory = try MappedMemory(count: 64)
        let bytes = memory.bytes
        for offset in 0..<9 {
            bytes.setNetwork64(offset, 0x0102_0304_0506_0708)
            #expect(bytes.array(offset, count: 8) == [1, 2, 3, 4, 5, 6, 7, 8])
            #expect(bytes.network64(offset) == 0x0102_0304_0506_0708)
            #expect(bytes.network48(offset) == 0x0102_0304_0506)
            #expect(bytes.network32(offset) == 0x0102_0304)
            #expect(bytes.network16(offset) == 0x0102)
            bytes.setNetwork48(offset, 0x0a0b_0c0d_0e0f)
            #expect(bytes.array(offset, count: 8) == [10, 11, 12, 13, 14, 15, 7, 8])
            bytes.setNetwork32(offset, 0xffff_fffe)
            bytes.setNetwork16(offset, 0x1122)
            #expect(bytes.array(offset, count: 6) == [0x11, 0x22, 0xff, 0xfe, 14, 15])
        }
    }

    @Test("ranges match exactly when every byte does")
    func matching() throws {
        let memory = try MappedMemory(count: 256)
        var random = SeededGenerator(seed: 2)
        let pattern = random.bytes(40)
        memory.bytes.write(pattern, at: 3)
        memory.bytes.write(pattern, at: 101)
        for count in 0...40 {
            #expect(memory.bytes.matches(3, memory.bytes, 101, count: count))
            guard count > 0 else { continue }
            memory.bytes.setByte(101 + count - 1, pattern[count - 1] ^ 0x80)
            #expect(!memory.bytes.matches(3, memory.bytes, 101, count: count))
            memory.bytes.setByte(101 + count - 1, pattern[count - 1])
        }
    }

    @Test("a virtio-net header is written as the kernel lays it out")
    func offload() throws {
        let memory = try MappedMemory(count: 16)
        var offload = FrameOffload()
        offload.flags = VirtioHeader.needsChecksum
        offload.kind = VirtioHeader.kindTCP4
        offload.headerBytes = 66
        offload.segmentBytes = 1_386
        offload.checksumStart = 34
        offload.checksumOffset = 16
        offload.write(to: memory.bytes)
        // flags, kind, header, segment, start, offset; little-endian here.
        #expect(memory.bytes.array(0, count: 10) == [1, 1, 66, 0, 0x6a, 5, 34, 0, 16, 0])
        #expect(FrameOffload(memory.bytes).segmentBytes == 1_386)
    }

    @Test("a thread sees what was published before it was woken, and joins")
    func threads() async throws {
        final class Shared: Sendable {
            let memory: MappedMemory
            let event: WakeEvent
            init() throws {
                memory = try MappedMemory(count: 64)
                event = try WakeEvent()
            }
        }
        let shared = try Shared()
        let thread = try PacketThread(name: "weft-test") {
            while shared.memory.words.load(0) == 0 {
                let ready = Readiness.wait(shared.event.waitable, -1, -1, milliseconds: -1)
                if ready.first { shared.event.clear() }
            }
            shared.memory.words.store(1, shared.memory.words.load(0) + 1)
        }
        shared.memory.words.store(0, 41)
        shared.event.signal()
        thread.join()
        #expect(shared.memory.words.load(1) == 42)
    }

    @Test("words are added, exchanged and replaced")
    func words() throws {
        let memory = try MappedMemory(count: 16)
        let words = memory.words
        #expect(words.add(0, 5) == 0)
        #expect(words.add(0, .max) == 5)
        #expect(words.load(0) == 4)
        #expect(words.exchange(0, 9) == 4)
        #expect(!words.replace(0, 4, with: 1))
        #expect(words.replace(0, 9, with: 1))
        #expect(words.loadOrdered(0) == 1)
        #expect(words.load(1) == 0)
    }
}
