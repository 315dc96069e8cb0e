public import Wire

/// An address of an interface as the kernel describes it in `RTM_NEWADDR` or `RTM_DELADDR`.
///
/// Fixed part (`struct ifaddrmsg`, linux/if_addr.h, 8 bytes): family, prefix length, flags, scope, interface index (4).
public struct AssignedAddress: Hashable, Sendable {
    static let headerLength = 8

    /// The interface's index.
    public let index: UInt32
    public let address: IPAddress
    /// 0 to 32 or 0 to 128.
    public let prefixLength: Int
    /// `RT_SCOPE_...`, linux/rtnetlink.h: 0 everywhere, 253 this link, 254 this host.
    public let scope: UInt8

    /// The address as the type that interfaces are configured with; nil for IPv6.
    public var interfaceAddress: InterfaceAddress? {
        address.v4.flatMap { InterfaceAddress($0, prefixLength: prefixLength) }
    }

    /// Reads an `RTM_NEWADDR` or `RTM_DELADDR`.
    public init(_ message: NetlinkMessage) throws(NetlinkMessageError) {
        guard message.header.type == .newAddress || message.header.type == .deleteAddress else {
            throw .unexpectedType(message.header.type.rawValue)
        }
        let start = try message.fixedPart(Self.headerLength, named: "struct ifaddrmsg")
        let family = AddressFamily(rawValue: message.datagram[start])
        prefixLength = Int(message.datagram[start + 1])
        scope = message.datagram[start + 3]
        index = message.datagram.hostUInt32(at: start + 4)
        let attributes = try message.attributes(behind: Self.headerLength, AddressAttribute.policy)
        // On point-to-point interfaces IFA_ADDRESS is the other side's address; IPv6 has no IFA_LOCAL then.
        guard
            let address = attributes.ipAddress(AddressAttribute.local) ?? attributes.ipAddress(AddressAttribute.address)
        else { throw .attributeMissing(attribute: AddressAttribute.address.name) }
        guard address.family == family, prefixLength <= address.networkBytes.count * 8 else {
            throw .attributeValue(attribute: AddressAttribute.address.name)
        }
        self.address = address
    }
}

/// Attributes of `struct ifaddrmsg` messages, linux/if_addr.h.
enum AddressAttribute {
    static let address = AttributeSpec(1, "IFA_ADDRESS", .bytes(4...16))
    static let local = AttributeSpec(2, "IFA_LOCAL", .bytes(4...16))
    static let broadcast = AttributeSpec(4, "IFA_BROADCAST", .bytes(4...4))
    static let targetNamespace = AttributeSpec(10, "IFA_TARGET_NETNSID", .uint32)

    static let policy = AttributePolicy("struct ifaddrmsg", [address, local, broadcast])
}

extension NetlinkType {
    /// `RTM_NEWADDR`, linux/rtnetlink.h.
    public static let newAddress = NetlinkType(rawValue: 20)
    /// `RTM_DELADDR`, linux/rtnetlink.h.
    public static let deleteAddress = NetlinkType(rawValue: 21)
    /// `RTM_GETADDR`, linux/rtnetlink.h.
    public static let getAddress = NetlinkType(rawValue: 22)
}
