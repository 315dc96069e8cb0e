/// Seals what we send and opens what we receive on one connection, each in order. `docs/protocol-mesh.md`,
/// "Encryption".
///
/// Nonces are not sent. They are 24 bytes: `40`, with bit `80` if the dialler sends; 15 zeros; the count of sealed
/// messages in this direction so far, network order.
struct LinkCipher: Sendable {
    /// Bytes that sealing adds.
    static let overhead = 16

    let key: [UInt8]
    private let cryptography: any MeshCryptography
    private let role: LinkRole
    private var sealed: UInt64 = 0
    private var opened: UInt64 = 0

    init(key: [UInt8], role: LinkRole, cryptography: any MeshCryptography) {
        self.key = key
        self.role = role
        self.cryptography = cryptography
    }

    mutating func seal(_ message: [UInt8]) -> [UInt8] {
        defer { sealed &+= 1 }
        return cryptography.seal(message, nonce: LinkCipher.nonce(sealed, fromDialler: role == .dialler), key: key)
    }

    mutating func open(_ message: [UInt8]) throws(LinkError) -> [UInt8] {
        defer { opened &+= 1 }
        let nonce = LinkCipher.nonce(opened, fromDialler: role == .acceptor)
        guard let plain = cryptography.open(message, nonce: nonce, key: key) else { throw .notOpened }
        return plain
    }

    static func nonce(_ number: UInt64, fromDialler: Bool) -> [UInt8] {
        var nonce: [UInt8] = [fromDialler ? 0xc0 : 0x40]
        nonce.append(contentsOf: repeatElement(0, count: 15))
        for shift in stride(from: 56, through: 0, by: -8) {
            nonce.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
        }
        return nonce
    }
}
