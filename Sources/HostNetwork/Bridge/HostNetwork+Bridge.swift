internal import Glibc
internal import NetlinkMessages
public import Wire

extension HostNetwork {
    /// Makes the bridge, or adopts the one that is there: hardware address, MTU, settings, up. Ports stay, and containers'
    /// pairs that weft made for a bridge that was deleted since are joined again.
    ///
    /// - Parameters:
    ///   - address: the peer's name, so that the bridge names the peer after a restart.
    ///   - mtu: in bytes, without the Ethernet header.
    public func ensureBridge(address: MACAddress, mtu: Int) throws(HostNetworkError) -> BridgeState {
        let mtu = try checkedMTU(mtu)
        return try onHost { (space) throws(HostNetworkError) in
            if try space.link(named: names.bridge) == nil {
                try space.change(
                    .createBridge(LinkSettings(name: names.bridge, address: address)), "bridge \(names.bridge)")
                let link = try requireBridge(space)
                do throws(HostNetworkError) {
                    try space.set(link, to: LinkSettings(alias: HostNetworkNames.mark), "mark \(link.name)")
                } catch {
                    try space.change(.deleteLink(link.index), "bridge \(names.bridge)", unless: ENODEV)
                    throw error
                }
            }
            let link = try requireBridge(space)
            // An MTU that is set stays; a bridge whose MTU was never set follows its ports.
            try space.set(link, to: LinkSettings(address: address, mtu: mtu), "set address and MTU of \(link.name)")
            try InterfaceSettings.refuseRouterAdvertisements(on: names.bridge)
            try InterfaceSettings.setNeighbourTimes(of: names.bridge)
            try space.set(link, to: LinkSettings(isUp: true), "bring up \(link.name)")
            try rejoinPairs(to: link, mtu, space)
            return try state(of: try requireBridge(space), space)
        }
    }

    /// The bridge as it is; nil if there is none. An interface of its name that is not a bridge is an error.
    public func bridge() throws(HostNetworkError) -> BridgeState? {
        try onHost { (space) throws(HostNetworkError) in
            guard try space.link(named: names.bridge) != nil else { return nil }
            return try state(of: try requireBridge(space), space)
        }
    }

    /// Joins an interface of weft's own (the tap) to the bridge: MTU of the bridge, settings, up. Marks it as weft's.
    public func addPort(interface name: String) throws(HostNetworkError) {
        try onHost { (space) throws(HostNetworkError) in
            let bridge = try requireBridge(space)
            guard let link = try space.link(named: name) else {
                throw HostNetworkError(
                    .notFound, "interface \(name)", cause: "there is no such interface",
                    nextStep: "it is made when the daemon starts: look into its log")
            }
            guard link.master == nil || link.master == bridge.index else {
                throw HostNetworkError(
                    .conflict, "interface \(name)", cause: "it is a port of another bridge",
                    nextStep: "take it from that bridge with `ip link set \(name) nomaster`")
            }
            try InterfaceSettings.refuseRouterAdvertisements(on: name)
            try space.set(
                link, to: LinkSettings(mtu: bridge.mtu, master: bridge.index, isUp: true, alias: HostNetworkNames.mark),
                "join \(name) to bridge \(bridge.name)")
        }
    }

    /// A bridge that is deleted leaves its ports behind. Those of containers come back with this bridge's MTU; an end in a
    /// container that cannot be reached keeps its own, which the next `setMTU` tells.
    private func rejoinPairs(
        to bridge: Link, _ mtu: UInt32, _ space: borrowing NetworkSpace
    ) throws(HostNetworkError) {
        var joined: [Link] = []
        for link in try space.links() {
            guard link.kind == "veth", link.master == nil, link.alias == HostNetworkNames.mark,
                link.name.hasPrefix(names.hostEndPrefix)
            else { continue }
            let settings = LinkSettings(mtu: mtu, master: bridge.index, isUp: true)
            let operation = "join \(link.name) to bridge \(bridge.name)"
            if try space.change(
                .setLink(link.index, to: settings, operation: operation), "interface \(link.name)", unless: ENODEV)
            {
                joined.append(link)
            }
        }
        _ = try setMTU(mtu, behind: joined, space)
    }

    /// Our tap or what stands in for it, or the host's end of a container's pair, by name.
    func isOurs(_ link: Link) -> Bool {
        [names.tap, names.captureEnd, names.capturePort, names.datapathEnd].contains(link.name)
            || link.name.hasPrefix(names.hostEndPrefix)
    }

    private func state(of bridge: Link, _ space: borrowing NetworkSpace) throws(HostNetworkError) -> BridgeState {
        guard let address = bridge.address else {
            throw HostNetworkError(
                .kernel, "bridge \(bridge.name)", cause: "the kernel shows no hardware address", nextStep: "")
        }
        let ports = try space.links(master: bridge.index).map { link in
            BridgeState.Port(
                name: link.name, index: link.index, mtu: Int(link.mtu), isUp: link.isUp,
                isForwarding: link.port?.state == .forwarding, hairpin: link.port?.hairpin ?? false)
        }
        return BridgeState(
            name: bridge.name, index: bridge.index, address: address, mtu: Int(bridge.mtu), isUp: bridge.isUp,
            ports: ports.sorted { $0.index < $1.index })
    }
}
