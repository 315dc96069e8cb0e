import CSodium
import Sealing
import TestSupport
import Testing

/// What secretbox itself makes of the same key, direction and sequence: tag and ciphertext.
private func secretbox(
    _ message: [UInt8], key: [UInt8], senderDialled: Bool, sequence: UInt64
) -> (tag: [UInt8], ciphertext: [UInt8]) {
    var nonce = [UInt8](repeating: 0, count: 24)
    nonce[0] = senderDialled ? 0x80 : 0
    for index in 0..<8 { nonce[16 + index] = UInt8(truncatingIfNeeded: sequence >> (56 - 8 * UInt64(index))) }
    var tag = [UInt8](repeating: 0, count: 16)
    var ciphertext = [UInt8](repeating: 0, count: message.count)
    _ = crypto_secretbox_detached(&ciphertext, &tag, message, UInt64(message.count), nonce, key)
    return (tag, ciphertext)
}

/// A key, its scratch, and room for one datagram between two guard areas that must stay as they are.
private final class Bench {
    private let scratch: UnsafeMutableRawPointer
    private let room: UnsafeMutableRawPointer
    private let margin = 64

    init() {
        scratch = .allocate(byteCount: DatagramKey.scratchBytes, alignment: 64)
        room = .allocate(byteCount: DatagramKey.maximumBody + 2 * margin, alignment: 64)
    }

    deinit {
        scratch.deallocate()
        room.deallocate()
    }

    func seal(_ message: [UInt8], with key: borrowing DatagramKey, sequence: UInt64) -> (tag: [UInt8], body: [UInt8]) {
        fill(message)
        var tag = [UInt8](repeating: 0, count: 16)
        tag.withUnsafeMutableBytes { tag in
            guard let tag = tag.baseAddress else { return }
            key.seal(room + margin, count: message.count, tag: tag, sequence: sequence, scratch: scratch)
        }
        return (tag, take(message.count))
    }

    func open(
        _ body: [UInt8], tag: [UInt8], with key: borrowing DatagramKey, sequence: UInt64
    ) -> (isGenuine: Bool, body: [UInt8]) {
        fill(body)
        let isGenuine = tag.withUnsafeBytes { tag in
            guard let tag = tag.baseAddress else { return false }
            return key.open(room + margin, count: body.count, tag: tag, sequence: sequence, scratch: scratch)
        }
        return (isGenuine, take(body.count))
    }

    private func fill(_ bytes: [UInt8]) {
        room.initializeMemory(as: UInt8.self, repeating: 0xa5, count: bytes.count + 2 * margin)
        bytes.withUnsafeBytes { source in
            guard let base = source.baseAddress else { return }
            (room + margin).copyMemory(from: base, byteCount: source.count)
        }
    }

    private func take(_ count: Int) -> [UInt8] {
        let all = [UInt8](UnsafeRawBufferPointer(start: room, count: count + 2 * margin))
        #expect(all.prefix(margin).allSatisfy { $0 == 0xa5 }, "bytes before the body were written")
        #expect(all.suffix(margin).allSatisfy { $0 == 0xa5 }, "bytes behind the body were written")
        return [UInt8](all[margin..<(margin + count)])
    }
}

@Suite("Datagrams sealed in place")
struct DatagramKeyTests {
    @Test("every length from 0 to 2,000 bytes gives secretbox's bytes, in both directions, and opens again")
    func equalsSecretbox() throws {
        var random = SeededGenerator(seed: 0x5ea1)
        let bench = Bench()
        for senderDialled in [true, false] {
            let sessionKey = random.bytes(32)
            let key = try DatagramKey(sessionKey: sessionKey, senderDialled: senderDialled)
            for length in 0...2_000 {
                let message = random.bytes(length)
                let sequence = random.next()
                let expected = secretbox(message, key: sessionKey, senderDialled: senderDialled, sequence: sequence)
                let sealed = bench.seal(message, with: key, sequence: sequence)
                #expect(sealed.tag == expected.tag && sealed.body == expected.ciphertext, "length \(length)")
                let opened = bench.open(sealed.body, tag: sealed.tag, with: key, sequence: sequence)
                #expect(opened.isGenuine && opened.body == message, "length \(length)")
            }
        }
    }

    @Test("bodies up to the largest UDP payload give secretbox's bytes", arguments: [9_000, 16_384, 60_001, 65_507])
    func equalsSecretboxWhenLarge(length: Int) throws {
        var random = SeededGenerator(seed: UInt64(length))
        let bench = Bench()
        let sessionKey = random.bytes(32)
        let key = try DatagramKey(sessionKey: sessionKey, senderDialled: true)
        let message = random.bytes(length)
        let expected = secretbox(message, key: sessionKey, senderDialled: true, sequence: 1 << 63 | 7)
        let sealed = bench.seal(message, with: key, sequence: 1 << 63 | 7)
        #expect(sealed.tag == expected.tag && sealed.body == expected.ciphertext)
    }

    @Test("a flipped bit in tag, body, sequence or direction is noticed and leaves the body alone")
    func forgeriesAreNoticed() throws {
        var random = SeededGenerator(seed: 0xf01)
        let bench = Bench()
        let sessionKey = random.bytes(32)
        let key = try DatagramKey(sessionKey: sessionKey, senderDialled: true)
        let other = try DatagramKey(sessionKey: sessionKey, senderDialled: false)
        let sealed = bench.seal(random.bytes(99), with: key, sequence: 5)
        for bit in 0..<(16 * 8) {
            var tag = sealed.tag
            tag[bit / 8] ^= 1 << (bit % 8)
            #expect(!bench.open(sealed.body, tag: tag, with: key, sequence: 5).isGenuine)
        }
        for bit in 0..<(99 * 8) {
            var body = sealed.body
            body[bit / 8] ^= 1 << (bit % 8)
            let opened = bench.open(body, tag: sealed.tag, with: key, sequence: 5)
            #expect(!opened.isGenuine && opened.body == body)
        }
        for bit in 0..<64 {
            let sequence = 5 ^ (UInt64(1) << UInt64(bit))
            #expect(!bench.open(sealed.body, tag: sealed.tag, with: key, sequence: sequence).isGenuine)
        }
        #expect(!bench.open(sealed.body, tag: sealed.tag, with: other, sequence: 5).isGenuine)
    }

    @Test("a body longer than a UDP payload is refused before anything is read")
    func tooLong() throws {
        let key = try DatagramKey(sessionKey: [UInt8](repeating: 1, count: 32), senderDialled: true)
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
        defer { bytes.deallocate() }
        for count in [65_508, Int.max, -1, Int.min] {
            let isGenuine = key.open(bytes, count: count, tag: bytes, sequence: 0, scratch: bytes)
            #expect(!isGenuine, "\(count) bytes")
        }
    }

    @Test("a session key of another length is refused", arguments: [0, 31, 33])
    func keyLength(count: Int) {
        do {
            _ = try DatagramKey(sessionKey: [UInt8](repeating: 0, count: count), senderDialled: true)
            Issue.record("a key of \(count) bytes was taken")
        } catch {
            #expect(error == .keyLength(expected: 32, given: count))
        }
    }

    @Test("a subkey kept by the caller seals and opens like the key")
    func rawSubkey() throws {
        var random = SeededGenerator(seed: 0x5b)
        let bench = Bench()
        let sessionKey = random.bytes(32)
        let key = try DatagramKey(sessionKey: sessionKey, senderDialled: true)
        let message = random.bytes(1_414)
        let sealed = bench.seal(message, with: key, sequence: 12)

        let subkey = try LockedBytes(count: DatagramKey.subkeyBytes)
        let scratch = try LockedBytes(count: DatagramKey.scratchBytes)
        let datagram = try LockedBytes(copying: sealed.tag + sealed.body)
        try DatagramKey.writeSubkey(to: subkey.base, sessionKey: sessionKey, senderDialled: true)
        let isGenuine = DatagramKey.open(
            datagram.base + 16, count: message.count, tag: datagram.base, sequence: 12, subkey: subkey.base,
            scratch: scratch.base)
        #expect(isGenuine)
        let opened = Array(datagram.copy().dropFirst(16))
        #expect(opened == message)
        DatagramKey.seal(
            datagram.base + 16, count: message.count, tag: datagram.base, sequence: 12, subkey: subkey.base,
            scratch: scratch.base)
        let again = datagram.copy()
        #expect(again == sealed.tag + sealed.body)
        DatagramKey.wipe(subkey.base, count: subkey.count)
        let wiped = subkey.copy()
        #expect(wiped == [UInt8](repeating: 0, count: 32))
    }
}
