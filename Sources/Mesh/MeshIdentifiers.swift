/// One TCP connection, from accept or dial until it is gone. Never used twice in a process.
public struct LinkID: Hashable, Comparable, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    public static func < (left: LinkID, right: LinkID) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension LinkID: CustomStringConvertible {
    public var description: String { "link \(rawValue)" }
}
