public import FastDatapath
public import NetlinkMessages
internal import Wire

// Between questions and decisions, and what the kernel calls flows: keys, masks, actions.

extension DatapathPorts {
    /// Where a frame with this key came from; nil for a port that sends us nothing to decide about.
    public func origin(of key: FlowKey) -> FrameOrigin? {
        guard let inPort = key.inPort else { return nil }
        if inPort == bridge { return .bridge }
        guard let port = tunnelPort(of: inPort), let tunnel = key.tunnel, let id = tunnel.id else { return nil }
        return .tunnel(id, TunnelEnds(local: tunnel.destination, remote: tunnel.source, port: port))
    }

    /// What an upcall asks.
    public func question(_ key: FlowKey) -> FrameQuestion? {
        guard let origin = origin(of: key), let ethernet = key.ethernet else { return nil }
        return FrameQuestion(origin: origin, source: ethernet.source, destination: ethernet.destination)
    }

    /// The frames that a decision of this scope holds for; nil if it is for one frame only, or its port is gone.
    public func match(_ question: FrameQuestion, _ scope: FrameDecision.Scope) -> FlowMatch? {
        var key = FlowKey()
        var mask = FlowMask(inPort: .max)
        switch question.origin {
        case .bridge: key.inPort = bridge
        case .tunnel(let id, let ends):
            guard let number = tunnels[ends.port] else { return nil }
            key.inPort = number
            key.tunnel = TunnelKey(id: id, source: ends.remote, destination: ends.local)
            // The time to live is in the key, since the kernel wants it, and looked at by nobody.
            mask.tunnel = .idAndAddresses
        }
        // The kernel wants the addresses in every key, with a mask of zeros if they don't matter.
        key.ethernet = EthernetKey(source: question.source, destination: question.destination)
        switch scope {
        case .once: return nil
        case .tunnel: break
        case .addresses:
            mask.ethernetSource = FlowMask.wholeAddress
            mask.ethernetDestination = FlowMask.wholeAddress
        }
        return FlowMatch(key: key, mask: mask)
    }

    /// The kernel's part of a decision, in order. What is handed to user space is an upcall to `upcalls`.
    ///
    /// The bridge's copy comes first: it is the frame as it came, before any outer header is set.
    public func actions(_ decision: FrameDecision, upcalls: UpcallPort) -> [FlowAction] {
        var actions: [FlowAction] = []
        if decision.toBridge { actions.append(.output(bridge)) }
        if !decision.handed.isEmpty { actions.append(.userspace(upcalls, userdata: [])) }
        if decision.toCapture { actions.append(.output(capture)) }
        for copy in decision.copies {
            guard let number = tunnels[copy.ends.port] else { continue }
            actions.append(
                .setTunnel(
                    TunnelKey(
                        id: copy.id.rawValue, source: copy.ends.local, destination: copy.ends.remote, timeToLive: 64,
                        flags: .dontFragment)))
            actions.append(.output(number))
        }
        return actions
    }

    /// Everything that user space sends into the datapath is for containers of this host.
    public var fixedFlows: [(FlowMatch, [FlowAction])] {
        let key = FlowKey(inPort: capture, ethernet: EthernetKey(source: .nobody, destination: .nobody))
        return [(FlowMatch(key: key, mask: FlowMask(inPort: .max)), [.output(bridge)])]
    }
}

extension MACAddress {
    static let nobody = MACAddress(rawValue: 0) ?? .broadcast
}
