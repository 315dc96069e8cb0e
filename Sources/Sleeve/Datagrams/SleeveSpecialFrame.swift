public import Wire

extension SleeveSpecial {
    /// The frame: 14 zero bytes, then the UID or more zeros. An MTU test whose size stands for another kind
    /// (`SleeveLayout.isTestable`) is our own mistake.
    public var frame: [UInt8] {
        switch self {
        case .heartbeat(let connectionUID):
            var frame = [UInt8](repeating: 0, count: SleeveLayout.ethernetHeader)
            frame.appendNetwork(connectionUID)
            return frame
        case .call(let connectionUID):
            return SleeveSpecial.heartbeat(connectionUID: connectionUID).frame + [1]
        case .fragmentationTest:
            return [UInt8](repeating: 0, count: SleeveLayout.fragmentationTestFrame)
        case .mtuTest(let size):
            precondition(SleeveLayout.isTestable(size: size), "no MTU test has this size")
            return [UInt8](repeating: 0, count: SleeveLayout.ethernetHeader + size)
        }
    }

    /// Heartbeats, calls and MTU tests travel with DF, the fragmentation test without.
    public var dontFragment: Bool {
        self != .fragmentationTest
    }

    /// The clear body of the datagram that carries it alone.
    public func body(from own: PeerName, to remote: PeerName) -> [UInt8] {
        SleeveBody(records: [SleeveRecord(source: own, destination: remote, frame: frame)]).encoded
    }
}

extension SleeveEvent {
    /// What a special frame says; nil if `frame` is not one, that is, if its first 14 bytes are not all zero.
    ///
    /// The caller has checked the record: from the peer of the connection, to ourselves.
    public init?(specialFrame frame: Span<UInt8>, from source: Endpoint) {
        guard frame.count >= SleeveLayout.ethernetHeader else { return nil }
        for index in 0..<SleeveLayout.ethernetHeader where frame[index] != 0 { return nil }
        switch frame.count {
        case SleeveLayout.callFrame where frame[SleeveLayout.callFrame - 1] == 0:
            self = .mtuTest(size: frame.count - SleeveLayout.ethernetHeader)
        case SleeveLayout.heartbeatFrame, SleeveLayout.callFrame:
            var connectionUID: UInt64 = 0
            for index in SleeveLayout.ethernetHeader..<SleeveLayout.heartbeatFrame {
                connectionUID = connectionUID << 8 | UInt64(frame[index])
            }
            self =
                frame.count == SleeveLayout.callFrame
                ? .call(connectionUID: connectionUID, from: source)
                : .heartbeat(connectionUID: connectionUID, from: source)
        case SleeveLayout.fragmentationTestFrame:
            var isIntact = true
            for index in frame.indices where frame[index] != 0 { isIntact = false }
            self = .fragmentationTest(intact: isIntact)
        default:
            self = .mtuTest(size: frame.count - SleeveLayout.ethernetHeader)
        }
    }
}
