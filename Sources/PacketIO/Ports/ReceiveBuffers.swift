internal import CLinux

/// Where received datagrams land: a few buffers, each for one datagram or for several that the kernel joined.
/// Owned by the thread that has receipt.
package struct ReceiveBuffers: ~Copyable {
    /// A UDP payload of joined datagrams is never longer.
    package static let bufferBytes = 65_536

    private let memory: MappedMemory
    private let messages: MappedMemory
    package let count: Int

    /// Makes as many buffers as fit into `bytes`, from 1 to 16.
    package init(bytes: Int) throws(SystemError) {
        count = min(max(bytes / ReceiveBuffers.bufferBytes, 1), 16)
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
    package func receive(_ socket: SocketHandles) -> Int {
        unsafe Int(weft_receive_batch(socket.waitable, table, CInt(truncatingIfNeeded: count)))
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
