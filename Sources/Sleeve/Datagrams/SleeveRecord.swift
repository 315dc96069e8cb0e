public import Wire

/// One frame in a clear body: source name (6), destination name (6), length (2), Ethernet frame without FCS.
public struct SleeveRecord: Hashable, Sendable {
    /// Where the frame entered the overlay.
    public let source: PeerName
    /// Where it leaves it, or has to be relayed to.
    public let destination: PeerName
    /// From the destination MAC on.
    public let frame: [UInt8]

    /// `frame` has at most 65,535 bytes.
    public init(source: PeerName, destination: PeerName, frame: [UInt8]) {
        precondition(frame.count <= 65_535, "a record's length has 16 bits")
        self.source = source
        self.destination = destination
        self.frame = frame
    }

    /// Throws `truncated` when header or frame reach beyond `bytes`.
    init(parsing bytes: Span<UInt8>, at cursor: inout WireCursor) throws(WireError) {
        source = try cursor.peerName("source", in: bytes)
        destination = try cursor.peerName("destination", in: bytes)
        let length = Int(try cursor.networkUInt16("frame length", in: bytes))
        frame = try cursor.array(length, "frame", in: bytes)
    }
}

/// The clear body of a datagram: records back to back.
public struct SleeveBody: Hashable, Sendable {
    public let records: [SleeveRecord]
    /// Why the rest was not read; the records before it count.
    public let fault: WireError?

    public init(records: [SleeveRecord]) {
        self.records = records
        fault = nil
    }

    public init(parsing bytes: Span<UInt8>) {
        var records: [SleeveRecord] = []
        var fault: WireError?
        var cursor = WireCursor()
        // Each round reads at least a header, or ends.
        while fault == nil, cursor.left(in: bytes) > 0 {
            do throws(WireError) {
                records.append(try SleeveRecord(parsing: bytes, at: &cursor))
            } catch {
                fault = error
            }
        }
        self.records = records
        self.fault = fault
    }

    /// The records as sent.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(records.reduce(0) { $0 + SleeveLayout.recordHeader + $1.frame.count })
        for record in records {
            bytes.append(record.source)
            bytes.append(record.destination)
            bytes.appendNetwork(UInt16(truncatingIfNeeded: record.frame.count))
            bytes.append(contentsOf: record.frame)
        }
        return bytes
    }
}
