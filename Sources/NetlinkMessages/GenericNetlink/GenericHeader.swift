/// The fixed part of every generic netlink message: `struct genlmsghdr`, linux/genetlink.h, 4 bytes: command, version,
/// two reserved bytes. A family's own fixed part follows (Open vSwitch has one), then attributes.
public struct GenericHeader: Hashable, Sendable {
    static let length = 4

    /// What is asked for or told; its meaning is the family's.
    public let command: UInt8
    public let version: UInt8

    public init(command: UInt8, version: UInt8) {
        self.command = command
        self.version = version
    }

    /// Reads the header of a message of any generic family.
    public init(_ message: NetlinkMessage) throws(NetlinkMessageError) {
        let start = try message.fixedPart(Self.length, named: "struct genlmsghdr")
        command = message.datagram[start]
        version = message.datagram[start + 1]
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(command)
        bytes.append(version)
        bytes.append(0)
        bytes.append(0)
    }
}
