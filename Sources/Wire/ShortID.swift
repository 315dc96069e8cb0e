/// A peer's 12-bit address inside fast datapath tunnels. `docs/protocol-mesh.md`, "Short ids".
public struct ShortID: Hashable, Comparable, Sendable {
    /// 0 to 4095.
    public let rawValue: UInt16

    /// How many there are.
    public static let count = 4096

    /// nil above 4095: a peer that says so has no short id for us.
    public init?(rawValue: UInt16) {
        guard rawValue < ShortID.count else { return nil }
        self.rawValue = rawValue
    }

    public static func < (left: ShortID, right: ShortID) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension ShortID: CustomStringConvertible {
    public var description: String { String(rawValue) }
}
