import Sealing
import TestSupport
import Testing
import Wire

@Suite("Secret memory, digests and random bytes")
struct SecretMemoryTests {
    @Test("locked memory starts as zeros, keeps what is written and is aligned for multiples of 64")
    func lockedBytes() throws {
        let fresh = try LockedBytes(count: 128)
        let zeros = fresh.copy()
        #expect(zeros == [UInt8](repeating: 0, count: 128))
        #expect(UInt(bitPattern: fresh.base) % 64 == 0)
        let filled = try LockedBytes(copying: [1, 2, 3])
        let contents = filled.copy()
        #expect(contents == [1, 2, 3])
        #expect(filled.count == 3)
        let scratch = try LockedBytes(count: DatagramKey.scratchBytes)
        #expect(UInt(bitPattern: scratch.base) % 64 == 0)
        let empty = try LockedBytes(count: 0)
        let nothing = empty.copy()
        #expect(nothing.isEmpty)
    }

    @Test("impossible sizes throw instead of trapping", arguments: [-1, Int.max])
    func impossibleSizes(count: Int) {
        do {
            _ = try LockedBytes(count: count)
            Issue.record("memory of \(count) bytes was given")
        } catch {
            #expect(error == .memoryUnavailable(lengthBytes: count))
        }
    }

    @Test("SHA-256 gives the published digests (FIPS 180-2, B.1)")
    func digests() {
        #expect(
            hexadecimal(sha256(Array("abc".utf8)))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            hexadecimal(sha256([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test("equality in constant time is equality")
    func constantTime() {
        #expect(constantTimeEqual([], []))
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2]))
    }

    @Test("random bytes have the asked length and differ from call to call")
    func randomBytes() {
        var random = SystemRandom()
        let (first, second, none) = (random.bytes(32), random.bytes(32), random.bytes(-1))
        #expect(first.count == 32 && first != second && none.isEmpty)
        let numbers = (random.next(), random.next())
        #expect(numbers.0 != numbers.1)
    }
}
