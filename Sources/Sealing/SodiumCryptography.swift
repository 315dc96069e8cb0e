internal import CSodium
public import Mesh

/// The mesh's cryptography by libsodium: X25519, NaCl's box key derivation, and secretbox (`docs/protocol-mesh.md`,
/// "Encryption").
///
/// For the TCP channel, where messages are few; datagrams are sealed in place by `DatagramKey`.
public struct SodiumCryptography: MeshCryptography {
    /// Length of private, public and session keys.
    public static var keyBytes: Int { 32 }
    /// Length of secretbox's nonce.
    public static var nonceBytes: Int { 24 }
    /// Length of the tag in front of each ciphertext.
    public static var tagBytes: Int { 16 }

    public init() {
        // Without its start libsodium gives the same bytes, from slower code: nothing here has to fail.
        _ = Sodium.isReady
    }

    public func publicKey(ofPrivateKey privateKey: [UInt8]) -> [UInt8] {
        precondition(privateKey.count == Self.keyBytes, "an X25519 private key has 32 bytes")
        var publicKey = [UInt8](repeating: 0, count: Self.keyBytes)
        _ = unsafe crypto_scalarmult_base(&publicKey, privateKey)
        return publicKey
    }

    /// Nil also when `remotePublicKey` is not 32 bytes long.
    public func sessionKey(privateKey: [UInt8], remotePublicKey: [UInt8], password: [UInt8]) -> [UInt8]? {
        precondition(privateKey.count == Self.keyBytes, "an X25519 private key has 32 bytes")
        guard remotePublicKey.count == Self.keyBytes else { return nil }
        var material = [UInt8](repeating: 0, count: Self.keyBytes)
        // The room for the password is there at once, so that growing leaves no copy of the shared secret behind.
        material.reserveCapacity(Self.keyBytes + password.count)
        defer { wipe(&material) }
        // Fails when the exchange gives all zeros: the remote sent a point of small order.
        guard unsafe crypto_box_beforenm(&material, remotePublicKey, privateKey) == 0 else { return nil }
        material.append(contentsOf: password)
        return sha256(material)
    }

    public func seal(_ message: [UInt8], nonce: [UInt8], key: [UInt8]) -> [UInt8] {
        precondition(nonce.count == Self.nonceBytes && key.count == Self.keyBytes, "secretbox takes 24 and 32 bytes")
        var sealed = [UInt8](repeating: 0, count: message.count + Self.tagBytes)
        _ = unsafe crypto_secretbox_easy(&sealed, message, UInt64(message.count), nonce, key)
        return sealed
    }

    public func open(_ sealed: [UInt8], nonce: [UInt8], key: [UInt8]) -> [UInt8]? {
        precondition(nonce.count == Self.nonceBytes && key.count == Self.keyBytes, "secretbox takes 24 and 32 bytes")
        guard sealed.count >= Self.tagBytes else { return nil }
        var message = [UInt8](repeating: 0, count: sealed.count - Self.tagBytes)
        guard unsafe crypto_secretbox_open_easy(&message, sealed, UInt64(sealed.count), nonce, key) == 0 else {
            return nil
        }
        return message
    }
}
