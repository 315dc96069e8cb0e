import Mesh
import Sealing
import TestSupport
import Testing
import Wire

/// `Tests/Fixtures/mesh/crypto-vectors.json`, made by the reference router's packages.
private struct Vectors: Decodable {
    struct Pair: Decodable {
        let `private`: String
        let `public`: String
    }
    struct Message: Decodable {
        let nonce: String
        let plain: String
        let sealed: String
    }
    struct Session: Decodable {
        let passwordHex: String
        let sessionKey: String
        let fromAcceptor: [Message]
        let fromDialler: [Message]
    }
    let acceptor: Pair
    let dialler: Pair
    let vectors: [Session]

    static func load() throws -> Vectors {
        try Fixture.json("mesh/crypto-vectors.json", as: Vectors.self)
    }
}

private func binary(_ text: String) throws -> [UInt8] {
    try #require(bytes(hexadecimal: text))
}

@Suite("The mesh's cryptography")
struct SodiumCryptographyTests {
    private let cryptography: any MeshCryptography = SodiumCryptography()

    @Test("public keys are those of the recorded private keys")
    func publicKeys() throws {
        let vectors = try Vectors.load()
        for pair in [vectors.acceptor, vectors.dialler] {
            #expect(cryptography.publicKey(ofPrivateKey: try binary(pair.private)) == (try binary(pair.public)))
        }
    }

    @Test("both ends derive the recorded session key of each password")
    func sessionKeys() throws {
        let vectors = try Vectors.load()
        #expect(!vectors.vectors.isEmpty)
        for session in vectors.vectors {
            for (own, remote) in [(vectors.acceptor, vectors.dialler), (vectors.dialler, vectors.acceptor)] {
                let key = cryptography.sessionKey(
                    privateKey: try binary(own.private), remotePublicKey: try binary(remote.public),
                    password: try binary(session.passwordHex))
                #expect(key == (try binary(session.sessionKey)))
            }
        }
    }

    @Test("the recorded messages are sealed to the same bytes and open again")
    func messages() throws {
        for session in try Vectors.load().vectors {
            let key = try binary(session.sessionKey)
            for message in session.fromDialler + session.fromAcceptor {
                let nonce = try binary(message.nonce)
                let sealed = try binary(message.sealed)
                #expect(cryptography.seal(try binary(message.plain), nonce: nonce, key: key) == sealed)
                #expect(cryptography.open(sealed, nonce: nonce, key: key) == (try binary(message.plain)))
            }
        }
    }

    @Test("a changed or cut message does not open")
    func forgeries() {
        let key = [UInt8](repeating: 7, count: 32)
        let nonce = [UInt8](repeating: 9, count: 24)
        let sealed = cryptography.seal([1, 2, 3, 4], nonce: nonce, key: key)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 0x10
            #expect(cryptography.open(changed, nonce: nonce, key: key) == nil)
            #expect(cryptography.open(Array(sealed.prefix(index)), nonce: nonce, key: key) == nil)
        }
    }

    @Test("a public key of small order or of the wrong length gives no session key")
    func uselessPublicKeys() {
        let own = [UInt8](repeating: 0x55, count: 32)
        let useless: [[UInt8]] = [
            [UInt8](repeating: 0, count: 32),
            [1] + [UInt8](repeating: 0, count: 31),
            [],
            [UInt8](repeating: 9, count: 31),
            [UInt8](repeating: 9, count: 33),
        ]
        for key in useless {
            #expect(cryptography.sessionKey(privateKey: own, remotePublicKey: key, password: [1]) == nil)
        }
    }
}
