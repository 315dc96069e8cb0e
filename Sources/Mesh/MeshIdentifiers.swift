internal import Wire

/// One TCP connection, from accept or dial until it is gone. Never used twice in a process.
///
/// The mesh numbers the dials that it asks for (`MeshEffect.dial`), the edge the connections that it accepts; the two
/// ranges are apart: use `LinkID.accepted` at the edge.
public struct LinkID: Hashable, Comparable, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Tables ask for this before `hash(into:)`.
    public func _rawHashValue(seed: Int) -> Int {
        NumberHash.value(of: rawValue, seed: seed)
    }

    public static func < (left: LinkID, right: LinkID) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension LinkID {
    private static let dialBit: UInt64 = 1 << 63

    /// The edge's n-th accepted connection.
    public static func accepted(_ number: UInt64) -> LinkID {
        LinkID(rawValue: number & ~dialBit)
    }

    /// The mesh's n-th dial.
    public static func dial(_ number: UInt64) -> LinkID {
        LinkID(rawValue: number | dialBit)
    }

    /// Whether the mesh made the id for a dial.
    public var isDial: Bool { rawValue & LinkID.dialBit != 0 }
}

extension LinkID: CustomStringConvertible {
    public var description: String { isDial ? "dial \(rawValue & ~LinkID.dialBit)" : "link \(rawValue)" }
}
