/// A family of generic netlink as the kernel numbers it: the answer to `CTRL_CMD_GETFAMILY`, linux/genetlink.h.
/// Numbers are given when a module is loaded, and differ from boot to boot.
public struct GenericFamily: Hashable, Sendable {
    /// The type of the family's messages.
    public let type: NetlinkType
    public let name: String
    public let version: UInt32
    /// Bytes of the family's own fixed part.
    public let headerLength: UInt32
    /// Multicast groups by name.
    public let groups: [String: UInt32]

    public init(
        type: NetlinkType, name: String, version: UInt32 = 1, headerLength: UInt32 = 0, groups: [String: UInt32] = [:]
    ) {
        self.type = type
        self.name = name
        self.version = version
        self.headerLength = headerLength
        self.groups = groups
    }

    /// Reads a `CTRL_CMD_NEWFAMILY`.
    public init(_ message: NetlinkMessage) throws(NetlinkMessageError) {
        guard message.header.type == .genericControl else { throw .unexpectedType(message.header.type.rawValue) }
        let header = try GenericHeader(message)
        guard header.command == GenericControl.newFamily else {
            throw .unexpectedCommand(message: "CTRL_CMD_NEWFAMILY", command: header.command)
        }
        let attributes = try message.attributes(behind: GenericHeader.length, GenericControl.policy)
        guard let id = attributes.uint16(GenericControl.familyID) else {
            throw .attributeMissing(attribute: GenericControl.familyID.name)
        }
        type = NetlinkType(rawValue: id)
        name = attributes.string(GenericControl.familyName) ?? ""
        version = attributes.uint32(GenericControl.version) ?? 0
        headerLength = attributes.uint32(GenericControl.headerSize) ?? 0
        groups = try Self.groups(in: attributes.payload(GenericControl.groups) ?? [])
    }

    /// `CTRL_ATTR_MCAST_GROUPS`: a list of nests whose numbers count from 1 and mean nothing.
    private static func groups(in bytes: [UInt8]) throws(NetlinkMessageError) -> [String: UInt32] {
        var groups: [String: UInt32] = [:]
        try Attributes.walk(bytes, 0..<bytes.count, container: GenericControl.groups.name) {
            (_, payload) throws(NetlinkMessageError) in
            let group = try Attributes(in: bytes, range: payload, policy: GenericControl.groupPolicy)
            guard let name = group.string(GenericControl.groupName), let id = group.uint32(GenericControl.groupID)
            else { return }
            groups[name] = id
        }
        return groups
    }
}

extension NetlinkRequest {
    /// Asks for a family by name; `ENOENT` if the kernel has no such family and could not load a module for it.
    public static func genericFamily(named name: String) -> NetlinkRequest {
        var fixed: [UInt8] = []
        GenericHeader(command: GenericControl.getFamily, version: 1).append(to: &fixed)
        var writer = AttributeWriter(behind: fixed)
        writer.put(GenericControl.familyName, string: name)
        return NetlinkRequest(
            type: .genericControl, flags: [], body: writer.bytes, operation: "look up netlink family \(name)")
    }
}

/// Commands and attributes of the family that tells about families, linux/genetlink.h.
enum GenericControl {
    static let newFamily: UInt8 = 1
    static let getFamily: UInt8 = 3

    static let familyID = AttributeSpec(1, "CTRL_ATTR_FAMILY_ID", .uint16, required: true)
    /// `GENL_NAMSIZ` is 16, the zero included.
    static let familyName = AttributeSpec(2, "CTRL_ATTR_FAMILY_NAME", .string(limit: 15))
    static let version = AttributeSpec(3, "CTRL_ATTR_VERSION", .uint32)
    static let headerSize = AttributeSpec(4, "CTRL_ATTR_HDRSIZE", .uint32)
    static let groups = AttributeSpec(7, "CTRL_ATTR_MCAST_GROUPS", .nested)
    static let policy = AttributePolicy("struct genlmsghdr", [familyID, familyName, version, headerSize, groups])

    static let groupName = AttributeSpec(1, "CTRL_ATTR_MCAST_GRP_NAME", .string(limit: 15))
    static let groupID = AttributeSpec(2, "CTRL_ATTR_MCAST_GRP_ID", .uint32)
    static let groupPolicy = AttributePolicy("CTRL_ATTR_MCAST_GROUPS", [groupName, groupID])
}

extension NetlinkType {
    /// `GENL_ID_CTRL`, linux/genetlink.h: the family `nlctrl`.
    public static let genericControl = NetlinkType(rawValue: 16)
}
