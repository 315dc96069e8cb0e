import Mesh

/// Stands in for libsodium in simulations: fast, the same everywhere, and protecting nothing. What it keeps of the real
/// one is what the mesh relies on: both sides make one key, and what was sealed with another key, another nonce or
/// another password, or was changed at its ends, does not open.
package struct PretendedCryptography: MeshCryptography {
    package init() {}

    /// The private key itself: whoever simulates both sides has no secrets.
    package func publicKey(ofPrivateKey privateKey: [UInt8]) -> [UInt8] {
        privateKey
    }

    package func sessionKey(privateKey: [UInt8], remotePublicKey: [UInt8], password: [UInt8]) -> [UInt8]? {
        guard privateKey.count == remotePublicKey.count else { return nil }
        var shared = PretendedCryptography.digest(password, 0)
        for index in privateKey.indices {
            shared = SeededRandom.mix(shared &+ UInt64(privateKey[index] ^ remotePublicKey[index]))
        }
        var random = SeededRandom(seed: shared)
        return (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    package func seal(_ message: [UInt8], nonce: [UInt8], key: [UInt8]) -> [UInt8] {
        var sealed = PretendedCryptography.tag(message[...], nonce: nonce, key: key)
        sealed.reserveCapacity(16 + message.count)
        sealed.append(contentsOf: message)
        return sealed
    }

    package func open(_ sealed: [UInt8], nonce: [UInt8], key: [UInt8]) -> [UInt8]? {
        guard sealed.count >= 16 else { return nil }
        let message = sealed[16...]
        guard PretendedCryptography.tag(message, nonce: nonce, key: key).elementsEqual(sealed[..<16]) else {
            return nil
        }
        return Array(message)
    }

    /// 16 bytes that depend on key, nonce, length, and the first and last 32 bytes.
    static func tag(_ message: ArraySlice<UInt8>, nonce: [UInt8], key: [UInt8]) -> [UInt8] {
        var state = digest(key, UInt64(message.count))
        state = digest(nonce, state)
        state = digest(message.prefix(32), state)
        state = digest(message.suffix(32), state)
        var random = SeededRandom(seed: state)
        var tag: [UInt8] = []
        tag.reserveCapacity(16)
        for _ in 0..<2 {
            let word = random.next()
            for place in 0..<8 { tag.append(UInt8(truncatingIfNeeded: word >> (8 * place))) }
        }
        return tag
    }

    private static func digest(_ bytes: some Sequence<UInt8>, _ start: UInt64) -> UInt64 {
        var state = start &+ 0x2545_f491_4f6c_dd1d
        for byte in bytes { state = (state ^ UInt64(byte)) &* 0x1000_0000_01b3 }
        return SeededRandom.mix(state)
    }
}
