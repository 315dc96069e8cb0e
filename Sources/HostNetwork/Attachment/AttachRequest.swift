public import Wire

/// A container to be attached.
public struct AttachRequest: Hashable, Sendable {
    public var namespace: NamespaceReference
    /// Given to the interface one by one; those it has already stay.
    public var addresses: [InterfaceAddress]
    /// A container's id, of which the first seven characters name the host's end of the pair; nil takes seven characters
    /// that stand for the namespace itself.
    public var id: String?
    /// In bytes; nil takes the bridge's.
    public var mtu: Int?
    /// Whether multicast goes out of the interface: the route that programs wait for which wait for the network.
    public var multicastRoute: Bool

    public init(
        namespace: NamespaceReference, addresses: [InterfaceAddress], id: String? = nil, mtu: Int? = nil,
        multicastRoute: Bool = true
    ) {
        self.namespace = namespace
        self.addresses = addresses
        self.id = id
        self.mtu = mtu
        self.multicastRoute = multicastRoute
    }
}

/// A container that is attached, as the kernel shows it.
public struct AttachedContainer: Hashable, Sendable {
    /// A way to open its namespace; nil if it has neither a name nor a process that can be seen.
    public let namespace: NamespaceReference?
    /// Tells whether another reference, such as a container's process, means the same namespace.
    public let identity: NamespaceIdentity?
    /// The interface within the container.
    public let interface: String
    public let mac: MACAddress
    public let addresses: [InterfaceAddress]
    /// In bytes, of the inner end.
    public let mtu: Int
    /// The host's end, a port of the bridge.
    public let hostInterface: String
}
