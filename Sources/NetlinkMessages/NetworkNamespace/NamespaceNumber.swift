/// The number that one network namespace has given to another: the answer to `RTM_GETNSID`, linux/net_namespace.h.
///
/// Fixed part: `struct rtgenmsg`, one byte (the family, 0), padded to four.
public enum NamespaceNumber {
    /// Reads an `RTM_NEWNSID`; nil if no number has been given (`NETNSA_NSID_NOT_ASSIGNED`, -1).
    public static func decode(_ message: NetlinkMessage) throws(NetlinkMessageError) -> Int32? {
        guard message.header.type == .newNamespaceNumber else {
            throw .unexpectedType(message.header.type.rawValue)
        }
        let attributes = try message.attributes(behind: 4, policy)
        guard let number = attributes.int32(self.number) else { throw .attributeMissing(attribute: self.number.name) }
        return number < 0 ? nil : number
    }

    static let number = AttributeSpec(1, "NETNSA_NSID", .uint32, required: true)
    static let descriptor = AttributeSpec(3, "NETNSA_FD", .uint32)
    static let policy = AttributePolicy("struct rtgenmsg", [number])
}

extension NetlinkRequest {
    /// Asks for the number of the namespace that `descriptor`, of the calling process, is open on.
    public static func namespaceNumber(descriptor: Int32) -> NetlinkRequest {
        var writer = AttributeWriter(behind: [AddressFamily.unspecified.rawValue])
        writer.put(NamespaceNumber.descriptor, int32: descriptor)
        return NetlinkRequest(
            type: .getNamespaceNumber, flags: [], body: writer.bytes, operation: "look up a network namespace")
    }
}

extension NetlinkType {
    /// `RTM_NEWNSID`, linux/rtnetlink.h.
    public static let newNamespaceNumber = NetlinkType(rawValue: 88)
    /// `RTM_GETNSID`, linux/rtnetlink.h.
    public static let getNamespaceNumber = NetlinkType(rawValue: 90)
}
