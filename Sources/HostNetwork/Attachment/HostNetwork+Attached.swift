internal import Glibc
internal import NetlinkMessages

extension HostNetwork {
    /// The containers on the bridge: every port that is a veth whose other end is in another namespace. Found by looking,
    /// so also those that a daemon before this one attached. Empty without a bridge.
    ///
    /// Interfaces and addresses are read through the number that the host's namespace has for the other one, so also a
    /// container whose namespace cannot be opened is listed.
    public func attached() throws(HostNetworkError) -> [AttachedContainer] {
        try onHost { (space) throws(HostNetworkError) in
            guard try space.link(named: names.bridge) != nil else { return [] }
            let bridge = try requireBridge(space)
            let ports = try space.links(master: bridge.index).filter { $0.kind == "veth" && $0.otherNamespace != nil }
            let known = KnownNamespaces(numbers: Set(ports.compactMap(\.otherNamespace)), host: space)
            var containers: [AttachedContainer] = []
            for port in ports.sorted(by: { $0.index < $1.index }) {
                guard let number = port.otherNamespace, let index = port.linkedIndex else { continue }
                if let container = try container(behind: port, index, number, known.entries[number], space) {
                    containers.append(container)
                }
            }
            return containers
        }
    }

    private func container(
        behind port: Link, _ index: UInt32, _ number: Int32, _ known: KnownNamespaces.Entry?,
        _ space: borrowing NetworkSpace
    ) throws(HostNetworkError) -> AttachedContainer? {
        do {
            guard let link = try space.link(index: index, namespace: number), let mac = link.address else { return nil }
            return AttachedContainer(
                namespace: known?.reference, identity: known?.identity, interface: link.name, mac: mac,
                addresses: try space.addresses(of: index, namespace: number), mtu: Int(link.mtu),
                hostInterface: port.name)
        } catch {
            // A container that ends while we look is no error. Its namespace loses its number (EINVAL) and its interface
            // goes (ENODEV) before the port does.
            if error.errno == EINVAL || error.errno == ENODEV { return nil }
            guard try space.link(index: port.index) == nil else { throw error }
            return nil
        }
    }
}
