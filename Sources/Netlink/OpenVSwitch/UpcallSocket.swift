internal import CLinux
internal import CMnl
internal import Glibc
public import NetlinkMessages

/// Receives upcalls: packets that the kernel's flow table has no answer for, in batches, without copying or allocating.
///
/// Who may call: one thread at a time; `descriptor` and `port` may be read by any. Nothing blocks: poll `descriptor` for
/// reading, then `receive` until it returns 0. Closing happens when the value is dropped; nothing else wakes a poll.
///
/// **Loss.** `NETLINK_NO_ENOBUFS` is on. Without it a full buffer makes the kernel drop *everything* until the queue has
/// been read empty, and report one error however much that was. With it each packet that is read makes room at once; the
/// exact number of dropped ones is asked for instead (`lost`).
@safe public struct UpcallSocket: ~Copyable {
    private let socket: OpaquePointer
    private let slots: DatagramSlots
    /// Where the kernel has to send upcalls: the socket's own port, given by the kernel.
    public let port: UpcallPort
    /// For poll and epoll; nonblocking. Valid until the socket is dropped.
    public let descriptor: Int32
    /// What the kernel made of the wished receive buffer, its own overhead included.
    public let receiveBufferBytes: Int
    /// Datagrams that did not fit into a slot or could not be read.
    public private(set) var malformed: UInt64 = 0
    /// Times that the kernel reported loss; 0 as long as `NETLINK_NO_ENOBUFS` works.
    public private(set) var overruns: UInt64 = 0

    private static let operation = "open a socket for upcalls"
    /// The longest packet an attribute holds, its key and headers, rounded up to a page.
    private static let slotBytes = 69_632

    /// - Parameters:
    ///   - receiveBufferBytes: forced, so that `net.core.rmem_max` does not count; needs CAP_NET_ADMIN, otherwise it is
    ///     a wish.
    ///   - batch: how many upcalls one system call takes, 1 to 64.
    public init(receiveBufferBytes: Int32 = 4 << 20, batch: Int = 64) throws(NetlinkError) {
        let flags = CInt(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        guard let socket = unsafe mnl_socket_open2(NetlinkProtocol.generic.number, flags) else {
            throw NetlinkError(Self.operation, .system(call: "mnl_socket_open2", errno: errno))
        }
        guard unsafe mnl_socket_bind(socket, 0, 0) == 0 else {
            let code = errno
            unsafe mnl_socket_close(socket)
            throw NetlinkError(Self.operation, .system(call: "mnl_socket_bind", errno: code))
        }
        var on: CInt = 1
        // NETLINK_NO_ENOBUFS 5, linux/netlink.h. Where it is refused, overruns are counted.
        _ = unsafe mnl_socket_setsockopt(socket, 5, &on, socklen_t(MemoryLayout<CInt>.size))
        unsafe self.socket = socket
        descriptor = unsafe mnl_socket_get_fd(socket)
        port = UpcallPort(rawValue: unsafe mnl_socket_get_portid(socket))
        self.receiveBufferBytes = Int(weft_set_receive_buffer(descriptor, receiveBufferBytes))
        slots = DatagramSlots(count: batch, slotBytes: Self.slotBytes)
    }

    deinit {
        _ = unsafe mnl_socket_close(socket)
    }

    /// How many upcalls the kernel dropped because the buffer was full, since the socket was opened; wraps at 2^32.
    public var lost: UInt32 {
        var drops: UInt32 = 0
        // An old kernel without SO_MEMINFO: `overruns` is all there is.
        return unsafe weft_dropped_datagrams(descriptor, &drops) == 0 ? drops : 0
    }

    /// Takes one batch and calls `body` with each upcall and the bytes that its ranges refer to, valid within `body` only.
    /// Returns how many datagrams there were; 0 says that none is left. Whatever is not an upcall is counted and skipped.
    public mutating func receive(
        _ family: NetlinkType, _ body: (UpcallView, Span<UInt8>) -> Void
    ) throws(NetlinkError) -> Int {
        var unreadable: UInt64 = 0
        let received = try receiveBatch { bytes in
            do throws(NetlinkMessageError) {
                var cursor = MessageCursor(0..<bytes.count)
                while let message = try cursor.next(in: bytes) {
                    if let upcall = try UpcallView(bytes, message, family: family) { body(upcall, bytes) }
                }
            } catch {
                unreadable += 1
            }
        }
        malformed += unreadable
        return received
    }

    /// Takes one batch and calls `body` with the bytes of each whole datagram of the kernel.
    private mutating func receiveBatch(_ body: (Span<UInt8>) -> Void) throws(NetlinkError) -> Int {
        let received = slots.receive(from: descriptor)
        if received == -Int(ENOBUFS) {
            overruns += 1
            return 1
        }
        guard received >= 0 else {
            throw NetlinkError("receive upcalls", .system(call: "recvmmsg", errno: Int32(-received)))
        }
        for index in 0..<received {
            let state = slots.state(index)
            guard state.isFromKernel else { continue }
            guard !state.isTruncated else {
                malformed += 1
                continue
            }
            slots.withBytes(index, body)
        }
        return received
    }
}
