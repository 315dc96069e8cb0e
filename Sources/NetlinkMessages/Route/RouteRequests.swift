public import Wire

extension NetlinkRequest {
    /// Adds a route to a network that is directly on an interface (scope link); `EEXIST` if it is there.
    public static func addLinkRoute(to network: InterfaceAddress, interface: UInt32) -> NetlinkRequest {
        NetlinkRequest(
            type: .newRoute, flags: [.acknowledge, .create, .exclusive], body: linkRoute(network, .link, interface),
            operation: "add route \(network)")
    }

    /// Removes such a route; `ESRCH` if it is not there.
    public static func deleteLinkRoute(to network: InterfaceAddress, interface: UInt32) -> NetlinkRequest {
        NetlinkRequest(
            type: .deleteRoute, flags: .acknowledge, body: linkRoute(network, .nowhere, interface),
            operation: "remove route \(network)")
    }

    /// Asks which way packets to `destination` take; `ENETUNREACH` if there is none.
    public static func route(to destination: IPAddress) -> NetlinkRequest {
        let bits = UInt8(destination.networkBytes.count * 8)
        var writer = AttributeWriter(behind: [destination.family.rawValue, bits] + Array(repeating: 0, count: 10))
        writer.put(RouteAttribute.destination, destination)
        return NetlinkRequest(
            type: .getRoute, flags: [], body: writer.bytes, operation: "look up the route to \(destination)")
    }

    /// Lists all routes of a family.
    public static func routes(family: AddressFamily) -> NetlinkRequest {
        NetlinkRequest(
            type: .getRoute, flags: .dump, body: [family.rawValue] + Array(repeating: 0, count: 11),
            operation: "list routes")
    }

    private static func linkRoute(_ network: InterfaceAddress, _ scope: RouteScope, _ interface: UInt32) -> [UInt8] {
        // Table RT_TABLE_MAIN 254, protocol RTPROT_BOOT 3, type RTN_UNICAST 1 (linux/rtnetlink.h).
        let fixed: [UInt8] = [
            AddressFamily.ipv4.rawValue, UInt8(network.prefixLength), 0, 0, 254, 3, scope.rawValue, 1, 0, 0, 0, 0,
        ]
        var writer = AttributeWriter(behind: fixed)
        writer.put(RouteAttribute.destination, .v4(network.network))
        writer.put(RouteAttribute.outgoing, uint32: interface)
        return writer.bytes
    }
}
