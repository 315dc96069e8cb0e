/// An IPv4 address with the length of its network's prefix, `10.32.0.1/12`: what an interface is given.
public struct InterfaceAddress: Hashable, Sendable {
    public let address: IPv4Address
    /// 0 to 32.
    public let prefixLength: Int

    /// nil for a prefix longer than 32 bits.
    public init?(_ address: IPv4Address, prefixLength: Int) {
        guard (0...32).contains(prefixLength) else { return nil }
        self.address = address
        self.prefixLength = prefixLength
    }

    /// Parses `10.32.0.1/12`.
    public init?(text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPv4Address(text: parts[0]), let length = decimal(parts[1], atMost: 32)
        else { return nil }
        self.init(address, prefixLength: length)
    }

    /// The address with its host bits cleared.
    public var network: IPv4Address {
        IPv4Address(rawValue: address.rawValue & mask)
    }

    /// All host bits set; the address itself for /31 and /32, which have no broadcast address (RFC 3021).
    public var broadcast: IPv4Address {
        prefixLength >= 31 ? address : IPv4Address(rawValue: address.rawValue | ~mask)
    }

    /// Whether `other` lies in the same network.
    public func contains(_ other: IPv4Address) -> Bool {
        other.rawValue & mask == network.rawValue
    }

    private var mask: UInt32 {
        prefixLength == 0 ? 0 : ~0 << UInt32(32 - prefixLength)
    }
}

extension InterfaceAddress: CustomStringConvertible {
    public var description: String { "\(address)/\(prefixLength)" }
}
