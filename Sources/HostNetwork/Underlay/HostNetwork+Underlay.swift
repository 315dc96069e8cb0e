internal import NetlinkMessages
public import Wire

/// The way that packets to another host take.
public struct Underlay: Hashable, Sendable {
    public let interface: String
    public let index: UInt32
    /// What fits: the smaller of the interface's MTU and what is known about the path, in bytes.
    public let mtu: Int
    /// The address that packets leave with.
    public let source: IPAddress?
}

extension HostNetwork {
    /// Which interface, MTU and source address packets to another host have now.
    public func underlay(toward destination: IPAddress) throws(HostNetworkError) -> Underlay {
        try onHost { (space) throws(HostNetworkError) in
            let route = try space.route(to: destination)
            guard let index = route.interface, let link = try space.link(index: index) else {
                throw HostNetworkError(
                    .notFound, "route to \(destination)", cause: "it leads through no single interface",
                    nextStep: "see `ip route get \(destination)`")
            }
            return Underlay(
                interface: link.name, index: index, mtu: Int(min(link.mtu, route.mtu ?? .max)),
                source: route.preferredSource)
        }
    }

    /// The IPv4 addresses of this host, without those of loopback.
    public func addresses() throws(HostNetworkError) -> Set<IPv4Address> {
        try onHost { (space) throws(HostNetworkError) in
            Set(try space.allAddresses().map(\.address).filter { !$0.isLoopback })
        }
    }
}
