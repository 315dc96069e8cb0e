internal import Glibc
internal import NetlinkMessages
public import Wire

extension HostNetwork {
    /// Takes addresses from a container, and with the last one its interface.
    ///
    /// - Parameter addresses: nil takes all. Those that the container has not got are left out of the result.
    /// - Returns: the addresses that were taken.
    /// - Throws: `.notFound` if the namespace or its interface does not exist.
    public func detach(
        _ reference: NamespaceReference, addresses: [InterfaceAddress]? = nil
    ) throws(HostNetworkError) -> [InterfaceAddress] {
        let namespace = try reference.open()
        return try onHost { (space) throws(HostNetworkError) in
            let bridge = try requireBridge(space)
            guard let pair = try findPair(in: namespace, bridge, space) else {
                throw HostNetworkError(
                    .notFound, "interface \(names.containerInterface) of \(namespace.label)",
                    cause: "there is no such interface: the container is not attached",
                    nextStep: "`weft ps` lists the attached containers")
            }
            let present = try inside(namespace) { (inner) throws(HostNetworkError) in
                try inner.addresses(of: pair.inner.index)
            }
            let leaving = present.filter { addresses?.contains($0) ?? true }
            if leaving.count == present.count {
                // Nothing of it stays, so the pair goes as a whole, and with it addresses and routes.
                guard addresses == nil || !leaving.isEmpty else { return [] }
                try space.change(.deleteLink(pair.outer.index), "interface \(pair.outer.name)", unless: ENODEV)
                return leaving
            }
            try inside(namespace) { (inner) throws(HostNetworkError) in
                for address in leaving {
                    try inner.change(
                        .deleteAddress(address, from: pair.inner.index), "address \(address)", unless: EADDRNOTAVAIL)
                }
            }
            return leaving
        }
    }
}
