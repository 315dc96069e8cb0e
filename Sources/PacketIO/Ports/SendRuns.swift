internal import CLinux

/// Runs of datagrams that wait to be sent on one socket. Owned by the thread that fills and sends it.
package struct SendRuns: ~Copyable {
    /// As many as one call sends.
    package static let capacity = 64
    /// UDP_MAX_SEGMENTS of linux/udp.h before Linux 6.9.
    package static let maximumSegments = 64
    /// The largest UDP payload.
    package static let maximumBytes = 65_507

    private let memory: MappedMemory
    package private(set) var count = 0

    package init() throws(SystemError) {
        memory = unsafe try MappedMemory(count: SendRuns.capacity * MemoryLayout<weft_run>.stride)
    }

    private var table: UnsafeMutablePointer<weft_run> {
        unsafe memory.bytes.base.assumingMemoryBound(to: weft_run.self)
    }

    package var isFull: Bool { count == SendRuns.capacity }

    /// Adds a run of one datagram. The bytes must stay until it was sent.
    package mutating func append(_ bytes: Bytes, address: UInt32, port: UInt16, source: UInt32) {
        assert(count < SendRuns.capacity, "send before you add")
        unsafe table[count] = unsafe weft_run(
            base: bytes.base, bytes: UInt32(truncatingIfNeeded: bytes.count),
            segment_bytes: UInt32(truncatingIfNeeded: bytes.count), address: address, source: source, port: port,
            unused: 0)
        count &+= 1
    }

    /// Makes the last run longer by a datagram that follows it in memory.
    package mutating func extendLast(by bytes: Int) {
        unsafe table[count &- 1].bytes &+= UInt32(truncatingIfNeeded: bytes)
    }

    package mutating func removeAll() {
        count = 0
    }

    /// Sends from run `first` on. Returns how many were sent, or the negative errno of the first: EAGAIN where the
    /// socket's buffer is full and `waits` is false.
    package func send(_ descriptor: SendingSocket, from first: Int, waits: Bool = true) -> Int {
        unsafe Int(
            weft_send_runs(
                descriptor.raw, table + first, CInt(truncatingIfNeeded: count &- first), waits ? 1 : 0))
    }

    /// Sends the datagrams of one run singly. Returns 0, or the negative errno of the last that failed.
    package func sendSingly(_ descriptor: SendingSocket, run index: Int) -> Int {
        var run = unsafe table[index]
        var left = unsafe run.bytes
        let size = unsafe max(run.segment_bytes, 1)
        var result = 0
        unsafe run.segment_bytes = 0
        while left > 0 {
            unsafe run.bytes = min(size, left)
            let sent = unsafe Int(weft_send_runs(descriptor.raw, &run, 1, 1))
            if sent < 0 { result = sent }
            left &-= unsafe run.bytes
            unsafe run.base += Int(run.bytes)
        }
        return result
    }

    /// Whether a run is more than one datagram.
    package func hasSegments(_ index: Int) -> Bool {
        unsafe table[index].bytes > table[index].segment_bytes
    }

    /// How many datagrams a run is.
    package func datagrams(_ index: Int) -> Int {
        let size = unsafe max(table[index].segment_bytes, 1)
        return unsafe Int((table[index].bytes &+ size &- 1) / size)
    }

    package func address(_ index: Int) -> UInt32 { unsafe table[index].address }
}

/// A socket to send on; valid while the `DatagramSockets` it came from live.
package struct SendingSocket {
    let raw: CInt

    /// Waits until the buffer has room again, which is when half of it is free. False after the timeout.
    package func waitForRoom(milliseconds: Int) -> Bool {
        weft_wait_for_room(raw, CInt(truncatingIfNeeded: milliseconds)) > 0
    }
}
