internal import CLinux
internal import Glibc
public import NetlinkMessages

/// Sends many generic requests with few system calls and gathers what became of each.
///
/// The kernel works through a datagram's messages in order while it is being sent, and queues the verdicts before the
/// send returns. So nothing is waited for, and a failed request holds up none behind it. After the first calls nothing is
/// allocated, apart from the words of refusals.
///
/// Who may call: one thread at a time. The socket belongs to the network namespace of the thread that opened it.
public struct RequestPipeline: ~Copyable {
    private let socket: LibnlSocket
    private let slots: DatagramSlots
    private let datagramBytes: Int
    private let mostPerDatagram: Int
    private let timeLimitMilliseconds: Int32
    /// Verdicts of batches that were given up.
    public private(set) var late = 0
    private var nextSequence: UInt32

    /// What one datagram may have, if the send buffer holds it.
    private static let datagramBytes = 65_536
    /// A verdict in the receive queue is charged with its buffer and the kernel's own structure, below this.
    private static let verdictCharge = 2048
    private static let receiveBufferBytes: Int32 = 4 << 20

    /// - Parameter timeLimitMilliseconds: how long a missing verdict is waited for, which is a defect of the kernel.
    public init(timeLimitMilliseconds: Int32 = 5000) throws(NetlinkError) {
        try self.init(
            timeLimitMilliseconds: timeLimitMilliseconds, receiveBufferBytes: Self.receiveBufferBytes,
            verdictCharge: Self.verdictCharge)
    }

    /// With a receive buffer that tests can make too small for what is sent.
    package init(
        timeLimitMilliseconds: Int32, receiveBufferBytes: Int32, verdictCharge: Int
    ) throws(NetlinkError) {
        let operation = "open a generic netlink socket"
        socket = try LibnlSocket(netlinkProtocol: NetlinkProtocol.generic.number, groups: 0, operation: operation)
        socket.quoteHeadersOnly()
        // The kernel wants a few bytes more than the datagram.
        datagramBytes = Swift.min(Self.datagramBytes, socket.setSendBuffer(bytes: 131_072) - 1024)
        let granted = weft_set_receive_buffer(socket.descriptor, receiveBufferBytes)
        mostPerDatagram = Swift.max(16, Int(granted) / verdictCharge)
        slots = DatagramSlots(count: DatagramSlots.mostSlots, slotBytes: 4096)
        self.timeLimitMilliseconds = timeLimitMilliseconds
        nextSequence = socket.nextSequence()
    }

    /// The port of this socket.
    public var port: UInt32 { socket.port }

    /// Sends the batch and calls `refused` with the place of each request that failed, in no particular order, and its
    /// verdict. Returns how many requests were acknowledged as done.
    ///
    /// Requests without `.acknowledge` are only heard of if they fail. Answers other than verdicts are dropped.
    /// Throws `.lost` if verdicts were lost: which requests were done is unknown then.
    @discardableResult
    public mutating func exchange(
        _ batch: inout NetlinkBatch, operation: String, refused: (Int, NetlinkVerdict) -> Void = { _, _ in }
    ) throws(NetlinkError) -> Int {
        guard !batch.isEmpty else { return 0 }
        let first = batch.number(from: nextSequence, port: socket.port)
        nextSequence = first &+ UInt32(truncatingIfNeeded: batch.count)
        var tally = Tally(first: first, count: batch.count)
        var (start, sent) = (0, 0)
        while start < batch.lengthBytes {
            let chunk = batch.chunk(at: start, limitBytes: datagramBytes, limitCount: mostPerDatagram)
            try socket.send(batch.bytes, chunk.bytes, operation: operation)
            start = chunk.bytes.upperBound
            sent += chunk.acknowledged
            try gather(&tally, until: sent, operation, refused)
        }
        return tally.done
    }

    /// What is known of a batch.
    private struct Tally {
        let first: UInt32
        let count: Int
        /// Acknowledged as done.
        var done = 0
        /// Refused, of those that asked for an acknowledgement or not.
        var refused = 0
        /// Verdicts were dropped.
        var lost = false
    }

    /// Takes all verdicts that are there, and waits only if one is missing.
    private mutating func gather(
        _ tally: inout Tally, until expected: Int, _ operation: String, _ refused: (Int, NetlinkVerdict) -> Void
    ) throws(NetlinkError) {
        while true {
            let received = slots.receive(from: socket.descriptor)
            if received == -Int(ENOBUFS) {
                tally.lost = true
                continue
            }
            guard received >= 0 else {
                throw NetlinkError(operation, .system(call: "recvmmsg", errno: Int32(-received)))
            }
            for index in 0..<received where slots.state(index).isFromKernel {
                try take(index, &tally, operation, refused)
            }
            if received > 0 { continue }
            if tally.lost { throw NetlinkError(operation, .lost) }
            if tally.done + tally.refused >= expected { return }
            guard try socket.waitReadable(milliseconds: timeLimitMilliseconds, operation: operation) else {
                throw NetlinkError(operation, .timedOut)
            }
        }
    }

    private mutating func take(
        _ slot: Int, _ tally: inout Tally, _ operation: String, _ refused: (Int, NetlinkVerdict) -> Void
    ) throws(NetlinkError) {
        // Counted apart, so that the closure changes nothing of self.
        var lateHere = 0
        do {
            try slots.withBytes(slot) { bytes throws(NetlinkMessageError) in
                var cursor = MessageCursor(0..<bytes.count)
                while let message = try cursor.next(in: bytes) {
                    let place = Int(message.sequence) - Int(tally.first)
                    guard place >= 0, place < tally.count else {
                        lateHere += 1
                        continue
                    }
                    guard message.type == .error else { continue }
                    let verdict = try NetlinkVerdict(message, in: bytes)
                    if verdict.errno == 0 {
                        tally.done += 1
                    } else {
                        tally.refused += 1
                        refused(place, verdict)
                    }
                }
            }
        } catch {
            throw NetlinkError(operation, .malformed(error))
        }
        late += lateHere
    }
}
