/// An Ethernet hardware address.
public struct MACAddress: Hashable, Comparable, Sendable {
    /// The address in the low 48 bits, first byte on the wire highest.
    public let rawValue: UInt64

    public static let broadcast = MACAddress(bits: 0xffff_ffff_ffff)

    private init(bits: UInt64) {
        rawValue = bits
    }

    /// An address from its integer form; nil if it does not fit 48 bits.
    public init?(rawValue: UInt64) {
        guard rawValue >> 48 == 0 else { return nil }
        self.init(bits: rawValue)
    }

    /// The hardware address that a peer gives its bridge, so that the bridge names the peer after a restart.
    public init(_ name: PeerName) {
        self.init(bits: name.rawValue)
    }

    /// Parses six groups of one or two hexadecimal digits joined by colons.
    public init?(text: some StringProtocol) {
        guard let bits = parseSixGroups(text) else { return nil }
        self.init(bits: bits)
    }

    /// The group bit: multicast and broadcast.
    public var isGroup: Bool {
        rawValue & 0x0100_0000_0000 != 0
    }

    /// The six bytes, network order.
    public var bytes: [UInt8] {
        sixBytes(rawValue)
    }

    public static func < (left: MACAddress, right: MACAddress) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension MACAddress: CustomStringConvertible {
    /// The canonical form: `02:00:00:00:0b:01`.
    public var description: String {
        sixGroups(rawValue)
    }
}
