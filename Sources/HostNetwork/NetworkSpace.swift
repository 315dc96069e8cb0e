internal import Glibc
internal import Netlink
internal import NetlinkMessages
internal import Wire

/// A network namespace seen from within: made and used on a thread that has entered it.
struct NetworkSpace: ~Copyable {
    private let socket: NetlinkSocket

    init() throws(HostNetworkError) {
        do {
            socket = try NetlinkSocket(.route)
        } catch {
            throw HostNetworkError(error, "rtnetlink")
        }
    }

    /// The interface of that name; nil if there is none.
    func link(named name: String) throws(HostNetworkError) -> Link? {
        try lookUp(.link(named: name), "interface \(name)")
    }

    /// The interface with that index, here or in the namespace that is known here under a number.
    func link(index: UInt32, namespace: Int32? = nil) throws(HostNetworkError) -> Link? {
        try lookUp(.link(index: index, namespace: namespace), "interface \(index)")
    }

    /// All interfaces, or the ports of a bridge.
    func links(master: UInt32? = nil) throws(HostNetworkError) -> [Link] {
        do {
            // Kernels before 4.20 do not filter.
            return try socket.list(.links(master: master)) { message throws(NetlinkMessageError) in try Link(message) }
                .filter { master == nil || $0.master == master }
        } catch {
            throw HostNetworkError(error, "interfaces")
        }
    }

    /// The IPv4 addresses of an interface, in the kernel's order.
    func addresses(of index: UInt32, namespace: Int32? = nil) throws(HostNetworkError) -> [InterfaceAddress] {
        do {
            return try socket.list(.addresses(family: .ipv4, of: index, namespace: namespace)) {
                message throws(NetlinkMessageError) in try AssignedAddress(message)
            }.filter { $0.index == index }.compactMap(\.interfaceAddress)
        } catch {
            throw HostNetworkError(error, "addresses of interface \(index)")
        }
    }

    /// The IPv4 addresses of all interfaces.
    func allAddresses() throws(HostNetworkError) -> [InterfaceAddress] {
        do {
            return try socket.list(.addresses(family: .ipv4)) {
                message throws(NetlinkMessageError) in try AssignedAddress(message)
            }.compactMap(\.interfaceAddress)
        } catch {
            throw HostNetworkError(error, "addresses of this host")
        }
    }

    /// The way to an address.
    func route(to destination: IPAddress) throws(HostNetworkError) -> Route {
        do {
            return try socket.ask(.route(to: destination)) { message throws(NetlinkMessageError) in try Route(message) }
        } catch {
            throw HostNetworkError(error, "route to \(destination)")
        }
    }

    /// The number under which another namespace is known here; nil if it has none.
    func number(of namespace: borrowing NamespaceDescriptor) throws(HostNetworkError) -> Int32? {
        let request = NetlinkRequest.namespaceNumber(descriptor: namespace.rawValue)
        let label = namespace.label
        do {
            return try socket.ask(request) { message throws(NetlinkMessageError) in
                try NamespaceNumber.decode(message)
            }
        } catch {
            throw HostNetworkError(error, label)
        }
    }

    /// Carries out a request that changes something.
    func change(_ request: NetlinkRequest, _ object: String) throws(HostNetworkError) {
        do {
            try socket.exchange(request)
        } catch {
            throw HostNetworkError(error, object)
        }
    }

    /// The same; `harmless` errnos mean that the wanted state is there already. False if so.
    @discardableResult
    func change(_ request: NetlinkRequest, _ object: String, unless harmless: Int32) throws(HostNetworkError) -> Bool {
        do {
            try socket.exchange(request)
            return true
        } catch {
            guard error.errno == harmless else { throw HostNetworkError(error, object) }
            return false
        }
    }

    /// Sets properties of an interface.
    func set(_ link: Link, to settings: LinkSettings, _ what: String) throws(HostNetworkError) {
        try change(.setLink(link.index, to: settings, operation: what), "interface \(link.name)")
    }

    private func lookUp(_ request: NetlinkRequest, _ object: String) throws(HostNetworkError) -> Link? {
        do {
            return try socket.ask(request) { message throws(NetlinkMessageError) in try Link(message) }
        } catch {
            guard error.errno == ENODEV else { throw HostNetworkError(error, object) }
            return nil
        }
    }
}
