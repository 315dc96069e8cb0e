internal import Wire

/// A name for a flow, chosen by who makes it: `OVS_FLOW_ATTR_UFID`, linux/openvswitch.h, 1 to 16 bytes.
public struct FlowID: Hashable, Sendable {
    /// The first eight bytes, network order; shorter names are filled up with zeros.
    public let high: UInt64
    public let low: UInt64
    /// 1 to 16; what weft makes has 16.
    public let lengthBytes: Int

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
        lengthBytes = 16
    }

    /// - Parameter place: 1 to 16 bytes.
    init(_ bytes: Span<UInt8>, _ place: Range<Int>) {
        let first = Swift.min(place.count, 8)
        let second = place.count - first
        high = bytes.networkInteger(first, at: place.lowerBound) << UInt64(8 * (8 - first))
        low = second == 0 ? 0 : bytes.networkInteger(second, at: place.lowerBound + 8) << UInt64(8 * (8 - second))
        lengthBytes = place.count
    }

    func write(to writer: inout AttributeWriter) {
        writer.begin(FlowAttribute.id.number, lengthBytes)
        writer.append { bytes in
            let start = bytes.count
            bytes.appendNetwork(high)
            bytes.appendNetwork(low)
            bytes.removeLast(bytes.count - start - lengthBytes)
            bytes.alignToFour()
        }
    }
}
