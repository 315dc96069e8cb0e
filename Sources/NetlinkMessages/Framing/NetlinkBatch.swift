/// Requests back to back in one buffer, to be sent with one or few system calls. The kernel works through the messages
/// of one datagram in their order, whatever becomes of each.
///
/// The buffer is reused: `removeAll` keeps its memory, so a batch whose capacity suffices allocates nothing.
/// Sequence numbers and port are the socket's to give (`number(from:port:)`); until then they are 0.
public struct NetlinkBatch: Sendable {
    private var writer: AttributeWriter
    /// How many messages it holds.
    public private(set) var count = 0

    /// - Parameter capacityBytes: room for about 300 flows by default; more is allocated when needed.
    public init(capacityBytes: Int = 65_536) {
        writer = AttributeWriter(reserving: capacityBytes)
    }

    /// All messages, each padded to four bytes.
    public var bytes: [UInt8] { writer.bytes }

    public var lengthBytes: Int { writer.bytes.count }

    public var isEmpty: Bool { count == 0 }

    /// Forgets the messages and keeps the memory.
    public mutating func removeAll() {
        writer.removeAll()
        count = 0
    }

    /// Appends a message; `.request` is always added to its flags.
    public mutating func append(
        _ type: NetlinkType, _ flags: NetlinkFlags, _ body: (inout AttributeWriter) -> Void
    ) {
        let start = writer.bytes.count
        let header = NetlinkHeader(
            lengthBytes: 0, type: type, flags: flags.union(.request), sequence: 0, port: 0)
        writer.append { header.append(to: &$0) }
        body(&writer)
        let end = writer.bytes.count
        writer.append { bytes in
            bytes.replaceHost(UInt32(truncatingIfNeeded: end - start), at: start)
            bytes.alignToFour()
        }
        count += 1
    }

    /// Appends a request that was built before.
    public mutating func append(_ request: NetlinkRequest) {
        append(request.type, request.flags) { writer in writer.append { $0.append(contentsOf: request.body) } }
    }

    /// Gives the messages consecutive sequence numbers, leaving out 0 (notifications have it), and a port.
    /// Returns the number of the first.
    @discardableResult
    public mutating func number(from first: UInt32, port: UInt32) -> UInt32 {
        // A batch never spans 0: numbers would no longer be consecutive.
        let begin = first == 0 || first.addingReportingOverflow(UInt32(truncatingIfNeeded: count)).overflow ? 1 : first
        writer.append { bytes in
            var offset = 0
            var sequence = begin
            while offset < bytes.count {
                bytes.replaceHost(sequence, at: offset + 8)
                bytes.replaceHost(port, at: offset + 12)
                sequence &+= 1
                // Written by `append`, so at least 16.
                offset += (Int(bytes.hostUInt32(at: offset)) + 3) & ~3
            }
        }
        return begin
    }

    /// A part of a batch that is sent as one datagram.
    public struct Chunk: Hashable, Sendable {
        public let bytes: Range<Int>
        /// How many of its messages ask for an acknowledgement.
        public let acknowledged: Int
    }

    /// The messages from `start` on that fit both limits; at least one is always taken. A socket's send buffer limits the
    /// length of a datagram, its receive buffer the number of verdicts.
    public func chunk(at start: Int, limitBytes: Int, limitCount: Int) -> Chunk {
        var (offset, count, acknowledged) = (start, 0, 0)
        while offset < writer.bytes.count {
            let next = offset + ((Int(writer.bytes.hostUInt32(at: offset)) + 3) & ~3)
            if count > 0, next - start > limitBytes || count >= limitCount { break }
            let flags = NetlinkFlags(rawValue: writer.bytes.hostUInt16(at: offset + 6))
            if flags.contains(.acknowledge) { acknowledged += 1 }
            count += 1
            offset = next
        }
        return Chunk(bytes: start..<offset, acknowledged: acknowledged)
    }
}
