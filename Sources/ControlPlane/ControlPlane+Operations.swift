public import ControlTypes
import Mesh
import NIOCore
import Transport
import Wire

extension ControlPlane: ControlOperations {
    public func status() async throws(ControlError) -> DaemonStatus {
        let containers = try await attached().count
        let date = startedAtDate
        try await lookAtHost()
        return try await onLoop { $0.daemonStatus(startedAtDate: date, containers: containers) }
    }

    public func connections() async throws(ControlError) -> [ConnectionStatus] {
        try await onLoop { $0.connectionStatuses() }
    }

    public func peers() async throws(ControlError) -> [PeerStatus] {
        try await onLoop { $0.peerStatuses() }
    }

    public func targets() async throws(ControlError) -> [TargetStatus] {
        try await onLoop { $0.targetStatuses() }
    }

    public func datapath() async throws(ControlError) -> DatapathStatus {
        try await onLoop { $0.datapathStatus() }
    }

    public func report() async throws(ControlError) -> Report {
        let containers = try await attached().count
        let date = startedAtDate
        return try await onLoop { $0.report(startedAtDate: date, containers: containers) }
    }

    public func connect(_ peers: [String], replace: Bool) async throws(ControlError) -> [TargetRefusal] {
        var good: [Target] = []
        var refused: [TargetRefusal] = []
        for peer in peers {
            guard let target = Target(text: peer) else {
                refused.append(
                    TargetRefusal(peer: peer, reason: "invalid peer name \"\(peer)\", should be host[:port]"))
                continue
            }
            // A name that does not resolve now is refused here, where the user can see it.
            switch await resolve(target) {
            case nil: good.append(target)
            case .some(let reason): refused.append(TargetRefusal(peer: peer, reason: reason))
            }
        }
        if !good.isEmpty || replace {
            let targets = good
            try await onLoop { $0.handle(.connect(targets, replace: replace)) }
        }
        return refused
    }

    public func forget(_ peers: [String]) async throws(ControlError) {
        try await onLoop { $0.handle(.forget(peers)) }
    }

    public func stop() async throws(ControlError) {
        onStop()
    }

    /// The bridge and what is in the way, as they are now.
    private func lookAtHost() async throws(ControlError) {
        let control = control
        do {
            try await loop.flatSubmit { control.value.refreshHost() }.get()
        } catch {
            throw ControlError(.unavailable, "the daemon is stopping")
        }
    }

    /// Why a target's name has no address; nil if it has one.
    private func resolve(_ target: Target) async -> String? {
        guard IPAddress(text: target.host) == nil else { return nil }
        let loop = loop
        do {
            return try await loop.flatSubmit { NameLookup.failure(of: target.host, on: loop) }.get()
        } catch {
            return "cannot resolve \(target.host): \(error)"
        }
    }

    /// Runs a read or a change on the control loop.
    func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable (ControlLoop) -> Value
    ) async throws(ControlError) -> Value {
        let control = control
        do {
            return try await loop.submit { body(control.value) }.get()
        } catch {
            throw ControlError(.unavailable, "the daemon is stopping")
        }
    }
}
