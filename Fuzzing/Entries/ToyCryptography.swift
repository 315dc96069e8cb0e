import Mesh

/// Cryptography that a fuzzer can pass: nothing is hidden, and 16 bytes in front of a message stand for the seal. They
/// are not compared with anything but for a first byte of `ff`, which is a seal that does not open.
struct ToyCryptography: MeshCryptography {
    func publicKey(ofPrivateKey privateKey: [UInt8]) -> [UInt8] {
        privateKey
    }

    func sessionKey(privateKey: [UInt8], remotePublicKey: [UInt8], password: [UInt8]) -> [UInt8]? {
        guard remotePublicKey.contains(where: { $0 != 0 }) else { return nil }
        return zip(privateKey, remotePublicKey).map { $0 ^ $1 }
    }

    func seal(_ message: [UInt8], nonce: [UInt8], key: [UInt8]) -> [UInt8] {
        [UInt8](repeating: 0, count: 16) + message
    }

    func open(_ sealed: [UInt8], nonce: [UInt8], key: [UInt8]) -> [UInt8]? {
        guard sealed.count >= 16, sealed[0] != 0xff else { return nil }
        return Array(sealed.dropFirst(16))
    }
}
