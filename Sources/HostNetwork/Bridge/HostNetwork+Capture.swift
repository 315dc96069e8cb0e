internal import Glibc
internal import NetlinkMessages

extension HostNetwork {
    /// Makes the veth pair that stands in for a tap, or adopts the one that is there: settings, up, marked as weft's. The
    /// port is not joined to the bridge yet (``addPort(interface:)``).
    ///
    /// - Parameter mtu: in bytes, without the Ethernet header.
    public func ensureCapturePair(mtu: Int) throws(HostNetworkError) {
        try removePair(names.datapathEnd)
        try ensurePair(names.captureEnd, mtu: mtu)
    }

    /// The same between the bridge and the kernel's datapath. Whoever makes the datapath joins `datapathEnd` to it.
    public func ensureDatapathPair(mtu: Int) throws(HostNetworkError) {
        try removePair(names.captureEnd)
        try ensurePair(names.datapathEnd, mtu: mtu)
    }

    private func ensurePair(_ end: String, mtu: Int) throws(HostNetworkError) {
        let mtu = try checkedMTU(mtu)
        try onHost { (space) throws(HostNetworkError) in
            if try space.link(named: end) == nil {
                try space.change(
                    .createVeth(
                        LinkSettings(name: end, mtu: mtu), peer: LinkSettings(name: names.capturePort, mtu: mtu)),
                    "veth pair \(end)")
            }
            for name in [end, names.capturePort] {
                guard let link = try space.link(named: name) else {
                    throw HostNetworkError(
                        .conflict, "interface \(end)", cause: "\(name) is not its other end",
                        nextStep: "remove it with `ip link delete \(end)`; weft makes it anew")
                }
                try InterfaceSettings.refuseRouterAdvertisements(on: name)
                try space.set(
                    link, to: LinkSettings(mtu: mtu, isUp: true, alias: HostNetworkNames.mark), "bring up \(name)")
            }
        }
    }

    /// Removes the pair where a tap is in use again; one that weft did not make stays.
    public func removeCapturePair() throws(HostNetworkError) {
        try removePair(names.captureEnd)
    }

    /// Removes the datapath's pair where the tap is a port of the bridge again.
    public func removeDatapathPair() throws(HostNetworkError) {
        try removePair(names.datapathEnd)
    }

    /// Marks an interface that the kernel made at our wish.
    public func mark(interface name: String) throws(HostNetworkError) {
        try onHost { (space) throws(HostNetworkError) in
            guard let link = try space.link(named: name) else { return }
            try space.set(link, to: LinkSettings(alias: HostNetworkNames.mark), "mark \(name)")
        }
    }

    /// Whether there is an interface of that name that weft has made.
    public func isOurs(interface name: String) throws(HostNetworkError) -> Bool {
        try onHost { (space) throws(HostNetworkError) in
            try space.link(named: name)?.alias == HostNetworkNames.mark
        }
    }

    /// Takes the tap from the bridge, if it is a port of it, and brings it up: it is to be a port of the datapath.
    public func releaseTap(mtu: Int) throws(HostNetworkError) {
        let mtu = try checkedMTU(mtu)
        try onHost { (space) throws(HostNetworkError) in
            guard let link = try space.link(named: names.tap) else { return }
            if link.master != nil {
                let bridge = try space.link(named: names.bridge)
                // A datapath is a master, too.
                if link.master == bridge?.index {
                    try space.set(link, to: LinkSettings(master: 0), "take \(link.name) from bridge \(names.bridge)")
                }
            }
            try InterfaceSettings.refuseRouterAdvertisements(on: link.name)
            try space.set(
                link, to: LinkSettings(mtu: mtu, isUp: true, alias: HostNetworkNames.mark), "bring up \(link.name)")
        }
    }

    private func removePair(_ end: String) throws(HostNetworkError) {
        try onHost { (space) throws(HostNetworkError) in
            guard let link = try space.link(named: end), link.alias == HostNetworkNames.mark else {
                return
            }
            try space.change(.deleteLink(link.index), "interface \(link.name)", unless: ENODEV)
        }
    }
}
