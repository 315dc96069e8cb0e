internal import Glibc
internal import NetlinkMessages

extension HostNetwork {
    /// Sets the MTU of bridge, tap, and both ends of every container's pair. A port that vanishes meanwhile is left out.
    ///
    /// - Returns: the host's ends whose containers could not be found or changed, each with the reason.
    public func setMTU(_ mtu: Int) throws(HostNetworkError) -> [String] {
        let mtu = try checkedMTU(mtu)
        return try onHost { (space) throws(HostNetworkError) in
            let bridge = try requireBridge(space)
            try space.set(bridge, to: LinkSettings(mtu: mtu), "set the MTU of \(bridge.name)")
            var ports: [Link] = []
            for port in try space.links(master: bridge.index) where isOurs(port) {
                if try setMTU(mtu, of: port, space) { ports.append(port) }
            }
            for name in [names.captureEnd, names.datapathEnd, names.tap] {
                if let end = try space.link(named: name), end.alias == HostNetworkNames.mark {
                    _ = try setMTU(mtu, of: end, space)
                }
            }
            return try setMTU(mtu, behind: ports, space)
        }
    }

    /// Sets the MTU of the containers' ends of these ports. Returns the ports where that failed, each with the reason.
    func setMTU(
        _ mtu: UInt32, behind ports: [Link], _ space: borrowing NetworkSpace
    ) throws(HostNetworkError) -> [String] {
        let known = KnownNamespaces(numbers: Set(ports.compactMap(\.otherNamespace)), host: space)
        var failures: [String] = []
        for port in ports {
            guard let number = port.otherNamespace, let index = port.linkedIndex else { continue }
            var failure: String?
            if let entry = known.entries[number] {
                do {
                    try setMTU(mtu, ofInterface: index, in: entry.reference)
                } catch {
                    failure = "\(error)"
                }
            } else {
                failure = "its container's namespace has neither a name nor a process"
            }
            // A container that has ended meanwhile needs no MTU.
            if let failure, try space.link(index: port.index) != nil { failures.append("\(port.name): \(failure)") }
        }
        return failures
    }

    private func setMTU(
        _ mtu: UInt32, ofInterface index: UInt32, in namespace: NamespaceReference
    ) throws(HostNetworkError) {
        try inside(try namespace.open()) { (space) throws(HostNetworkError) in
            guard let link = try space.link(index: index) else { return }
            _ = try setMTU(mtu, of: link, space)
        }
    }

    /// False if the interface is gone.
    private func setMTU(
        _ mtu: UInt32, of link: Link, _ space: borrowing NetworkSpace
    ) throws(HostNetworkError) -> Bool {
        let settings = LinkSettings(mtu: mtu)
        return try space.change(
            .setLink(link.index, to: settings, operation: "set the MTU of \(link.name)"), "interface \(link.name)",
            unless: ENODEV)
    }

    /// 68 bytes is the least that IPv4 allows (RFC 791); the kernel takes up to 65535 on a veth.
    func checkedMTU(_ mtu: Int) throws(HostNetworkError) -> UInt32 {
        guard (68...65_535).contains(mtu) else {
            throw HostNetworkError(
                .invalid, "MTU \(mtu)", cause: "it is outside 68 to 65535 bytes",
                nextStep: "give the size of an IP packet on the network, for example 1414")
        }
        return UInt32(mtu)
    }
}
