internal import Wire

/// The frame by which two neighbours see that VXLAN passes between them: no addresses and no type, the connection's UID,
/// the frame's own length, and zeros up to that length.
///
/// Between weft peers two more bytes say which length of theirs arrived here last; Weave Net leaves them zero and does
/// not look at them. Integers are in network order.
public struct FastHeartbeat: Hashable, Sendable {
    public let connectionUID: UInt64
    /// Bytes of the frame, its 14 of Ethernet header included.
    public let length: Int
    /// The longest of the receiver's heartbeats that arrived here in the last seconds; 0: none, or not said.
    public let heard: Int

    /// Header, UID, length.
    static let minimumLength = 24
    private static let heardOffset = 24
    /// What of a frame has to be read.
    public static let readBytes = heardOffset + 2

    public init(connectionUID: UInt64, length: Int, heard: Int) {
        self.connectionUID = connectionUID
        self.length = length
        self.heard = heard
    }

    /// Nil for any other frame, and for one whose length is not the one that it names.
    public init?(_ frame: some RandomAccessCollection<UInt8>, length: Int? = nil) {
        // Of a long frame the beginning is enough.
        let length = length ?? frame.count
        let bytes = Array(frame.prefix(FastHeartbeat.heardOffset + 2))
        guard length >= FastHeartbeat.minimumLength, bytes.count >= FastHeartbeat.minimumLength,
            bytes.prefix(TunnelLayout.ethernetHeader).allSatisfy({ $0 == 0 }),
            Int(bytes[22]) << 8 | Int(bytes[23]) == length
        else { return nil }
        let uid = bytes[14..<22].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let heard = bytes.count < 26 ? 0 : Int(bytes[24]) << 8 | Int(bytes[25])
        self.init(connectionUID: uid, length: length, heard: heard)
    }

    /// The frame.
    public var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: TunnelLayout.ethernetHeader)
        bytes.reserveCapacity(max(length, FastHeartbeat.heardOffset + 2))
        bytes.appendNetwork(connectionUID)
        bytes.appendNetwork(UInt16(clamping: length))
        if length >= FastHeartbeat.heardOffset + 2 { bytes.appendNetwork(UInt16(clamping: heard)) }
        if bytes.count < length { bytes.append(contentsOf: repeatElement(0, count: length - bytes.count)) }
        return bytes
    }
}
