public import Wire

/// The body of `POST /v1/attach`.
public struct AttachRequest: Codable, Hashable, Sendable {
    /// An `ip netns` name, a namespace's path, a process id, or a Docker or Podman container's id or name.
    public var container: String
    /// At least one.
    public var addresses: [InterfaceAddress]
    /// What `weft ps` shows beside the reference, such as a command line; nil for none.
    public var label: String?

    public init(container: String, addresses: [InterfaceAddress], label: String? = nil) {
        self.container = container
        self.addresses = addresses
        self.label = label
    }
}

/// The answer to `POST /v1/attach`.
public struct AttachReply: Codable, Hashable, Sendable {
    public var container: AttachedContainer
    /// What the user should know though the container is attached.
    public var warnings: [StatusWarning]

    public init(container: AttachedContainer, warnings: [StatusWarning] = []) {
        self.container = container
        self.warnings = warnings
    }
}

/// The body of `POST /v1/detach`.
public struct DetachRequest: Codable, Hashable, Sendable {
    /// As in ``AttachRequest``, or the reference that was used to attach.
    public var container: String
    /// The addresses to take away; empty means all, and the interface with them.
    public var addresses: [InterfaceAddress]

    public init(container: String, addresses: [InterfaceAddress] = []) {
        self.container = container
        self.addresses = addresses
    }
}

/// The answer to `POST /v1/detach`.
public struct DetachReply: Codable, Hashable, Sendable {
    /// What was taken away.
    public var addresses: [InterfaceAddress]
    /// Whether the container is still attached, with other addresses.
    public var stillAttached: Bool

    public init(addresses: [InterfaceAddress], stillAttached: Bool) {
        self.addresses = addresses
        self.stillAttached = stillAttached
    }
}

/// A container that is attached on this host: an entry of `GET /v1/containers`.
public struct AttachedContainer: Codable, Hashable, Sendable {
    /// The reference that was used to attach.
    public var container: String
    public var label: String?
    /// `/proc/4711/ns/net`, `/run/netns/web`.
    public var namespacePath: String
    /// In the container: `ethwe`.
    public var interface: String
    public var hardwareAddress: MACAddress
    public var addresses: [InterfaceAddress]
    public var mtu: Int
    public var since: WallClockInstant

    public init(
        container: String, label: String? = nil, namespacePath: String, interface: String, hardwareAddress: MACAddress,
        addresses: [InterfaceAddress], mtu: Int, since: WallClockInstant
    ) {
        self.container = container
        self.label = label
        self.namespacePath = namespacePath
        self.interface = interface
        self.hardwareAddress = hardwareAddress
        self.addresses = addresses
        self.mtu = mtu
        self.since = since
    }
}
