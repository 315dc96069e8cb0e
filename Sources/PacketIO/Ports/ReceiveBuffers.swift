internal import CLinux

/// Where received datagrams land: a few buffers, each for one datagram or for several that the kernel joined.
/// Owned by the thread that has receipt.
///
/// Where the kernel joins datagrams, a few buffers hold more than a cache does, and further ones would only be read from
/// memory twice. Where it does not, each holds one datagram, and a batch must have as many of them as a super-frame has
/// segments, or nothing is left to join. So a batch grows while datagrams come alone.
package struct ReceiveBuffers: ~Copyable {
    /// A UDP payload of joined datagrams is never longer.
    package static let bufferBytes = 65_536

    private let memory: MappedMemory
    private let messages: MappedMemory
    package let count: Int
    /// How many are offered to the kernel.
    private var offered: Int
    private static let offeredAtLeast = 8
    /// A batch whose datagrams are no larger than this on average holds single ones.
    private static let singleBytes = 4_096

    /// Makes as many buffers as fit into `bytes`, from 1 to 64. Those that are not used take no memory.
    package init(bytes: Int) throws(SystemError) {
        count = min(max(bytes / ReceiveBuffers.bufferBytes, 1), 64)
        offered = min(count, ReceiveBuffers.offeredAtLeast)
        let memory = try MappedMemory(count: count * ReceiveBuffers.bufferBytes)
        let messages = unsafe try MappedMemory(count: count * MemoryLayout<weft_received>.stride)
        // A window of its own: the owner has moved into self.
        let buffers = memory.bytes
        self.memory = memory
        self.messages = messages
        for index in 0..<count {
            let buffer = buffers.slice(index * ReceiveBuffers.bufferBytes, ReceiveBuffers.bufferBytes)
            unsafe table[index].base = unsafe buffer.base
            unsafe table[index].capacity = UInt32(ReceiveBuffers.bufferBytes)
        }
    }

    private var table: UnsafeMutablePointer<weft_received> {
        unsafe messages.bytes.base.assumingMemoryBound(to: weft_received.self)
    }

    /// Receives what is there without waiting. Returns the number of messages, or a negative errno.
    package mutating func receive(_ socket: SocketHandles) -> Int {
        let received = unsafe Int(weft_receive_batch(socket.waitable, table, CInt(truncatingIfNeeded: offered)))
        guard received == offered else { return received }
        // There may be more: what is offered next depends on what these were.
        var bytes = 0
        for index in 0..<received { unsafe bytes &+= Int(table[index].length) }
        offered =
            bytes <= received &* ReceiveBuffers.singleBytes
            ? min(offered &* 2, count) : min(count, ReceiveBuffers.offeredAtLeast)
        return received
    }

    /// One message of the last batch; its bytes are valid until the next one.
    package func message(_ index: Int) -> ReceivedMessage {
        assert(index < count, "no such message")
        let entry = unsafe table[index]
        let buffer = memory.bytes.slice(index &* ReceiveBuffers.bufferBytes, ReceiveBuffers.bufferBytes)
        let length = unsafe entry.truncated == 0 ? min(Int(entry.length), buffer.count) : 0
        let segment = unsafe entry.segment_bytes == 0 ? length : Int(entry.segment_bytes)
        return unsafe ReceivedMessage(
            bytes: buffer.slice(0, length), segmentBytes: segment, address: entry.address, port: entry.port)
    }
}

/// Datagrams of one sender that arrived together: each is `segmentBytes` long, the last may be shorter.
package struct ReceivedMessage {
    package let bytes: Bytes
    package let segmentBytes: Int
    /// Host order.
    package let address: UInt32
    package let port: UInt16
}
