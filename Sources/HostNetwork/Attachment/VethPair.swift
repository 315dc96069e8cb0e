internal import NetlinkMessages
internal import Wire

/// Both ends of a container's pair.
struct VethPair {
    /// In the host's namespace, a port of the bridge.
    let outer: Link
    /// In the container's.
    let inner: Link
}

extension Link {
    /// The number that the host's namespace has for that of a veth's other end. nil if both ends are here, and also while
    /// the other namespace ends: the kernel then shows -1.
    var otherNamespace: Int32? {
        linkNamespace.flatMap { $0 < 0 ? nil : $0 }
    }
}

extension HostNetwork {
    /// The pair between the bridge and our interface in a namespace; nil if the namespace has no such interface.
    /// An interface of that name that leads elsewhere is an error: it is not ours to change.
    ///
    /// A pair whose outer end has lost its bridge (somebody deleted and remade it) joins the bridge again.
    func findPair(
        in namespace: borrowing NamespaceDescriptor, _ bridge: Link, _ space: borrowing NetworkSpace
    ) throws(HostNetworkError) -> VethPair? {
        let name = names.containerInterface
        let found = try inside(namespace) { (inner) throws(HostNetworkError) in try inner.link(named: name) }
        guard let link = found else { return nil }
        // Indices are per namespace, so both directions have to agree, and the way back has to lead to this namespace.
        guard link.kind == "veth", let outerIndex = link.linkedIndex,
            let outer = try space.link(index: outerIndex), outer.kind == "veth", outer.linkedIndex == link.index,
            let back = outer.linkNamespace, try space.number(of: namespace) == back
        else { throw foreign(link, namespace.label) }
        if outer.master == nil, outer.name.hasPrefix(names.hostEndPrefix) {
            try space.set(
                outer, to: LinkSettings(master: bridge.index, isUp: true), "join \(outer.name) to \(bridge.name)")
        } else if outer.master != bridge.index {
            throw foreign(link, namespace.label)
        }
        return VethPair(outer: outer, inner: link)
    }

    /// What `attach` and `attached` say about a container, from within its namespace.
    func describe(
        _ pair: VethPair, _ reference: NamespaceReference, _ identity: NamespaceIdentity,
        _ inner: borrowing NetworkSpace
    ) throws(HostNetworkError) -> AttachedContainer {
        guard let link = try inner.link(index: pair.inner.index), let mac = link.address else {
            throw HostNetworkError(
                .notFound, "interface \(pair.inner.name)", cause: "it vanished while it was set up",
                nextStep: "see whether another program manages the container's interfaces")
        }
        return AttachedContainer(
            namespace: reference, identity: identity, interface: link.name, mac: mac,
            addresses: try inner.addresses(of: link.index), mtu: Int(link.mtu), hostInterface: pair.outer.name)
    }

    private func foreign(_ link: Link, _ label: String) -> HostNetworkError {
        HostNetworkError(
            .conflict, "interface \(link.name) of \(label)",
            cause: "it exists and does not lead to bridge \(names.bridge)",
            nextStep: "rename or remove it in the container, then attach again")
    }
}
