import Wire

/// The last ends of connections: the other side never learns why, so at least we can tell.
struct ClosureJournal: Sendable {
    static let limit = 64

    private(set) var closures: [ClosureView] = []

    mutating func add(_ closure: ClosureView) {
        if closures.count == ClosureJournal.limit { closures.removeFirst() }
        closures.append(closure)
    }
}

extension ConnectionRegistry {
    /// What to remember of the end of a connection that is still here.
    func closure(of id: LinkID, reason: EndReason, at now: MonotonicInstant) -> ClosureView {
        if let link = joined[id] {
            return ClosureView(
                link: id, isOutbound: link.isOutbound, remote: "\(link.remote)", peer: link.peer.name,
                reason: reason.text, kind: reason.kind.rawValue, at: now)
        }
        if let link = handshaking[id] {
            return ClosureView(
                link: id, isOutbound: link.isOutbound, remote: "\(link.remote)", peer: nil, reason: reason.text,
                kind: reason.kind.rawValue, at: now)
        }
        return ClosureView(
            link: id, isOutbound: true, remote: dialling[id]?.target.text ?? "", peer: nil, reason: reason.text,
            kind: reason.kind.rawValue, at: now)
    }
}
