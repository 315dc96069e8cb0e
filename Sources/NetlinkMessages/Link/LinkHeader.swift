/// Flags of an interface, linux/if.h.
public struct LinkFlags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// `IFF_UP`: an administrator wants it to work.
    public static let up = LinkFlags(rawValue: 0x1)
    /// `IFF_LOOPBACK`.
    public static let loopback = LinkFlags(rawValue: 0x8)
    /// `IFF_RUNNING`: it has a carrier.
    public static let running = LinkFlags(rawValue: 0x40)
}

/// The fixed part of link messages: `struct ifinfomsg`, linux/rtnetlink.h, 16 bytes.
///
/// Family, padding, hardware type (2), index (4), flags (4), mask of the flags to change (4). Example, "bring number 7
/// up", little-endian: `00 00 0000 07000000 01000000 01000000`.
struct LinkHeader: Hashable, Sendable {
    static let length = 16

    var family = AddressFamily.unspecified
    var hardwareType: UInt16 = 0
    var index: Int32 = 0
    var flags: LinkFlags = []
    var change: LinkFlags = []

    /// Interface indices are positive 31-bit numbers; 0 says "none" or "found by name".
    init(index: UInt32 = 0, isUp: Bool? = nil) {
        self.index = Int32(bitPattern: index)
        if let isUp {
            change = .up
            flags = isUp ? .up : []
        }
    }

    init(_ message: NetlinkMessage) throws(NetlinkMessageError) {
        let start = try message.fixedPart(Self.length, named: "struct ifinfomsg")
        family = AddressFamily(rawValue: message.datagram[start])
        hardwareType = message.datagram.hostUInt16(at: start + 2)
        index = message.datagram.hostInt32(at: start + 4)
        flags = LinkFlags(rawValue: message.datagram.hostUInt32(at: start + 8))
        change = LinkFlags(rawValue: message.datagram.hostUInt32(at: start + 12))
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = [family.rawValue, 0]
        bytes.appendHost(hardwareType)
        bytes.appendHost(index)
        bytes.appendHost(flags.rawValue)
        bytes.appendHost(change.rawValue)
        return bytes
    }
}
