import Wire
public import Gob

/// Why a connection can't go on. The other side learns nothing of it; the words are for our log and status.
public enum LinkError: Error, Hashable, Sendable {
    /// The first bytes are not those of a mesh router.
    case notMesh
    case noCommonVersion(ownMinimum: UInt8, ownMaximum: UInt8, remoteMinimum: UInt8, remoteMaximum: UInt8)
    case badEncryptionFlag(UInt8)
    case onlyRemoteHasPassword
    case onlyWeHavePassword
    /// A key that is not 32 bytes, or with which the exchange gives all zeros.
    case badPublicKey
    /// A frame or stream message longer than the limit, announced by the other side.
    case frameTooLong(bytes: UInt64, limit: Int)
    /// A sealed message that does not open.
    case notOpened
    /// Features, or the version 1 stream, are not what they should be.
    case badGob(GobError)
    case missingFeature(String)
    case badFeature(key: String, value: String)
    case noCommonOverlay(own: [String], remote: [String])
    case badMessage(MeshMessageError)
    /// A message of ours that no frame can hold.
    case messageTooLong(bytes: Int, limit: Int)
    /// Asked to send before the handshake was done, or after an error.
    case notReady

    /// A word to count by.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case notMesh = "not-mesh"
        case version
        case password
        case tooLong = "too-long"
        case sealing
        case features
        case overlay
        case message
        case local
    }

    public var kind: Kind {
        switch self {
        case .notMesh: .notMesh
        case .noCommonVersion: .version
        case .badEncryptionFlag, .badGob, .missingFeature, .badFeature: .features
        case .onlyRemoteHasPassword, .onlyWeHavePassword: .password
        case .badPublicKey, .notOpened: .sealing
        case .frameTooLong: .tooLong
        case .noCommonOverlay: .overlay
        case .badMessage: .message
        case .messageTooLong, .notReady: .local
        }
    }
}

extension LinkError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notMesh:
            "it does not speak the mesh protocol: is there another service on this port?"
        case .noCommonVersion(let ownMinimum, let ownMaximum, let remoteMinimum, let remoteMaximum):
            "no common protocol version: we speak \(ownMinimum)..\(ownMaximum), "
                + "it speaks \(remoteMinimum)..\(remoteMaximum)"
                + (remoteMaximum == 1 && ownMinimum > 1 ? " (--min-protocol 1 admits it)" : "")
        case .badEncryptionFlag(let flag):
            "an encryption flag of \(flag), which is neither 0 nor 1"
        case .onlyRemoteHasPassword:
            "the other side has a password and we do not: give --password-file"
        case .onlyWeHavePassword:
            "we have a password and the other side does not: give it the same, or leave out ours"
        case .badPublicKey:
            "the other side sent a public key that can't be used: it is broken, or means harm"
        case .frameTooLong(let bytes, let limit):
            "a message of \(bytes) bytes was announced, \(limit) are allowed here"
        case .notOpened:
            "a sealed message did not open: the passwords differ, or the stream was tampered with"
        case .badGob(let error):
            "the other side sent what can't be read (\(error))"
        case .missingFeature(let key):
            "the other side does not say its \(key)"
        case .badFeature(let key, let value):
            "the other side's \(key) is \(LinkError.quoted(value)), which is not acceptable"
        case .noCommonOverlay(let own, let remote):
            "no common overlay: we have \(LinkError.quoted(own.joined(separator: " "))), "
                + "it has \(LinkError.quoted(remote.joined(separator: " ")))"
        case .badMessage(let error):
            "\(error)"
        case .messageTooLong(let bytes, let limit):
            "a message of \(bytes) bytes can't be sent: the protocol allows \(limit)"
        case .notReady:
            "the handshake is not done"
        }
    }

    /// Foreign text that may stand in a log line: short, and without control characters.
    private static func quoted(_ text: String) -> String {
        let start = String(String.UnicodeScalarView(text.unicodeScalars.prefix(64)))
        return "\"" + PrintableText.cleaned(start) + (text.unicodeScalars.count > 64 ? "…\"" : "\"")
    }
}
