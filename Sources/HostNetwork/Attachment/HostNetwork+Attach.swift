internal import Glibc
internal import NetlinkMessages
internal import Wire

extension HostNetwork {
    /// Attaches a network namespace to the bridge: a veth pair, its settings and addresses, up, an announcement of each
    /// new address, and last the multicast route. Offloads stay on, and no firewall rule is made.
    ///
    /// Repeating it is harmless; a further address is added to the interface. A failure removes what this call has made.
    public func attach(_ request: AttachRequest) throws(HostNetworkError) -> AttachedContainer {
        for address in request.addresses { try check(address) }
        let namespace = try request.namespace.open()
        guard namespace.identity != host.identity else {
            throw HostNetworkError(
                .invalid, namespace.label, cause: "that is the host's own network",
                nextStep: "name a container; the host itself cannot join yet")
        }
        return try onHost { (space) throws(HostNetworkError) in
            let bridge = try requireBridge(space)
            let mtu = try request.mtu.map { (mtu) throws(HostNetworkError) in try checkedMTU(mtu) } ?? bridge.mtu
            let (pair, isNew) = try ensurePair(request, namespace, bridge, mtu, space)
            var added: [InterfaceAddress] = []
            do throws(HostNetworkError) {
                try inside(namespace) { (inner) throws(HostNetworkError) in
                    added = try bringUp(pair.inner, request.addresses, inner)
                }
                waitUntilForwarding(pair.outer, space)
                return try inside(namespace) { (inner) throws(HostNetworkError) in
                    try announce(added, pair.inner, multicastRoute: request.multicastRoute, inner)
                    return try describe(pair, request.namespace, namespace.identity, inner)
                }
            } catch {
                undo(pair, isNew: isNew, added, namespace, space)
                throw error
            }
        }
    }

    /// The pair of the namespace: the one that is there, or a new one. Both ends are made by one request, the inner one
    /// in the container under its final name, so that no half-made pair is left behind anywhere.
    private func ensurePair(
        _ request: AttachRequest, _ namespace: borrowing NamespaceDescriptor, _ bridge: Link, _ mtu: UInt32,
        _ space: borrowing NetworkSpace
    ) throws(HostNetworkError) -> (VethPair, isNew: Bool) {
        if let pair = try findPair(in: namespace, bridge, space) {
            // A daemon that was killed may have left it unfinished, or somebody has set it down since. An end that is not
            // called like ours was added to the bridge by others, who look after it.
            if pair.outer.name.hasPrefix(names.hostEndPrefix) { try finish(pair, namespace, space) }
            return (pair, false)
        }
        let hostEnd = names.hostEndPrefix + (try hostEndSuffix(request.id, namespace.identity))
        if let existing = try space.link(named: hostEnd) {
            // A container that was restarted has a new namespace. Its old one may linger, with our pair in it.
            if existing.alias == HostNetworkNames.mark, leadsToNobody(existing, space) {
                try space.change(.deleteLink(existing.index), "interface \(hostEnd)", unless: ENODEV)
                return try ensurePair(request, namespace, bridge, mtu, space)
            }
            throw HostNetworkError(
                .conflict, "interface \(hostEnd)",
                cause: "it exists already and does not lead to \(names.containerInterface) of \(namespace.label)"
                    + (existing.alias == HostNetworkNames.mark ? ", though weft made it" : ""),
                nextStep: "if nobody uses it, remove it with `ip link delete \(hostEnd)`")
        }
        try space.change(
            .createVeth(
                LinkSettings(name: hostEnd, mtu: mtu, master: bridge.index),
                peer: LinkSettings(
                    name: names.containerInterface, mtu: mtu, namespaceDescriptor: namespace.rawValue)),
            "veth pair for \(namespace.label)")
        do throws(HostNetworkError) {
            guard let pair = try findPair(in: namespace, bridge, space) else {
                throw HostNetworkError(
                    .notFound, "interface \(names.containerInterface) of \(namespace.label)",
                    cause: "it vanished while it was set up",
                    nextStep: "see whether another program manages the container's interfaces")
            }
            try finish(pair, namespace, space)
            return (pair, true)
        } catch {
            if let outer = try space.link(named: hostEnd) {
                try space.change(.deleteLink(outer.index), "interface \(hostEnd)", unless: ENODEV)
            }
            throw error
        }
    }

    /// What one request cannot do: settings of both ends, the mark, and the host's end up. Repeating it is harmless.
    private func finish(
        _ pair: VethPair, _ namespace: borrowing NamespaceDescriptor, _ space: borrowing NetworkSpace
    ) throws(HostNetworkError) {
        try InterfaceSettings.refuseRouterAdvertisements(on: pair.outer.name)
        try space.set(
            pair.outer, to: LinkSettings(isUp: true, alias: HostNetworkNames.mark), "bring up \(pair.outer.name)")
        try inside(namespace) { (_) throws(HostNetworkError) in
            try InterfaceSettings.refuseRouterAdvertisements(on: pair.inner.name)
            try InterfaceSettings.setNeighbourTimes(of: pair.inner.name)
        }
    }

    /// Whether the other end is in a namespace that has neither a name nor a process.
    private func leadsToNobody(_ link: Link, _ space: borrowing NetworkSpace) -> Bool {
        guard link.kind == "veth", link.linkNamespace != nil else { return false }
        guard let number = link.otherNamespace else { return true }
        return KnownNamespaces(numbers: [number], host: space).entries[number] == nil
    }

    /// Adds missing addresses and brings the interface up. Returns the addresses that are new.
    private func bringUp(
        _ link: Link, _ addresses: [InterfaceAddress], _ inner: borrowing NetworkSpace
    ) throws(HostNetworkError) -> [InterfaceAddress] {
        var added: [InterfaceAddress] = []
        do throws(HostNetworkError) {
            for address in addresses {
                if try inner.change(
                    .addAddress(address, to: link.index), "address \(address)", unless: EEXIST)
                {
                    added.append(address)
                }
            }
            try inner.set(link, to: LinkSettings(isUp: true), "bring up \(link.name)")
            return added
        } catch {
            for address in added {
                try inner.change(
                    .deleteAddress(address, from: link.index), "address \(address)", unless: EADDRNOTAVAIL)
            }
            throw error
        }
    }

    /// A bridge's port passes frames a moment after its carrier has come up; an announcement before that is lost.
    /// Bounded: without a carrier the announcement is all that is missing.
    private func waitUntilForwarding(_ outer: Link, _ space: borrowing NetworkSpace) {
        for _ in 0..<100 {
            // try?: an interface that has gone is noticed by the next step, with its reason.
            guard let link = try? space.link(index: outer.index) else { return }
            if link.port?.state == .forwarding { return }
            SystemCalls.pause(milliseconds: 1)
        }
    }

    private func announce(
        _ added: [InterfaceAddress], _ link: Link, multicastRoute: Bool, _ inner: borrowing NetworkSpace
    ) throws(HostNetworkError) {
        if let mac = link.address {
            for address in added { try GratuitousARP.send(address.address, at: mac, interface: link.index) }
        }
        // 224.0.0.0/4, last: programs wait for it.
        if multicastRoute, let multicast = InterfaceAddress(IPv4Address(rawValue: 0xe000_0000), prefixLength: 4) {
            try inner.change(
                .addLinkRoute(to: multicast, interface: link.index), "multicast route of \(link.name)", unless: EEXIST)
        }
    }

    private func undo(
        _ pair: VethPair, isNew: Bool, _ added: [InterfaceAddress], _ namespace: borrowing NamespaceDescriptor,
        _ space: borrowing NetworkSpace
    ) {
        // try?: the error that led here is the one to report; what cannot be undone now is listed by `weft ps`.
        if isNew {
            _ = try? space.change(.deleteLink(pair.outer.index), pair.outer.name, unless: ENODEV)
        } else {
            try? inside(namespace) { (inner) throws(HostNetworkError) in
                for address in added {
                    try inner.change(
                        .deleteAddress(address, from: pair.inner.index), "address \(address)", unless: EADDRNOTAVAIL)
                }
            }
        }
    }

    /// Refuses what no host can be reached by. The kernel takes such addresses, or pretends to.
    private func check(_ address: InterfaceAddress) throws(HostNetworkError) {
        let first = address.address.rawValue >> 24
        // "This network" (RFC 1122), loopback, multicast, and the limited broadcast with the reserved block around it.
        guard first == 0 || first == 127 || first >= 224 else { return }
        throw HostNetworkError(
            .invalid, "address \(address)", cause: "no container can be reached by it",
            nextStep: "give an address of a private network, for example 10.32.0.1/12")
    }

    /// The seven characters behind the prefix.
    private func hostEndSuffix(
        _ id: String?, _ identity: NamespaceIdentity
    ) throws(HostNetworkError) -> String {
        guard let id else { return identity.sevenCharacters }
        let suffix = String(id.prefix(7))
        guard HostNetworkNames.isValid(suffix) else {
            throw HostNetworkError(
                .invalid, "container \(id)", cause: "its id does not begin with letters or digits",
                nextStep: "name the container by its network namespace or process instead")
        }
        return suffix
    }
}
