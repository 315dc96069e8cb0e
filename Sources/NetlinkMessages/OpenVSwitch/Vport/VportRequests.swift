public import Wire

// Requests about vports. The kernel's side is net/openvswitch/datapath.c and vport-*.c.

/// A vport to be made.
public struct VportSettings: Hashable, Sendable {
    /// At most 15 bytes; of `.netdev` the name of an existing interface.
    public let name: String
    public let kind: VportKind
    /// The UDP port of a tunnel, both the local one and the far ends'.
    public let tunnelPort: PortNumber?
    /// Where misses are sent; `.none` alone drops them.
    public var upcallPorts: [UpcallPort]

    /// An existing interface; a port of another datapath or of a bridge is `EBUSY`.
    public static func netdev(_ name: String, upcallPorts: [UpcallPort] = [.none]) -> VportSettings {
        VportSettings(name: name, kind: .netdev, tunnelPort: nil, upcallPorts: upcallPorts)
    }

    /// An interface of that name that the datapath makes.
    public static func `internal`(_ name: String, upcallPorts: [UpcallPort] = [.none]) -> VportSettings {
        VportSettings(name: name, kind: .internal, tunnelPort: nil, upcallPorts: upcallPorts)
    }

    /// A VXLAN tunnel; `EADDRINUSE` or a netdev that stays down if the UDP port is taken, `EAFNOSUPPORT` if the kernel
    /// has no such vports.
    public static func vxlan(
        _ name: String, port: PortNumber, upcallPorts: [UpcallPort] = [.none]
    ) -> VportSettings {
        VportSettings(name: name, kind: .vxlan, tunnelPort: port, upcallPorts: upcallPorts)
    }

    private init(name: String, kind: VportKind, tunnelPort: PortNumber?, upcallPorts: [UpcallPort]) {
        self.name = name
        self.kind = kind
        self.tunnelPort = tunnelPort
        self.upcallPorts = upcallPorts
    }
}

extension OpenVSwitchFamilies {
    /// Adds a port; `EEXIST` if the datapath has one of that name. Answered by the vport with its number.
    public func createVport(_ settings: VportSettings, in index: DatapathIndex) -> NetlinkRequest {
        request(vport, .new, .echo, index, operation: "create vport \(settings.name)") { writer in
            writer.put(VportAttribute.name, string: settings.name)
            writer.put(VportAttribute.kind, uint32: settings.kind.rawValue)
            writer.nest(VportAttribute.options, marked: false) { options in
                if let port = settings.tunnelPort { options.put(VportAttribute.tunnelPort, uint16: port.rawValue) }
            }
            writer.put(VportAttribute.upcallPorts, bytes: settings.upcallPorts.hostBytes)
        }
    }

    /// Looks a vport up by name, in all datapaths of the namespace; `ENODEV` if there is none.
    public func vport(named name: String) -> NetlinkRequest {
        request(vport, .get, .echo, .none, operation: "look up vport \(name)") { writer in
            writer.put(VportAttribute.name, string: name)
        }
    }

    /// Looks a vport up by number; `ENODEV` if there is none.
    public func vport(_ number: VportNumber, in index: DatapathIndex) -> NetlinkRequest {
        request(vport, .get, .echo, index, operation: "look up vport \(number.rawValue)") { writer in
            writer.put(VportAttribute.number, uint32: number.rawValue)
        }
    }

    /// Lists the ports of a datapath.
    public func vports(in index: DatapathIndex) -> NetlinkRequest {
        request(vport, .get, .dump, index, operation: "list vports of datapath \(index.rawValue)")
    }

    /// Removes a port; flows to and from it stay. Of tunnels the UDP port is free a little later. Answered by the vport.
    public func deleteVport(_ number: VportNumber, in index: DatapathIndex) -> NetlinkRequest {
        request(vport, .delete, .echo, index, operation: "delete vport \(number.rawValue)") { writer in
            writer.put(VportAttribute.number, uint32: number.rawValue)
        }
    }

    /// Says where a port's misses are sent; with several, by the packet's hash. Recent kernels refuse more ports than there
    /// are processors with `EINVAL`. Answered by the vport; others hear of it too.
    public func setUpcallPorts(
        _ ports: [UpcallPort], of number: VportNumber, in index: DatapathIndex
    ) -> NetlinkRequest {
        request(vport, .set, .echo, index, operation: "set upcall ports of vport \(number.rawValue)") { writer in
            writer.put(VportAttribute.number, uint32: number.rawValue)
            writer.put(VportAttribute.upcallPorts, bytes: ports.hostBytes)
        }
    }
}
