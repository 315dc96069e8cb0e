/// The 48-bit name of a peer: one router process's identity in the mesh, written like a MAC address.
///
/// On the wire either six bytes in network order (`02 00 00 00 0b 01`, topology and sleeve) or an unsigned integer
/// (gossip headers). `docs/protocol-mesh.md`, "Names".
public struct PeerName: Hashable, Comparable, Sendable {
    /// The name in the low 48 bits; the upper 16 are always zero.
    public let rawValue: UInt64

    /// Zero means "unknown" in a few protocol fields; it never names a peer.
    public static let unknown = PeerName(bits: 0)

    private init(bits: UInt64) {
        rawValue = bits
    }

    /// A name from its integer form; nil if it does not fit 48 bits.
    public init?(rawValue: UInt64) {
        guard rawValue >> 48 == 0 else { return nil }
        self.init(bits: rawValue)
    }

    /// The name that a bridge with this hardware address stands for.
    public init(_ address: MACAddress) {
        self.init(bits: address.rawValue)
    }

    /// Parses six groups of one or two hexadecimal digits, `2:0:0:0:b:1` or `02:00:00:00:0B:01`.
    public init?(text: some StringProtocol) {
        guard let bits = parseSixGroups(text) else { return nil }
        self.init(bits: bits)
    }

    /// Whether a peer may be called so: not zero, and not a group (multicast) address.
    public var isUsable: Bool {
        rawValue != 0 && rawValue & 0x0100_0000_0000 == 0
    }

    /// The six bytes, network order.
    public var bytes: [UInt8] {
        sixBytes(rawValue)
    }

    /// Tables ask for this before `hash(into:)`.
    public func _rawHashValue(seed: Int) -> Int {
        NumberHash.value(of: rawValue, seed: seed)
    }

    public static func < (left: PeerName, right: PeerName) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension PeerName: CustomStringConvertible {
    /// The canonical form: `02:00:00:00:0b:01`.
    public var description: String {
        sixGroups(rawValue)
    }
}
