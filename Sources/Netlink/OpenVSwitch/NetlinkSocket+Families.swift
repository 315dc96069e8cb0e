internal import Glibc
public import NetlinkMessages

extension NetlinkSocket {
    /// Asks for a family of generic netlink by its name, on a `.generic` socket. The kernel tries to load the module that
    /// has it. `NetlinkError.isAbsentFamily` if there is none.
    public func family(named name: String) throws(NetlinkError) -> GenericFamily {
        try ask(.genericFamily(named: name)) { (message) throws(NetlinkMessageError) in try GenericFamily(message) }
    }

    /// Asks for the four families of Open vSwitch, on a `.generic` socket. The error names the one that is absent.
    public func openVSwitchFamilies() throws(NetlinkError) -> OpenVSwitchFamilies {
        OpenVSwitchFamilies(
            datapath: try family(named: OpenVSwitchFamilies.datapathName),
            vport: try family(named: OpenVSwitchFamilies.vportName),
            flow: try family(named: OpenVSwitchFamilies.flowName),
            packet: try family(named: OpenVSwitchFamilies.packetName))
    }
}

extension NetlinkError {
    /// Whether the kernel has no such family of generic netlink, nor a module for it.
    public var isAbsentFamily: Bool {
        guard case .refused(let verdict) = reason else { return false }
        return verdict.errno == ENOENT && operation.hasPrefix("look up netlink family")
    }
}
