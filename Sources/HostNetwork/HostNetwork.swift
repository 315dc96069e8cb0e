package import Netlink
internal import NetlinkMessages

/// The bridge, the containers on it, and what can be known about the host around them.
///
/// It keeps no state but the host's namespace: every call asks the kernel, so that a restart finds what is there.
/// Everything is done by rtnetlink, ioctl, setns and /proc/sys; no program is started. Calls may come from any thread,
/// block for as long as the kernel needs (milliseconds), and never leave the calling thread in another namespace.
public final class HostNetwork: Sendable {
    public let names: HostNetworkNames
    let host: NamespaceDescriptor

    /// - Parameter host: the namespace that plays the host; by default that of the calling thread.
    public init(
        names: HostNetworkNames = HostNetworkNames(), host: NamespaceReference? = nil
    ) throws(HostNetworkError) {
        for name in [names.bridge, names.tap, names.containerInterface, names.hostEndPrefix + "1234567"] {
            guard HostNetworkNames.isValid(name) else {
                throw HostNetworkError(
                    .invalid, "interface \(name)", cause: "that cannot be an interface's name",
                    nextStep: "choose a name of 1 to 15 letters, digits, dots or hyphens")
            }
        }
        self.names = names
        if let host {
            self.host = try host.open()
        } else {
            self.host = try NamespaceDescriptor.current()
        }
    }

    /// Listens to changes of the host's interfaces and addresses, and tells which; `HostMonitor` only tells when.
    package func monitor() throws(HostNetworkError) -> NetlinkMonitor {
        try NetlinkMonitor.open(in: host)
    }

    /// What an interface leaves to others; `namespace` nil means the host.
    public func offloads(
        of interface: String, in namespace: NamespaceReference? = nil
    ) throws(HostNetworkError) -> OffloadFlags {
        try within(namespace) { () throws(HostNetworkError) in try OffloadFlags.read(interface) }
    }

    /// Switches offloads of an interface on or off. weft itself never does for containers; measurements and peers of
    /// other makes need it.
    public func setOffloads(
        _ flags: OffloadFlags, on: Bool, of interface: String, in namespace: NamespaceReference? = nil
    ) throws(HostNetworkError) {
        try within(namespace) { () throws(HostNetworkError) in try OffloadFlags.write(flags, on: on, interface) }
    }

    /// Runs `body` in the host's namespace, with a request socket there.
    func onHost<Result: ~Copyable>(
        _ body: (borrowing NetworkSpace) throws(HostNetworkError) -> Result
    ) throws(HostNetworkError) -> Result {
        try inNamespace(host) { () throws(HostNetworkError) -> Result in try body(try NetworkSpace()) }
    }

    /// Runs `body` in a container's namespace, with a request socket there.
    func inside<Result: ~Copyable>(
        _ namespace: borrowing NamespaceDescriptor,
        _ body: (borrowing NetworkSpace) throws(HostNetworkError) -> Result
    ) throws(HostNetworkError) -> Result {
        try inNamespace(namespace) { () throws(HostNetworkError) -> Result in try body(try NetworkSpace()) }
    }

    /// Our bridge; an error that says what to do if there is none or something else has its name.
    func requireBridge(_ space: borrowing NetworkSpace) throws(HostNetworkError) -> Link {
        guard let link = try space.link(named: names.bridge) else {
            throw HostNetworkError(
                .notFound, "bridge \(names.bridge)", cause: "there is no such bridge",
                nextStep: "start weft: weft launch")
        }
        guard link.kind == "bridge" else {
            throw HostNetworkError(
                .conflict, "bridge \(names.bridge)",
                cause: "an interface of that name is not a bridge but \(link.kind ?? "hardware")",
                nextStep: "remove or rename that interface, or choose another name for the bridge")
        }
        return link
    }

    private func within<Result>(
        _ namespace: NamespaceReference?, _ body: () throws(HostNetworkError) -> Result
    ) throws(HostNetworkError) -> Result {
        guard let namespace else { return try inNamespace(host, body) }
        return try inNamespace(try namespace.open(), body)
    }
}
