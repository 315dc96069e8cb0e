public import Wire

extension NetlinkRequest {
    /// Gives an interface an address; `EEXIST` if it has it. The broadcast address is set where the network has one.
    public static func addAddress(_ address: InterfaceAddress, to index: UInt32) -> NetlinkRequest {
        var writer = addressWriter(address, index)
        if address.prefixLength < 31 { writer.put(AddressAttribute.broadcast, .v4(address.broadcast)) }
        return NetlinkRequest(
            type: .newAddress, flags: [.acknowledge, .create, .exclusive], body: writer.bytes,
            operation: "add address \(address)")
    }

    /// Takes an address from an interface; `EADDRNOTAVAIL` if it has not got it.
    public static func deleteAddress(_ address: InterfaceAddress, from index: UInt32) -> NetlinkRequest {
        NetlinkRequest(
            type: .deleteAddress, flags: .acknowledge, body: addressWriter(address, index).bytes,
            operation: "remove address \(address)")
    }

    /// Lists addresses of one family: of all interfaces, or of one. With strict checking the kernel filters by
    /// interface, otherwise it sends all, so callers filter too. `namespace` is a number that this namespace has given to
    /// another one.
    public static func addresses(
        family: AddressFamily, of index: UInt32 = 0, namespace: Int32? = nil
    ) -> NetlinkRequest {
        var writer = AttributeWriter(behind: header(family, prefixLength: 0, index))
        if let namespace { writer.put(AddressAttribute.targetNamespace, int32: namespace) }
        return NetlinkRequest(type: .getAddress, flags: .dump, body: writer.bytes, operation: "list addresses")
    }

    private static func addressWriter(_ address: InterfaceAddress, _ index: UInt32) -> AttributeWriter {
        var writer = AttributeWriter(behind: header(.ipv4, prefixLength: UInt8(address.prefixLength), index))
        writer.put(AddressAttribute.local, .v4(address.address))
        writer.put(AddressAttribute.address, .v4(address.address))
        return writer
    }

    /// `struct ifaddrmsg`; flags and scope stay 0 (`RT_SCOPE_UNIVERSE`).
    private static func header(_ family: AddressFamily, prefixLength: UInt8, _ index: UInt32) -> [UInt8] {
        var bytes: [UInt8] = [family.rawValue, prefixLength, 0, 0]
        bytes.appendHost(index)
        return bytes
    }
}
