internal import Overlay
public import Wire

/// Who gets a frame: the learning switch between bridge and tunnels, and the relay between tunnels. A function of the
/// view and of where addresses are; it keeps nothing.
public struct FrameDecider: Sendable {
    private let view: FastView
    /// Bridge group address, IEEE 802.1D: never forwarded.
    private static let spanningTree: UInt64 = 0x0180_c200_0000

    public init(_ view: FastView) {
        self.view = view
    }

    /// - Parameter place: the peer that a hardware address was seen at.
    public func decide(_ question: FrameQuestion, place: (MACAddress) -> PeerName?) -> FrameDecision {
        switch question.origin {
        case .bridge: fromBridge(question, place)
        case .tunnel(let id, let ends): fromTunnel(question, id, ends, place)
        }
    }

    private func fromBridge(_ question: FrameQuestion, _ place: (MACAddress) -> PeerName?) -> FrameDecision {
        guard question.source.rawValue != 0, !question.source.isGroup else { return .dropped(.malformed) }
        let own = view.ownName
        var decision = FrameDecision()
        decision.learns = own
        guard question.destination.rawValue != FrameDecider.spanningTree else {
            decision.drop = .linkLocal
            return decision
        }
        guard !question.destination.isGroup, let target = place(question.destination) else {
            flood(from: own, except: nil, &decision)
            // User space floods to the neighbours behind the capture port itself.
            decision.toCapture = !decision.handed.isEmpty
            decision.handed = []
            decision.isGuess = !question.destination.isGroup
            if decision.copies.isEmpty, !decision.toCapture { decision.drop = .nobody }
            return decision
        }
        guard target != own else {
            decision.drop = .local
            return decision
        }
        guard let hop = view.routes.unicast[target] else {
            decision.drop = .noRoute
            return decision
        }
        if let copy = copy(from: own, to: target, over: hop) {
            decision.copies = [copy]
        } else {
            decision.toCapture = true
        }
        return decision
    }

    private func fromTunnel(
        _ question: FrameQuestion, _ id: UInt64, _ ends: TunnelEnds, _ place: (MACAddress) -> PeerName?
    ) -> FrameDecision {
        guard let neighbour = view.senders[ends.remote] else { return .dropped(.unknownSender) }
        guard let id = TunnelID(rawValue: id), let source = view.owners[id.source],
            let destination = view.owners[id.destination], view.routes.knownPeers.contains(source)
        else { return .dropped(.unknownPeer) }
        // It went in a circle while routes were settling, or is forged.
        guard source != view.ownName else { return .dropped(.ownReturned) }
        guard destination == view.ownName else {
            return relay(source: source, destination: destination, neighbour: neighbour)
        }
        guard question.source.rawValue != 0, !question.source.isGroup else { return .dropped(.malformed) }
        var decision = FrameDecision()
        decision.learns = source
        decision.toBridge = true
        let isHere = !question.destination.isGroup && place(question.destination) == view.ownName
        if !isHere { flood(from: source, except: neighbour, &decision) }
        decision.isGuess = !isHere && !question.destination.isGroup
        return decision
    }

    private func relay(source: PeerName, destination: PeerName, neighbour: PeerName) -> FrameDecision {
        var decision = FrameDecision()
        decision.scope = .tunnel
        guard let hop = view.routes.unicast[destination] else { return .dropped(.noRoute) }
        // Its sender thinks that we are nearer, and we that it is: routes are settling.
        guard hop != neighbour else { return .dropped(.returning) }
        decision.isLastHop = hop == destination
        if let copy = copy(from: source, to: destination, over: hop) {
            decision.copies = [copy]
        } else {
            decision.handed = [
                FrameDecision.Handed(neighbour: hop, source: source, destination: destination, isFlood: false)
            ]
        }
        return decision
    }

    /// Copies for the next hops of a source's tree: addressed to each hop, which floods on.
    private func flood(from source: PeerName, except neighbour: PeerName?, _ decision: inout FrameDecision) {
        for hop in view.routes.broadcast[source] ?? [] where hop != neighbour {
            if let copy = copy(from: source, to: hop, over: hop) {
                decision.copies.append(copy)
            } else {
                decision.handed.append(
                    FrameDecision.Handed(neighbour: hop, source: source, destination: hop, isFlood: true))
            }
        }
    }

    /// Nil where the hop is not reached by tunnel, or one of the two cannot be named in it.
    private func copy(from source: PeerName, to destination: PeerName, over hop: PeerName) -> FrameDecision.Copy? {
        guard let ends = view.tunnels[hop], let from = view.shortIDs[source], let to = view.shortIDs[destination]
        else { return nil }
        return FrameDecision.Copy(id: TunnelID(source: from, destination: to), ends: ends)
    }
}
