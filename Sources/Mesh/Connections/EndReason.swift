import Wire

/// Why a connection ends: a word to count by, and a sentence part for people.
struct EndReason: Sendable {
    enum Kind: String, Sendable {
        case remote, dial, handshake, crowded, duplicate, namesake, limit, silence, stalled, overlay
        case ownName = "own-name"
        case protocolError = "protocol"
    }

    let kind: Kind
    let text: String

    /// Whether the other side is told, if it listens: where its user has to do something.
    var isTold: Bool { [.limit, .namesake, .ownName, .protocolError].contains(kind) }

    /// Whether neither side meant it: the path failed, or a process died.
    var isLoss: Bool { [.remote, .silence, .stalled, .overlay].contains(kind) }

    /// The other side, or the network, ended it.
    static func closedByRemote(_ text: String) -> EndReason { EndReason(kind: .remote, text: text) }
    static func dialFailed(_ text: String) -> EndReason { EndReason(kind: .dial, text: text) }
    static func duplicate(_ text: String) -> EndReason { EndReason(kind: .duplicate, text: text) }
    static func protocolError(_ text: String) -> EndReason { EndReason(kind: .protocolError, text: text) }

    static let connectedToSelf = EndReason(kind: .ownName, text: "connected to ourselves")

    static func nameCollision(_ peer: RemoteFeatures, at remote: Endpoint) -> EndReason {
        EndReason(
            kind: .ownName,
            text: "the router at \(remote) (\(PrintableText.cleaned(peer.nickname))) has our own name \(peer.name): "
                + "give one of the two another (--name)")
    }

    static func namesake(_ peer: RemoteFeatures, at remote: Endpoint, existing: JoinedLink) -> EndReason {
        let (old, new) = (PrintableText.cleaned(existing.peer.nickname), PrintableText.cleaned(peer.nickname))
        return EndReason(
            kind: .namesake,
            text: "the routers at \(existing.remote) (\(old)) and \(remote) (\(new)) are both called \(peer.name): "
                + "give one of them another (--name)")
    }

    /// Nothing is dialled.
    static func limit(_ limit: Int) -> EndReason {
        EndReason(kind: .limit, text: "the limit of \(limit) connections is reached (--conn-limit)")
    }

    /// A peer is turned away.
    static func refused(_ peer: RemoteFeatures, at remote: Endpoint, limit: Int) -> EndReason {
        let name = PrintableText.cleaned(peer.nickname)
        return EndReason(
            kind: .limit,
            text:
                "\(peer.name)(\(name)) at \(remote) is refused: the limit of \(limit) connections is reached (--conn-limit)"
        )
    }

    /// The other side has said why.
    static func farewell(_ text: String) -> EndReason {
        EndReason(kind: .remote, text: "the other side ended it: \(text)")
    }

    static func unknownPeer(_ name: PeerName, at remote: Endpoint) -> EndReason {
        EndReason(
            kind: .handshake,
            text: "the discovered address \(remote) belongs to \(name), which nobody in the mesh knows")
    }

    static let handshakeTimeout = EndReason(
        kind: .handshake,
        text: "no complete handshake within \(MeshTimes.handshake.components.seconds) s: is it a mesh router?")

    static func dialTimeout(_ duration: Duration) -> EndReason {
        EndReason(
            kind: .dial,
            text: "no answer within \(duration.components.seconds) s: is the host up, and is TCP let through?")
    }

    static let silence = EndReason(
        kind: .silence, text: "nothing heard for \(MeshTimes.silence.components.seconds) s")
    static let stalled = EndReason(
        kind: .stalled, text: "the other side has taken nothing for \(MeshTimes.sendProgress.components.seconds) s")

    /// The other side closed before the handshake was done: it never says why, so we say what it may be.
    static func closedInHandshake(_ text: String, hasPassword: Bool) -> EndReason {
        let hint =
            hasPassword
            ? "does the other side have the same password?" : "does the other side have a password, or an old version?"
        return EndReason(kind: .handshake, text: "closed during the handshake (\(text)): \(hint)")
    }
}
