/// The first byte of most rtnetlink messages.
public struct AddressFamily: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// `AF_UNSPEC`, linux/socket.h.
    public static let unspecified = AddressFamily(rawValue: 0)
    /// `AF_INET`, linux/socket.h.
    public static let ipv4 = AddressFamily(rawValue: 2)
    /// `AF_BRIDGE`, linux/socket.h.
    public static let bridge = AddressFamily(rawValue: 7)
    /// `AF_INET6`, linux/socket.h.
    public static let ipv6 = AddressFamily(rawValue: 10)
}
