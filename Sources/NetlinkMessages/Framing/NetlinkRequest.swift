/// A request as a value: type, flags and body. The socket adds sequence number and port.
public struct NetlinkRequest: Hashable, Sendable {
    public let type: NetlinkType
    /// `.request` is always added.
    public let flags: NetlinkFlags
    /// The family's fixed part and the attributes, host order.
    public let body: [UInt8]
    /// What is being asked, for error messages: "create bridge weave".
    public let operation: String

    public init(type: NetlinkType, flags: NetlinkFlags, body: [UInt8], operation: String) {
        self.type = type
        self.flags = flags.union(.request)
        self.body = body
        self.operation = operation
    }

    /// Whether the answer is a list ended by `NLMSG_DONE`.
    public var isDump: Bool { flags.isSuperset(of: .dump) && !flags.contains(.create) }

    /// The message as it is sent.
    public func bytes(sequence: UInt32, port: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(NetlinkHeader.length + body.count)
        let header = NetlinkHeader(
            // Bodies are built here from bounded values; 4 GiB are out of reach.
            lengthBytes: UInt32(truncatingIfNeeded: NetlinkHeader.length + body.count), type: type, flags: flags,
            sequence: sequence, port: port)
        header.append(to: &bytes)
        bytes.append(contentsOf: body)
        return bytes
    }
}
