public import Wire

/// What is to be set on an interface, when it is made or later. nil leaves a property as it is.
public struct LinkSettings: Hashable, Sendable {
    /// 1 to 15 bytes, without `/` and blanks.
    public var name: String?
    public var address: MACAddress?
    /// In bytes, without the Ethernet header.
    public var mtu: UInt32?
    /// The index of the bridge to join; 0 leaves the present one.
    public var master: UInt32?
    public var isUp: Bool?
    /// An open network namespace to be made in, or moved to; a descriptor of the calling process.
    public var namespaceDescriptor: Int32?
    /// At most 255 bytes.
    public var alias: String?

    public init(
        name: String? = nil, address: MACAddress? = nil, mtu: UInt32? = nil, master: UInt32? = nil,
        isUp: Bool? = nil, namespaceDescriptor: Int32? = nil, alias: String? = nil
    ) {
        self.name = name
        self.address = address
        self.mtu = mtu
        self.master = master
        self.isUp = isUp
        self.namespaceDescriptor = namespaceDescriptor
        self.alias = alias
    }

    func write(to writer: inout AttributeWriter) {
        if let name { writer.put(LinkAttribute.name, string: name) }
        if let address { writer.put(LinkAttribute.address, address) }
        if let mtu { writer.put(LinkAttribute.mtu, uint32: mtu) }
        if let master { writer.put(LinkAttribute.master, uint32: master) }
        if let namespaceDescriptor { writer.put(LinkAttribute.namespaceDescriptor, int32: namespaceDescriptor) }
        if let alias { writer.put(LinkAttribute.alias, string: alias) }
    }
}
