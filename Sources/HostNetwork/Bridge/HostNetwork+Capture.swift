internal import Glibc
internal import NetlinkMessages

extension HostNetwork {
    /// Makes the veth pair that stands in for a tap, or adopts the one that is there: settings, up, marked as weft's. The
    /// port is not joined to the bridge yet (``addPort(interface:)``).
    ///
    /// - Parameter mtu: in bytes, without the Ethernet header.
    public func ensureCapturePair(mtu: Int) throws(HostNetworkError) {
        let mtu = try checkedMTU(mtu)
        try onHost { (space) throws(HostNetworkError) in
            if try space.link(named: names.captureEnd) == nil {
                try space.change(
                    .createVeth(
                        LinkSettings(name: names.captureEnd, mtu: mtu),
                        peer: LinkSettings(name: names.capturePort, mtu: mtu)),
                    "veth pair \(names.captureEnd)")
            }
            for name in [names.captureEnd, names.capturePort] {
                guard let link = try space.link(named: name) else {
                    throw HostNetworkError(
                        .conflict, "interface \(names.captureEnd)", cause: "\(name) is not its other end",
                        nextStep: "remove it with `ip link delete \(names.captureEnd)`; weft makes it anew")
                }
                try InterfaceSettings.refuseRouterAdvertisements(on: name)
                try space.set(
                    link, to: LinkSettings(mtu: mtu, isUp: true, alias: HostNetworkNames.mark), "bring up \(name)")
            }
        }
    }

    /// Removes the pair where a tap is in use again; one that weft did not make stays.
    public func removeCapturePair() throws(HostNetworkError) {
        try onHost { (space) throws(HostNetworkError) in
            guard let link = try space.link(named: names.captureEnd), link.alias == HostNetworkNames.mark else {
                return
            }
            try space.change(.deleteLink(link.index), "interface \(link.name)", unless: ENODEV)
        }
    }
}
