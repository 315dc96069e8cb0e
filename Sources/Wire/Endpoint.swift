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
        let text = String(text)
        let bytes = text.utf8
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")),
            let port = PortNumber(text: text[bytes.index(after: colon)...])
        else { return nil }
        if let address = IPv4Address(digits: bytes[..<colon]) {
            self.init(.v4(address), port)
            return
        }
        // An IPv6 address stands in brackets, so that its colons are not the port's.
        let host = text[..<colon]
        guard host.utf8.first == UInt8(ascii: "["), host.utf8.last == UInt8(ascii: "]"),
            let address = IPAddress(text: host.dropFirst().dropLast()), address.v4 == nil
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
