internal import CLinux
internal import Glibc

/// Memory for a batch of datagrams, made once and used for every batch.
///
/// Who may call: one thread at a time. A slot's bytes are valid until the next `receive`. Memory that no datagram has
/// reached stays untouched, so large slots cost address space only.
@safe struct DatagramSlots: ~Copyable {
    private let memory: UnsafeMutableRawPointer
    private let table: UnsafeMutablePointer<weft_netlink_datagram>
    let count: Int
    let slotBytes: Int

    /// What one call of recvmmsg takes at most (`CLinuxNetlink.c`).
    static let mostSlots = 64

    init(count: Int, slotBytes: Int) {
        precondition((1...Self.mostSlots).contains(count) && slotBytes > 0, "1 to 64 slots that hold something")
        self.count = count
        self.slotBytes = slotBytes
        unsafe memory = .allocate(byteCount: count * slotBytes, alignment: 4096)
        unsafe table = .allocate(capacity: count)
        for index in 0..<count {
            unsafe (table + index).initialize(
                to: weft_netlink_datagram(
                    base: memory + index * slotBytes, capacity: UInt32(slotBytes), length: 0, sender: 0, truncated: 0))
        }
    }

    deinit {
        unsafe table.deallocate()
        unsafe memory.deallocate()
    }

    /// Receives without waiting: how many datagrams there were (0 for none), or a negative errno.
    func receive(from descriptor: CInt) -> Int {
        while true {
            let received = unsafe weft_receive_netlink(descriptor, table, CInt(count))
            if received == -EINTR { continue }
            if received == -EAGAIN { return 0 }
            return Int(received)
        }
    }

    /// What came into a slot with the last `receive`.
    func state(_ index: Int) -> State {
        precondition(index >= 0 && index < count, "a slot that exists")
        let entry = unsafe table[index]
        // A truncated datagram reports what was stored, not what was sent.
        return unsafe State(
            lengthBytes: Swift.min(Int(entry.length), slotBytes), isFromKernel: entry.sender == 0,
            isTruncated: entry.truncated != 0)
    }

    struct State {
        let lengthBytes: Int
        let isFromKernel: Bool
        let isTruncated: Bool
    }

    /// Lends the bytes of a slot; valid within `body` only.
    func withBytes<Result, Failure: Error>(
        _ index: Int, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let length = state(index).lengthBytes
        let buffer = unsafe UnsafeRawBufferPointer(start: memory + index * slotBytes, count: length)
        let bytes = unsafe Span<UInt8>(_unsafeBytes: buffer)
        return try body(bytes)
    }
}
