internal import Wire

/// Control messages as the mesh connection carries them: a tag, and a payload (`docs/protocol-sleeve.md`, "Control
/// messages"). MTU 1438 confirmed is tag 3, `05 9e`.
extension SleeveControl {
    /// Nil for a tag that we don't know and for a payload too short: such messages are ignored.
    public init?(tag: UInt8, payload: [UInt8]) {
        switch tag {
        case 1: self = .established
        case 2: self = .fragmentsArrive
        case 3:
            guard payload.count >= 2 else { return nil }
            self = .mtuVerified(size: Int(payload[0]) << 8 | Int(payload[1]))
        default: return nil
        }
    }

    public var tag: UInt8 {
        switch self {
        case .established: 1
        case .fragmentsArrive: 2
        case .mtuVerified: 3
        }
    }

    /// Empty, or the size in network order; sizes have 16 bits.
    public var payload: [UInt8] {
        guard case .mtuVerified(let size) = self else { return [] }
        var payload: [UInt8] = []
        payload.appendNetwork(UInt16(clamping: size))
        return payload
    }
}
