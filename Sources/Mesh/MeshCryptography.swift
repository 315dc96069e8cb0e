/// The cryptography that the mesh needs, given to it from outside (`Sealing` implements it with libsodium).
///
/// Everything is deterministic: random bytes come in as arguments, so recorded conversations can be replayed.
public protocol MeshCryptography: Sendable {
    /// The X25519 public key of a 32-byte private key.
    func publicKey(ofPrivateKey privateKey: [UInt8]) -> [UInt8]

    /// SHA-256(HSalsa20(X25519(own, remote)) ‖ password): 32 bytes; nil when the exchange gives all zeros.
    func sessionKey(privateKey: [UInt8], remotePublicKey: [UInt8], password: [UInt8]) -> [UInt8]?

    /// NaCl secretbox: a 16-byte tag, then the ciphertext.
    func seal(_ message: [UInt8], nonce: [UInt8], key: [UInt8]) -> [UInt8]

    /// The opposite of `seal`; nil when the tag does not fit.
    func open(_ sealed: [UInt8], nonce: [UInt8], key: [UInt8]) -> [UInt8]?
}
