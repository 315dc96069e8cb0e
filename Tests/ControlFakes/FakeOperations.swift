public import ControlTypes
import Wire
import Synchronization

/// A daemon for tests: answers with the values that it was given, and keeps what was asked of it.
public final class FakeOperations: ControlOperations {
    public struct State: Sendable {
        public var status = Sample.status
        public var connections: [ConnectionStatus] = []
        public var peers: [PeerStatus] = []
        public var targets: [TargetStatus] = []
        public var datapath = DatapathStatus(inUse: false, reason: "this kernel has no openvswitch")
        public var report = Sample.report
        public var attached: [AttachedContainer] = []
        public var refusals: [TargetRefusal] = []
        public var attachWarnings: [StatusWarning] = []
        /// Thrown by every call.
        public var error: ControlError?
        /// `connect a b replace`
        public var calls: [String] = []
    }
    private let state = Mutex(State())
    private let onStop: @Sendable () -> Void

    public init(onStop: @escaping @Sendable () -> Void = {}) {
        self.onStop = onStop
    }

    public func change(_ body: (inout State) -> Void) {
        state.withLock { body(&$0) }
    }

    public var calls: [String] { state.withLock { $0.calls } }

    private func answer<Value: Sendable>(_ call: String, _ value: (State) -> Value) throws(ControlError) -> Value {
        let (error, answer) = state.withLock { state in
            state.calls.append(call)
            return (state.error, value(state))
        }
        if let error { throw error }
        return answer
    }

    public func status() async throws(ControlError) -> DaemonStatus { try answer("status") { $0.status } }
    public func connections() async throws(ControlError) -> [ConnectionStatus] {
        try answer("connections") { $0.connections }
    }
    public func peers() async throws(ControlError) -> [PeerStatus] { try answer("peers") { $0.peers } }
    public func targets() async throws(ControlError) -> [TargetStatus] { try answer("targets") { $0.targets } }
    public func datapath() async throws(ControlError) -> DatapathStatus { try answer("datapath") { $0.datapath } }
    public func report() async throws(ControlError) -> Report { try answer("report") { $0.report } }

    public func connect(_ peers: [String], replace: Bool) async throws(ControlError) -> [TargetRefusal] {
        try answer((["connect"] + peers + (replace ? ["replace"] : [])).joined(separator: " ")) { state in
            state.refusals.filter { peers.contains($0.peer) }
        }
    }

    public func forget(_ peers: [String]) async throws(ControlError) {
        try answer((["forget"] + peers).joined(separator: " ")) { _ in }
    }

    public func attach(_ request: AttachRequest) async throws(ControlError) -> AttachReply {
        let addresses = request.addresses.map(\.description).joined(separator: " ")
        return try answer("attach \(addresses) \(request.container) \(request.label ?? "-")") { state in
            AttachReply(
                container: Sample.container(request.container, request.addresses, label: request.label),
                warnings: state.attachWarnings)
        }
    }

    public func detach(_ request: DetachRequest) async throws(ControlError) -> DetachReply {
        try answer((["detach"] + request.addresses.map(\.description) + [request.container]).joined(separator: " ")) {
            _ in DetachReply(addresses: request.addresses, stillAttached: false)
        }
    }

    public func attached() async throws(ControlError) -> [AttachedContainer] { try answer("attached") { $0.attached } }

    public func reset() async throws(ControlError) -> [String] {
        let removed = try answer("reset") { _ in ["bridge weave", "peer name"] }
        onStop()
        return removed
    }

    public func stop() async throws(ControlError) {
        try answer("stop") { _ in }
        onStop()
    }
}
