/// Which overlay of one connection carries its frames (`docs/protocol-fastdp.md`, "The overlay switch").
///
/// All overlays that both sides have run side by side for as long as the connection lives, so that another one can take
/// over at once. This is about sending only: frames are accepted on each of them at any time.
public struct OverlaySwitch: Hashable, Sendable {
    /// What becomes of one overlay.
    public enum Event: Hashable, Sendable {
        /// Frames pass in both directions: for the first time, or again.
        case works
        /// Nothing passes any more, for now.
        case silent(reason: String)
        /// Given up for the life of the connection.
        case failed(reason: String)
    }

    public enum Effect: Hashable, Sendable {
        /// The first overlay works: the connection may carry data.
        case established
        /// Frames go over this one from now on.
        case chose(OverlayKind)
        /// None is left; the connection ends.
        case failed(reason: String)
    }

    private enum State: Hashable, Sendable {
        case starting, works
        case silent(reason: String), failed(reason: String)
    }

    /// In order of preference.
    private let kinds: [OverlayKind]
    private var states: [OverlayKind: State]
    /// The overlay in use; nil before the first works.
    public private(set) var chosen: OverlayKind?

    /// - Parameter kinds: those that both sides have, preferred first.
    public init(_ kinds: [OverlayKind]) {
        self.kinds = kinds
        states = Dictionary(kinds.map { ($0, .starting) }) { first, _ in first }
    }

    /// Why an overlay is not in use, for people; nil if it works or has just begun.
    public func trouble(of kind: OverlayKind) -> String? {
        switch states[kind] {
        case .silent(let reason), .failed(let reason): reason
        case .starting, .works, nil: nil
        }
    }

    public func works(_ kind: OverlayKind) -> Bool { states[kind] == .works }

    /// Takes what became of one overlay, and says what follows from it, in this order.
    public mutating func handle(_ event: Event, of kind: OverlayKind) -> [Effect] {
        guard let state = states[kind] else { return [] }
        if case .failed = state { return [] }
        switch event {
        case .works: states[kind] = .works
        case .silent(let reason): if state == .works { states[kind] = .silent(reason: reason) }
        case .failed(let reason): states[kind] = .failed(reason: reason)
        }
        return settle()
    }

    private mutating func settle() -> [Effect] {
        guard let best = preferred() else {
            let reasons = kinds.compactMap { kind in trouble(of: kind).map { (kind, $0) } }
            // One overlay needs no name.
            let text = kinds.count == 1 ? reasons.map(\.1) : reasons.map { "\($0.0.rawValue): \($0.1)" }
            return [.failed(reason: text.joined(separator: "; "))]
        }
        guard best != chosen, works(best) || chosen != nil else { return [] }
        let isFirst = chosen == nil
        chosen = best
        return isFirst ? [.chose(best), .established] : [.chose(best)]
    }

    /// The first that works, else the one in use as long as another has just begun; nil if nothing is to be hoped for.
    private func preferred() -> OverlayKind? {
        if let working = kinds.first(where: works) { return working }
        // A connection that carries nothing ends, and begins anew with all of its overlays.
        guard let starting = kinds.first(where: { states[$0] == .starting }) else { return nil }
        return chosen ?? starting
    }
}
