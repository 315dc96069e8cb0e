/// A chain of nf_tables, from the answer to `NFT_MSG_GETCHAIN`, linux/netfilter/nf_tables.h.
///
/// Fixed part (`struct nfgenmsg`, linux/netfilter/nfnetlink.h, 4 bytes): family, version 0, resource (2, network order).
/// Numbers in attributes are in network order.
public struct BaseChain: Hashable, Sendable {
    static let headerLength = 4

    /// `NFPROTO_...`, linux/netfilter.h.
    public enum Family: Hashable, Sendable {
        case inet, ipv4, ipv6, bridge
        case other(UInt8)

        init(_ value: UInt8) {
            self =
                switch value {
                case 1: .inet
                case 2: .ipv4
                case 7: .bridge
                case 10: .ipv6
                default: .other(value)
                }
        }
    }

    public let family: Family
    public let table: String
    public let name: String
    /// `NF_INET_...`: where in a packet's way it stands; 2 is forward. nil for a chain that others call.
    public let hook: UInt32?
    /// Whether packets that no rule decides about are dropped.
    public let dropsByDefault: Bool

    /// `NF_INET_FORWARD` and `NF_BR_FORWARD`, linux/netfilter.h and linux/netfilter_bridge.h.
    public static let forwardHook: UInt32 = 2

    /// Reads an `NFT_MSG_NEWCHAIN`.
    public init(_ message: NetlinkMessage) throws(NetlinkMessageError) {
        guard message.header.type == .newChain else { throw .unexpectedType(message.header.type.rawValue) }
        let start = try message.fixedPart(Self.headerLength, named: "struct nfgenmsg")
        family = Family(message.datagram[start])
        let attributes = try message.attributes(behind: Self.headerLength, ChainAttribute.policy)
        table = attributes.string(ChainAttribute.table) ?? ""
        name = attributes.string(ChainAttribute.name) ?? ""
        hook = try attributes.nested(ChainAttribute.hook, HookAttribute.policy)?.networkUInt32(HookAttribute.number)
        // NF_DROP is 0, NF_ACCEPT 1.
        dropsByDefault = attributes.networkUInt32(ChainAttribute.policyVerdict) == 0
    }
}

/// Attributes of chains, linux/netfilter/nf_tables.h.
enum ChainAttribute {
    static let table = AttributeSpec(1, "NFTA_CHAIN_TABLE", .string(limit: 255), required: true)
    static let name = AttributeSpec(3, "NFTA_CHAIN_NAME", .string(limit: 255), required: true)
    static let hook = AttributeSpec(4, "NFTA_CHAIN_HOOK", .nested)
    static let policyVerdict = AttributeSpec(5, "NFTA_CHAIN_POLICY", .uint32)

    static let policy = AttributePolicy("struct nfgenmsg", [table, name, hook, policyVerdict])
}

/// Attributes within `NFTA_CHAIN_HOOK`, linux/netfilter/nf_tables.h.
enum HookAttribute {
    static let number = AttributeSpec(1, "NFTA_HOOK_HOOKNUM", .uint32)

    static let policy = AttributePolicy("NFTA_CHAIN_HOOK", [number])
}

extension NetlinkRequest {
    /// Lists the chains of all families; sent on a netfilter socket.
    public static func chains() -> NetlinkRequest {
        NetlinkRequest(type: .getChain, flags: .dump, body: [0, 0, 0, 0], operation: "list nf_tables chains")
    }
}

extension NetlinkType {
    /// `NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWCHAIN`.
    public static let newChain = NetlinkType(rawValue: 10 << 8 | 3)
    /// `NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN`.
    public static let getChain = NetlinkType(rawValue: 10 << 8 | 4)
}
