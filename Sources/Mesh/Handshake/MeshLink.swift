internal import Gob
internal import Wire

/// What a link wants done, in order.
public enum LinkOutput: Sendable {
    /// Send these bytes.
    case send([UInt8])
    /// The handshake is done; once.
    case ready(RemoteFeatures, LinkAgreement)
    /// A message came; only after `ready`.
    case message(MeshMessage)
}

/// The byte streams of one TCP connection, in versions 1 and 2, in clear and sealed: bytes in, bytes and messages out.
/// `docs/protocol-mesh.md`, "Handshake".
///
/// | state | waits for | then |
/// |---|---|---|
/// | fresh | `start` | sends the header, and the opening if only one version is possible |
/// | header | 7 bytes | agrees on a version, sends the opening if it has not; flag (2) or features (1) |
/// | flag | 1 byte, version 2 | key if both have a password, features if none has |
/// | key | 32 bytes, version 2 | makes the session key, sends the features sealed; features |
/// | features | a frame (2) or value (1) of at most 64 KiB | `ready` |
/// | ready | frames (2) or values (1) of at most 10 MiB | `message` for each |
/// | failed | nothing: every call throws the first error | |
///
/// The opening is what depends on nothing that the other side says: version 1: the features; version 2 in clear: flag
/// and features; version 2 with a password: flag and key. Neither side waits for the other's part, else two such sides
/// would wait for each other.
///
/// Deviations from the original: features of more than 64 KiB, public keys of a wrong length or of small order, and
/// names in abbreviated form or that no peer can have are refused.
public struct MeshLink: Sendable {
    private let role: LinkRole
    private let setup: Setup
    /// Emptied when nothing needs it any more.
    private var privateKey: [UInt8]
    private let cryptography: any MeshCryptography
    private var state = State.fresh
    private var input = LinkInput()

    /// What never changes, in one reference: links are copied often.
    private final class Setup: Sendable {
        let configuration: LinkConfiguration

        init(_ configuration: LinkConfiguration) { self.configuration = configuration }
    }

    private var configuration: LinkConfiguration { setup.configuration }

    private enum State {
        case fresh
        case header(hasOpened: Bool)
        case flag
        case key
        case features(AwaitedFeatures)
        case ready(ReadyLink)
        case failed(LinkError)
    }

    public init(role: LinkRole, configuration: LinkConfiguration, cryptography: any MeshCryptography) {
        self.role = role
        var kept = configuration
        kept.privateKey = []
        setup = Setup(kept)
        privateKey = configuration.privateKey
        self.cryptography = cryptography
    }

    /// Begins the handshake; to be called once, before anything else.
    public mutating func start() -> [LinkOutput] {
        guard case .fresh = state else { preconditionFailure("a link is started once") }
        var bytes = ownHeader.bytes
        let isDecided = configuration.minimumVersion == configuration.maximumVersion
        if isDecided { bytes += opening(version: configuration.maximumVersion) }
        state = .header(hasOpened: isDecided)
        return [.send(bytes)]
    }

    /// Takes the next bytes, any number of them. After an error, all outputs of this call are lost, and the link is of
    /// no more use.
    public mutating func receive(_ bytes: [UInt8]) throws(LinkError) -> [LinkOutput] {
        if case .failed(let error) = state { throw error }
        input.append(bytes)
        var outputs: [LinkOutput] = []
        do throws(LinkError) {
            while try step(&outputs) {}
        } catch {
            state = .failed(error)
            input = LinkInput()
            throw error
        }
        return outputs
    }

    /// The bytes that carry a message. They must be sent in the order of the calls, and all of them: sealing counts.
    public mutating func encode(_ message: MeshMessage) throws(LinkError) -> [UInt8] {
        guard case .ready(var link) = state else { throw .notReady }
        let bytes = try link.encode(MeshMessageCodec.encode(message))
        state = .ready(link)
        return bytes
    }

    /// One transition; false when more bytes are needed for it.
    private mutating func step(_ outputs: inout [LinkOutput]) throws(LinkError) -> Bool {
        switch state {
        case .fresh: preconditionFailure("a link is started before it receives")
        case .header(let hasOpened): try receiveHeader(hasOpened: hasOpened, &outputs)
        case .flag: try receiveFlag()
        case .key: try receiveKey(&outputs)
        case .features(let awaited): try receiveFeatures(awaited, &outputs)
        case .ready(let link): try receiveMessage(link, &outputs)
        case .failed: false
        }
    }

    private mutating func receiveHeader(hasOpened: Bool, _ outputs: inout [LinkOutput]) throws(LinkError) -> Bool {
        guard ProtocolHeader.mayBegin(with: input.waiting) else { throw .notMesh }
        guard let bytes = input.take(ProtocolHeader.length) else { return false }
        guard let header = ProtocolHeader(bytes) else { throw .notMesh }
        guard let version = ownHeader.agreedVersion(with: header) else {
            throw .noCommonVersion(
                ownMinimum: configuration.minimumVersion, ownMaximum: configuration.maximumVersion,
                remoteMinimum: header.minimum, remoteMaximum: header.maximum)
        }
        if !hasOpened { outputs.append(.send(opening(version: version))) }
        if version == 1 {
            input.becomeStream()
            state = .features(AwaitedFeatures(version: version, cipher: nil))
        } else {
            state = .flag
        }
        return true
    }

    private mutating func receiveFlag() throws(LinkError) -> Bool {
        guard let flag = input.take(1)?.first else { return false }
        guard flag <= 1 else { throw .badEncryptionFlag(flag) }
        try checkPasswords(remoteHasOne: flag == 1)
        state = flag == 1 ? .key : .features(AwaitedFeatures(version: 2, cipher: nil))
        return true
    }

    private mutating func receiveKey(_ outputs: inout [LinkOutput]) throws(LinkError) -> Bool {
        guard let key = input.take(32) else { return false }
        var cipher = try cipher(remotePublicKey: key)
        let features = OwnFeatures(configuration, version: 2, publicKey: nil)
        outputs.append(.send(Frame.bytes(cipher.seal(features.bytes))))
        state = .features(AwaitedFeatures(version: 2, cipher: cipher))
        return true
    }

    private mutating func receiveFeatures(
        _ awaited: AwaitedFeatures, _ outputs: inout [LinkOutput]
    ) throws(LinkError) -> Bool {
        var awaited = awaited
        guard var texts = try awaited.take(from: &input) else { return false }
        if awaited.version == 1 {
            texts = texts.filter { FeatureKey(rawValue: $0.key)?.isInClear ?? false }
            let keyText = texts.removeValue(forKey: FeatureKey.publicKey.rawValue)
            try checkPasswords(remoteHasOne: keyText != nil)
            if let keyText {
                guard let key = Wire.bytes(hexadecimal: keyText), key.count == 32 else { throw .badPublicKey }
                awaited.cipher = try cipher(remotePublicKey: key)
            }
        }
        let remote = try RemoteFeatures(texts)
        let agreement = try agree(with: remote, awaited)
        state = .ready(ReadyLink(awaited))
        // Nothing is derived from it any more: a later leak shall not open what was recorded.
        privateKey = []
        outputs.append(.ready(remote, agreement))
        return true
    }

    private mutating func receiveMessage(_ link: ReadyLink, _ outputs: inout [LinkOutput]) throws(LinkError) -> Bool {
        var link = link
        guard let message = try link.take(from: &input) else { return false }
        state = .ready(link)
        do throws(MeshMessageError) {
            outputs.append(.message(try MeshMessageCodec.decode(message)))
        } catch {
            throw .badMessage(error)
        }
        return true
    }

    private var ownHeader: ProtocolHeader {
        ProtocolHeader(minimum: configuration.minimumVersion, maximum: configuration.maximumVersion)
    }

    private func opening(version: UInt8) -> [UInt8] {
        let publicKey =
            configuration.password == nil ? nil : cryptography.publicKey(ofPrivateKey: privateKey)
        if version == 2, let publicKey { return [1] + publicKey }
        let features = OwnFeatures(configuration, version: version, publicKey: publicKey).bytes
        return version == 2 ? [0] + Frame.bytes(features) : features
    }

    private func checkPasswords(remoteHasOne: Bool) throws(LinkError) {
        guard remoteHasOne != (configuration.password != nil) else { return }
        throw remoteHasOne ? .onlyRemoteHasPassword : .onlyWeHavePassword
    }

    private func cipher(remotePublicKey: [UInt8]) throws(LinkError) -> LinkCipher {
        guard
            let key = cryptography.sessionKey(
                privateKey: privateKey, remotePublicKey: remotePublicKey,
                password: configuration.password ?? [])
        else { throw .badPublicKey }
        return LinkCipher(key: key, role: role, cryptography: cryptography)
    }

    private func agree(with remote: RemoteFeatures, _ awaited: AwaitedFeatures) throws(LinkError) -> LinkAgreement {
        let offered = remote.overlays ?? [LinkAgreement.plainOverlay]
        let own = configuration.identity.overlays
        let common = own.filter { offered.contains($0) }
        guard !common.isEmpty else { throw .noCommonOverlay(own: own, remote: offered) }
        return LinkAgreement(
            version: awaited.version, connectionUID: configuration.halfID ^ remote.halfID,
            sessionKey: awaited.cipher?.key, commonOverlays: common, usesPlainOverlayControl: remote.overlays == nil,
            extensions: configuration.identity.extensions.intersection(remote.extensions))
    }
}
