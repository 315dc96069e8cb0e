import ContainerEngines
public import ControlTypes
import DataPlane
import HostNetwork
import Logging
import NIOCore
import Store
import Wire

// What users do with containers: resolve the reference, ask the kernel, remember it.
extension ControlPlane {
    public func attach(_ request: ControlTypes.AttachRequest) async throws(ControlError) -> AttachReply {
        guard !request.addresses.isEmpty else {
            throw ControlError(
                .badRequest, "no address given for \(request.container)",
                advice: "Give one as CIDR, such as 10.32.0.1/12.")
        }
        let found = try await find(request.container)
        let mtu = try await onLoop { $0.mtu }
        let order = HostAttachRequest(
            namespace: found.namespace, addresses: request.addresses, id: found.id, mtu: mtu)
        let done = try await onHost { (network) throws(HostNetworkError) in try network.attach(order) }
        let remembered = Attachment(
            container: request.container, label: request.label, namespacePath: found.path,
            addresses: done.addresses, since: Clocks.wall)
        store.remember(remembered, logger)
        logger.info(
            "container attached",
            metadata: [
                "container": "\(request.container)", "interface": "\(done.hostInterface)",
                "addresses": "\(done.addresses.map(\.description).joined(separator: " "))",
            ])
        return AttachReply(container: container(done, remembered))
    }

    public func detach(_ request: DetachRequest) async throws(ControlError) -> DetachReply {
        let found = try await find(request.container)
        let addresses = request.addresses.isEmpty ? nil : request.addresses
        let taken = try await onHost { (network) throws(HostNetworkError) in
            try network.detach(found.namespace, addresses: addresses)
        }
        let left = try await attached().first { $0.container == request.container }
        if left == nil { store.forget(container: request.container, logger) }
        logger.info(
            "container detached",
            metadata: [
                "container": "\(request.container)",
                "addresses": "\(taken.map(\.description).joined(separator: " "))",
            ])
        return DetachReply(addresses: taken, stillAttached: left != nil)
    }

    public func attached() async throws(ControlError) -> [ControlTypes.AttachedContainer] {
        let present = try await onHost { (network) throws(HostNetworkError) in
            // Who is remembered is told apart by the namespace itself: several texts can mean the same one.
            try network.attached()
        }
        let remembered = store.attachments(logger)
        let identities = try await onHost { (network) throws(HostNetworkError) in
            remembered.map { attachment in
                (attachment, try? NamespaceReference.path(attachment.namespacePath).open().identity)
            }
        }
        return present.map { found in
            let known = identities.first { $0.1 != nil && $0.1 == found.identity }?.0
            return container(found, known)
        }.sorted { $0.container < $1.container }
    }

    public func reset() async throws(ControlError) -> [String] {
        try await onLoop { $0.stop() }
        fastPath?.stop()
        dataPlane.stop()
        let datapath = try await removeDatapath()
        // Whatever comes of it, what is left of the daemon is of no use.
        defer { onStop() }
        let removed = try await onHost { (network) throws(HostNetworkError) in try network.removeEverything() }
        let state = store.removeEverything(logger)
        logger.info("everything that weft made is removed", metadata: ["objects": "\(removed.joined(separator: ", "))"])
        return datapath + removed + state
    }

    private func removeDatapath() async throws(ControlError) -> [String] {
        try await onHost { (network) throws(HostNetworkError) in
            let name = network.names.datapath
            guard try network.isOurs(interface: name) else { return [] }
            try? FastPath.remove(datapath: name)
            try network.removeDatapathPair()
            return ["datapath \(name)", "veth pair \(network.names.datapathEnd)"]
        }
    }

    private struct Found: Sendable {
        let namespace: NamespaceReference
        let path: String
        let id: String?
    }

    /// What a user's text means: a namespace's path or name, a process, or an engine's container.
    private func find(_ text: String) async throws(ControlError) -> Found {
        let loop = loop
        let outcome: Result<ResolvedContainer, ControlError>
        do {
            outcome = try await hosts.lookUp(on: loop) { () throws(ControlError) in
                try ContainerResolver().resolve(text)
            }.get()
        } catch {
            throw ControlError(.unavailable, "the daemon is stopping")
        }
        let resolved = try outcome.get()
        switch resolved.namespace {
        case .path(let path): return Found(namespace: .path(path), path: path, id: resolved.engineID)
        case .process(let pid): return Found(namespace: .pid(pid), path: "/proc/\(pid)/ns/net", id: resolved.engineID)
        }
    }

    private func container(
        _ found: HostContainer, _ known: Attachment?
    ) -> ControlTypes.AttachedContainer {
        let path =
            switch found.namespace {
            case .name(let name): "/run/netns/\(name)"
            case .path(let path): path
            case .pid(let pid): "/proc/\(pid)/ns/net"
            case nil: "unknown"
            }
        let fallback =
            switch found.namespace {
            case .name(let name): name
            case .pid(let pid): "\(pid)"
            default: found.hostInterface
            }
        return ControlTypes.AttachedContainer(
            container: known?.container ?? fallback, label: known?.label, namespacePath: known?.namespacePath ?? path,
            interface: found.interface, hardwareAddress: found.mac, addresses: found.addresses, mtu: found.mtu,
            since: known?.since ?? startedAtDate)
    }

    private func onHost<Value: Sendable>(
        _ body: @escaping @Sendable (HostNetwork) throws(HostNetworkError) -> Value
    ) async throws(ControlError) -> Value {
        let outcome: Result<Value, HostNetworkError>
        do {
            outcome = try await hosts.run(on: loop, body).get()
        } catch {
            throw ControlError(.unavailable, "the daemon is stopping")
        }
        switch outcome {
        case .success(let value): return value
        case .failure(let error):
            let code: ControlError.Code =
                switch error.reason {
                case .notFound: .notFound
                case .conflict: .conflict
                case .invalid: .unprocessable
                case .notPermitted, .unsupported, .kernel: .failed
                }
            throw ControlError(
                code, "\(error.object): \(error.cause)", advice: error.nextStep.isEmpty ? nil : error.nextStep)
        }
    }
}
