import Mesh
import Sealing
import TestSupport
import Testing
import Wire

/// Keys and sealed messages of the reference's packages, by way of the cryptography that a link is given.
@Suite struct CryptoVectorTests {
    private struct File: Decodable {
        struct Pair: Decodable {
            let `private`: String
            let `public`: String
        }
        struct Message: Decodable {
            let nonce: String
            let plain: String
            let sealed: String
        }
        struct Vector: Decodable {
            let password: String
            let sessionKey: String
            let fromAcceptor: [Message]
            let fromDialler: [Message]
        }
        let acceptor: Pair
        let dialler: Pair
        let vectors: [Vector]
    }

    @Test("both sides derive the recorded session keys, and sealed messages open and seal to the recorded bytes")
    func vectors() throws {
        let file = try Fixture.json("mesh/crypto-vectors.json", as: File.self)
        let sodium = SodiumCryptography()
        let decode = { (text: String) in try #require(bytes(hexadecimal: text)) }
        try #require(!file.vectors.isEmpty)
        for vector in file.vectors {
            let password = Array(vector.password.utf8)
            for (own, other) in [(file.acceptor, file.dialler), (file.dialler, file.acceptor)] {
                #expect(sodium.publicKey(ofPrivateKey: try decode(own.private)) == (try decode(own.public)))
                let key = sodium.sessionKey(
                    privateKey: try decode(own.private), remotePublicKey: try decode(other.public), password: password)
                #expect(key.map { hexadecimal($0) } == vector.sessionKey)
            }
            let key = try decode(vector.sessionKey)
            for message in vector.fromAcceptor + vector.fromDialler {
                let nonce = try decode(message.nonce)
                #expect(hexadecimal(sodium.seal(try decode(message.plain), nonce: nonce, key: key)) == message.sealed)
                #expect(sodium.open(try decode(message.sealed), nonce: nonce, key: key) == (try decode(message.plain)))
            }
        }
    }
}
