/// A TCP or UDP port.
public struct PortNumber: Hashable, Comparable, Sendable {
    public let rawValue: UInt16

    /// The mesh's default: TCP for the control plane, UDP for sleeve.
    public static let mesh = PortNumber(rawValue: 6783)

    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Parses 1 to 65535 in decimal.
    public init?(text: some StringProtocol) {
        guard let value = decimal(text, atMost: 65_535), value > 0 else { return nil }
        self.init(rawValue: UInt16(value))
    }

    public static func < (left: PortNumber, right: PortNumber) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension PortNumber: CustomStringConvertible {
    public var description: String { String(rawValue) }
}

/// One end of a TCP connection or UDP path. Holds either family, although today's wire carries IPv4.
public struct Endpoint: Hashable, Sendable {
    public let address: IPAddress
    public let port: PortNumber

    public init(_ address: IPAddress, _ port: PortNumber) {
        self.address = address
        self.port = port
    }

    /// Parses `10.0.0.1:6783` or `[fe80::1]:6783`.
    public init?(text: some StringProtocol) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard let address = IPAddress(text: host), address.v4 == nil else { return nil }
        } else if host.contains(":") {
            return nil
        }
        guard let address = IPAddress(text: host), let port = PortNumber(text: text[text.index(after: colon)...])
        else { return nil }
        self.init(address, port)
    }
}

extension Endpoint: CustomStringConvertible {
    /// `10.0.0.1:6783` or `[fe80::1]:6783`.
    public var description: String {
        switch address {
        case .v4: "\(address):\(port)"
        case .v6: "[\(address)]:\(port)"
        }
    }
}
