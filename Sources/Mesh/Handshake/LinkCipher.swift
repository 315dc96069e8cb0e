internal import Wire

/// Seals what we send and opens what we receive on one connection, each in order. `docs/protocol-mesh.md`,
/// "Encryption".
///
/// Nonces are not sent. They are 24 bytes: `40`, with bit `80` if the dialler sends; 15 zeros; the count of sealed
/// messages in this direction so far, network order.
struct LinkCipher: Sendable {
    /// Bytes that sealing adds.
    static let overhead = 16

    private let setup: Setup
    private var sealed: UInt64 = 0
    private var opened: UInt64 = 0

    /// What never changes, in one reference: ciphers are copied with each message.
    private final class Setup: Sendable {
        let key: [UInt8]
        let role: LinkRole
        let cryptography: any MeshCryptography

        init(key: [UInt8], role: LinkRole, cryptography: any MeshCryptography) {
            self.key = key
            self.role = role
            self.cryptography = cryptography
        }
    }

    init(key: [UInt8], role: LinkRole, cryptography: any MeshCryptography) {
        setup = Setup(key: key, role: role, cryptography: cryptography)
    }

    var key: [UInt8] { setup.key }

    mutating func seal(_ message: [UInt8]) -> [UInt8] {
        defer { sealed &+= 1 }
        return setup.cryptography.seal(
            message, nonce: LinkCipher.nonce(sealed, fromDialler: setup.role == .dialler), key: setup.key)
    }

    mutating func open(_ message: [UInt8]) throws(LinkError) -> [UInt8] {
        defer { opened &+= 1 }
        let nonce = LinkCipher.nonce(opened, fromDialler: setup.role == .acceptor)
        guard let plain = setup.cryptography.open(message, nonce: nonce, key: setup.key) else { throw .notOpened }
        return plain
    }

    static func nonce(_ number: UInt64, fromDialler: Bool) -> [UInt8] {
        var nonce: [UInt8] = [fromDialler ? 0xc0 : 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        nonce.reserveCapacity(24)
        nonce.appendNetwork(number)
        return nonce
    }
}
