public import Wire

/// An interface as the kernel describes it in `RTM_NEWLINK` (there it is) or `RTM_DELLINK` (it is gone).
public struct Link: Hashable, Sendable {
    /// Unspecified; `.bridge` in notifications about a bridge's port, where "gone" says that it is no port any more.
    public let family: AddressFamily
    /// Positive; unique within its network namespace.
    public let index: UInt32
    /// At most 15 bytes.
    public let name: String
    public let flags: LinkFlags
    /// `ARPHRD_...`, linux/if_arp.h: 1 is Ethernet, 772 loopback.
    public let hardwareType: UInt16
    /// nil for interfaces without a six-byte address.
    public let address: MACAddress?
    /// In bytes, without the Ethernet header.
    public let mtu: UInt32
    /// The index of the bridge (or bond) that it is a port of.
    public let master: UInt32?
    /// The index of a veth's other end or of the interface below, in the namespace `linkNamespace`.
    public let linkedIndex: UInt32?
    /// The number that this namespace has given to the linked interface's; nil if it is the same namespace.
    public let linkNamespace: Int32?
    public let hasCarrier: Bool
    /// "bridge", "veth", "tun", ...; nil for hardware.
    public let kind: String?
    /// A remark that an administrator can set (`ip link set alias`).
    public let alias: String?
    /// Set for ports of a bridge.
    public let port: BridgePort?

    public var isUp: Bool { flags.contains(.up) }

    /// Reads an `RTM_NEWLINK` or `RTM_DELLINK`.
    public init(_ message: NetlinkMessage) throws(NetlinkMessageError) {
        guard message.header.type == .newLink || message.header.type == .deleteLink else {
            throw .unexpectedType(message.header.type.rawValue)
        }
        let header = try LinkHeader(message)
        let attributes = try message.attributes(behind: LinkHeader.length, LinkAttribute.policy)
        guard header.index > 0 else { throw .attributeValue(attribute: "ifi_index") }
        guard let name = attributes.string(LinkAttribute.name) else {
            throw .attributeMissing(attribute: LinkAttribute.name.name)
        }
        self.name = name
        family = header.family
        index = UInt32(bitPattern: header.index)
        flags = header.flags
        hardwareType = header.hardwareType
        address = attributes.macAddress(LinkAttribute.address)
        mtu = attributes.uint32(LinkAttribute.mtu) ?? 0
        master = attributes.uint32(LinkAttribute.master)
        linkedIndex = attributes.uint32(LinkAttribute.link)
        linkNamespace = attributes.int32(LinkAttribute.linkNamespace)
        hasCarrier = attributes.uint8(LinkAttribute.carrier).map { $0 != 0 } ?? header.flags.contains(.running)
        alias = attributes.string(LinkAttribute.alias)
        let detail = try attributes.nested(LinkAttribute.linkDetail, LinkDetailAttribute.policy)
        kind = detail?.string(LinkDetailAttribute.kind)
        if detail?.string(LinkDetailAttribute.portKind) == BridgePort.kind,
            let data = try detail?.nested(LinkDetailAttribute.portData, BridgePortAttribute.policy)
        {
            port = BridgePort(data)
        } else {
            port = nil
        }
    }
}

/// The bridge's side of a port.
public struct BridgePort: Hashable, Sendable {
    /// The value of `IFLA_INFO_SLAVE_KIND`.
    static let kind = "bridge"

    /// `BR_STATE_...`, linux/if_bridge.h.
    public enum State: Hashable, Sendable {
        case disabled, listening, learning, forwarding, blocking
        case unknown(UInt8)

        init(_ value: UInt8) {
            let known: [State] = [.disabled, .listening, .learning, .forwarding, .blocking]
            self = Int(value) < known.count ? known[Int(value)] : .unknown(value)
        }
    }

    public let state: State
    /// Whether frames may leave through the port they came from, which makes loops through an injecting port.
    public let hairpin: Bool

    init(_ attributes: Attributes) {
        state = State(attributes.uint8(BridgePortAttribute.state) ?? 0)
        hairpin = attributes.uint8(BridgePortAttribute.hairpin).map { $0 != 0 } ?? false
    }
}
