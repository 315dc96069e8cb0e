// Requests about interfaces. The kernel's side is net/core/rtnetlink.c.

extension NetlinkRequest {
    /// Makes a bridge (`IFLA_INFO_KIND` "bridge"); an existing interface of that name is `EEXIST`.
    public static func createBridge(_ settings: LinkSettings) -> NetlinkRequest {
        create(kind: "bridge", settings, operation: "create bridge \(settings.name ?? "")") { _ in }
    }

    /// Makes both ends of a veth pair at once, each in its own namespace if its settings name one, so that there is never
    /// half a pair. `IFLA_INFO_DATA` holds `VETH_INFO_PEER`, which holds a whole link message for the other end.
    public static func createVeth(_ settings: LinkSettings, peer: LinkSettings) -> NetlinkRequest {
        create(kind: "veth", settings, operation: "create veth \(settings.name ?? "")") { writer in
            writer.nest(LinkDetailAttribute.data) { data in
                data.nest(VethAttribute.peer, behind: LinkHeader(isUp: peer.isUp).bytes) { peer.write(to: &$0) }
            }
        }
    }

    /// Changes an interface: name, address, MTU, master, up or down, namespace, alias.
    public static func setLink(_ index: UInt32, to settings: LinkSettings, operation: String) -> NetlinkRequest {
        var writer = AttributeWriter(behind: LinkHeader(index: index, isUp: settings.isUp).bytes)
        settings.write(to: &writer)
        return NetlinkRequest(type: .setLink, flags: .acknowledge, body: writer.bytes, operation: operation)
    }

    /// Switches hairpin mode of a bridge's port. Only `RTM_NEWLINK` looks at `IFLA_INFO_SLAVE_DATA`.
    public static func setHairpin(_ hairpin: Bool, port index: UInt32) -> NetlinkRequest {
        var writer = AttributeWriter(behind: LinkHeader(index: index).bytes)
        writer.nest(LinkAttribute.linkDetail) { detail in
            detail.put(LinkDetailAttribute.portKind, string: BridgePort.kind)
            detail.nest(LinkDetailAttribute.portData) { data in
                data.put(BridgePortAttribute.hairpin, uint8: hairpin ? 1 : 0)
            }
        }
        return NetlinkRequest(
            type: .newLink, flags: .acknowledge, body: writer.bytes,
            operation: "set hairpin mode of port \(index)")
    }

    /// Deletes an interface; of a veth pair both ends go.
    public static func deleteLink(_ index: UInt32) -> NetlinkRequest {
        NetlinkRequest(
            type: .deleteLink, flags: .acknowledge, body: LinkHeader(index: index).bytes,
            operation: "delete interface \(index)")
    }

    /// Looks an interface up by name; `ENODEV` if there is none.
    public static func link(named name: String) -> NetlinkRequest {
        var writer = AttributeWriter(behind: LinkHeader().bytes)
        writer.put(LinkAttribute.name, string: name)
        writer.put(LinkAttribute.extendedMask, uint32: skipStatistics)
        return NetlinkRequest(
            type: .getLink, flags: [], body: writer.bytes, operation: "look up interface \(name)")
    }

    /// Looks an interface up by index, also in another namespace that this one has a number for.
    public static func link(index: UInt32, namespace: Int32? = nil) -> NetlinkRequest {
        var writer = AttributeWriter(behind: LinkHeader(index: index).bytes)
        if let namespace { writer.put(LinkAttribute.targetNamespace, int32: namespace) }
        writer.put(LinkAttribute.extendedMask, uint32: skipStatistics)
        return NetlinkRequest(
            type: .getLink, flags: [], body: writer.bytes, operation: "look up interface \(index)")
    }

    /// Lists all interfaces, or those of one bridge.
    public static func links(master: UInt32? = nil) -> NetlinkRequest {
        var writer = AttributeWriter(behind: LinkHeader().bytes)
        if let master { writer.put(LinkAttribute.master, uint32: master) }
        writer.put(LinkAttribute.extendedMask, uint32: skipStatistics)
        return NetlinkRequest(type: .getLink, flags: .dump, body: writer.bytes, operation: "list interfaces")
    }

    private static func create(
        kind: String, _ settings: LinkSettings, operation: String, _ detail: (inout AttributeWriter) -> Void
    ) -> NetlinkRequest {
        var writer = AttributeWriter(behind: LinkHeader(isUp: settings.isUp).bytes)
        settings.write(to: &writer)
        writer.nest(LinkAttribute.linkDetail) { inner in
            inner.put(LinkDetailAttribute.kind, string: kind)
            detail(&inner)
        }
        return NetlinkRequest(
            type: .newLink, flags: [.acknowledge, .create, .exclusive], body: writer.bytes, operation: operation)
    }
}
