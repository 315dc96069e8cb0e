import Mesh
import Wire

extension FuzzTarget {
    /// Header, features and messages of one TCP connection, as either side, in either version, in clear or sealed.
    ///
    /// | byte | |
    /// |---|---|
    /// | 0 | bit 0: we accepted; bit 1: only version 1 …; bit 2: … or only version 2; bit 3: with a password |
    /// | 1 | how the stream is cut |
    /// | 2… | what the other side sends |
    static let link = FuzzTarget("link", maximumBytes: 8_192) { bytes throws(BrokenPromise) in
        var input = FuzzInput(bytes)
        let options = input.byte()
        let pieces = Pieces(seed: input.byte())
        let stream = input.takeAll()

        let whole = try LinkReading(options, [stream])
        let cut = try LinkReading(options, pieces.cut(stream))
        try promise(whole.error == cut.error, "a stream in pieces fails like the whole one")
        // What comes before an error in the same call is lost with it.
        if whole.error == nil {
            try promise(whole.messages == cut.messages, "a stream in pieces has the messages of the whole one")
            try promise(whole.peer == cut.peer, "a stream in pieces has the features of the whole one")
        }
    }
}

/// What a link makes of a stream.
private struct LinkReading {
    var peer: RemoteFeatures?
    var messages: [MeshMessage] = []
    var error: LinkError?

    init(_ options: UInt8, _ pieces: [[UInt8]]) throws(BrokenPromise) {
        var link = LinkReading.link(options)
        _ = link.start()
        for piece in pieces {
            do throws(LinkError) {
                let outputs = try link.receive(piece)
                take(outputs)
            } catch {
                self.error = error
                break
            }
        }
        if peer == nil || error != nil {
            try promise(!LinkReading.canSend(&link), "nothing is sent before the features are there, or after an error")
        } else {
            try promise(LinkReading.canSend(&link), "a link that is ready sends")
        }
        guard let error else { return }
        do throws(LinkError) {
            _ = try link.receive([0])
            throw .notReady
        } catch let second {
            try promise(second == error, "a link that has failed fails again with the first error")
        }
        let words = "\(error)".utf8.count
        try promise(words > 0 && words < 2_048, "an error is a sentence, not a copy of the input")
    }

    private mutating func take(_ outputs: [LinkOutput]) {
        for output in outputs {
            switch output {
            case .send: break
            case .ready(let remote, _): peer = remote
            case .message(let message): messages.append(message)
            }
        }
    }

    private static func canSend(_ link: inout MeshLink) -> Bool {
        do throws(LinkError) {
            _ = try link.encode(.heartbeat)
            return true
        } catch {
            return false
        }
    }

    private static func link(_ options: UInt8) -> MeshLink {
        MeshLink(
            role: options & 1 == 0 ? .dialler : .acceptor,
            configuration: LinkConfiguration(
                identity: LinkIdentity(
                    name: FuzzInput.peer(1), nickname: "one", uid: 1, shortID: ShortID(rawValue: 1),
                    trustsRemote: false, overlays: ["sleeve"]),
                minimumVersion: options & 4 == 0 ? 1 : 2, maximumVersion: options & 6 == 2 ? 1 : 2,
                password: options & 8 == 0 ? nil : Array("password".utf8), halfID: 1,
                privateKey: [UInt8](repeating: 1, count: 32)),
            cryptography: ToyCryptography())
    }
}
