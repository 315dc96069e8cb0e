internal import CNetlink
internal import Glibc
internal import NetlinkMessages

/// The calls to libnl: a socket, whole datagrams out and in. Nothing else in this module touches C.
///
/// Who may call: one thread at a time. The socket stays in the network namespace of the thread that opened it, whatever
/// that thread does later.
@safe struct LibnlSocket: ~Copyable {
    private let socket: OpaquePointer
    /// The port that the kernel answers to.
    let port: UInt32

    /// - Parameter groups: a mask of the first 32 multicast groups (`RTMGRP_...`).
    init(netlinkProtocol: CInt, groups: CInt, operation: String) throws(NetlinkError) {
        guard let socket = unsafe nl_socket_alloc() else {
            throw NetlinkError(operation, .system(call: "nl_socket_alloc", errno: ENOMEM))
        }
        if groups != 0 { unsafe nl_join_groups(socket, groups) }
        let result = Self.capturingErrno {
            if netlinkProtocol == NetlinkProtocol.generic.number {
                unsafe genl_connect(socket)
            } else {
                unsafe nl_connect(socket, netlinkProtocol)
            }
        }
        guard result.value == 0 else {
            unsafe nl_socket_free(socket)
            throw NetlinkError(operation, .system(call: "nl_connect", errno: result.errno))
        }
        // Answers longer than a page are measured first, then read whole.
        unsafe nl_socket_enable_msg_peek(socket)
        let descriptor = unsafe nl_socket_get_fd(socket)
        // Both are conveniences; an old kernel without them still answers. NETLINK_EXT_ACK 11, NETLINK_GET_STRICT_CHK
        // 12, linux/netlink.h.
        Self.enable(option: 11, on: descriptor)
        Self.enable(option: 12, on: descriptor)
        unsafe self.socket = socket
        port = unsafe nl_socket_get_local_port(socket)
    }

    deinit {
        unsafe nl_socket_free(socket)
    }

    /// Valid until the socket is freed.
    var descriptor: CInt { unsafe nl_socket_get_fd(socket) }

    /// The next sequence number; never 0, which notifications carry.
    func nextSequence() -> UInt32 {
        let sequence = unsafe nl_socket_use_seq(socket)
        return sequence == 0 ? unsafe nl_socket_use_seq(socket) : sequence
    }

    /// Hears what a multicast group is told, also one beyond the first 32.
    func join(group: UInt32, operation: String) throws(NetlinkError) {
        let result = Self.capturingErrno { unsafe nl_socket_add_membership(socket, CInt(truncatingIfNeeded: group)) }
        guard result.value == 0 else {
            throw NetlinkError(operation, .system(call: "setsockopt(NETLINK_ADD_MEMBERSHIP)", errno: result.errno))
        }
    }

    /// Errors no longer quote the whole request: NETLINK_CAP_ACK 10, linux/netlink.h.
    func quoteHeadersOnly() { Self.enable(option: 10, on: descriptor) }

    func setReceiveBuffer(bytes: CInt) {
        // Refused sizes leave the default, which works with more resynchronising.
        _ = unsafe nl_socket_set_buffer_size(socket, bytes, 0)
    }

    /// Sets the send buffer and returns what the kernel made of it: twice the wish, within `net.core.wmem_max`.
    func setSendBuffer(bytes: CInt) -> Int {
        var size = bytes
        var length = socklen_t(MemoryLayout<CInt>.size)
        // A refused size leaves libnl's 32 KiB.
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, length)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, &length) == 0 else { return 0 }
        return Int(size)
    }

    /// Sends one datagram. Blocks only when the kernel's queue is full.
    func send(_ datagram: [UInt8], operation: String) throws(NetlinkError) {
        try send(datagram, datagram.indices, operation: operation)
    }

    /// Sends a part of `bytes` as one datagram.
    func send(_ bytes: [UInt8], _ part: Range<Int>, operation: String) throws(NetlinkError) {
        precondition(part.lowerBound >= 0 && part.upperBound <= bytes.count, "the part lies within the bytes")
        let result = Self.capturingErrno {
            unsafe bytes.withUnsafeBytes { buffer in
                // nl_sendto takes a mutable pointer and only reads.
                let base = unsafe UnsafeMutableRawPointer(mutating: buffer.baseAddress)
                return unsafe nl_sendto(socket, base.map { unsafe $0 + part.lowerBound }, part.count)
            }
        }
        guard result.value >= 0 else { throw NetlinkError(operation, .system(call: "sendmsg", errno: result.errno)) }
    }

    /// Waits until a datagram is there; false when the time is over.
    func waitReadable(milliseconds: CInt, operation: String) throws(NetlinkError) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let result = Self.capturingErrno { unsafe poll(&entry, 1, milliseconds) }
        guard result.value >= 0 || result.errno == EINTR else {
            throw NetlinkError(operation, .system(call: "poll", errno: result.errno))
        }
        return result.value > 0
    }

    /// One call of `drain` handles at most so many datagrams, so that a flood cannot keep its caller for ever.
    private static let datagramsPerCall = 64

    /// Hands on the datagrams that are there, without waiting; nil where some were lost for want of room.
    func drain(
        operation: String, _ body: ([UInt8]?) throws(NetlinkMessageError) -> Void
    ) throws(NetlinkError) {
        for _ in 0..<Self.datagramsPerCall {
            guard try waitReadable(milliseconds: 0, operation: operation) else { return }
            var datagram: [UInt8]?
            do {
                datagram = try receive(operation: operation)
            } catch {
                guard error.errno == ENOBUFS else { throw error }
            }
            do {
                try body(datagram)
            } catch {
                throw NetlinkError(operation, .malformed(error))
            }
        }
    }

    /// The next datagram of the kernel; empty if what came was not from the kernel. Blocks if none is there.
    func receive(operation: String) throws(NetlinkError) -> [UInt8] {
        var sender = sockaddr_nl()
        var buffer: UnsafeMutablePointer<UInt8>?
        let result = Self.capturingErrno { unsafe nl_recv(socket, &sender, &buffer, nil) }
        guard result.value >= 0 else { throw NetlinkError(operation, .system(call: "recvmsg", errno: result.errno)) }
        guard let memory = unsafe buffer else { return [] }
        // libnl allocated it for us; it holds `result.value` bytes.
        defer { unsafe free(memory) }
        guard sender.nl_pid == 0 else { return [] }
        return unsafe Array(UnsafeBufferPointer(start: memory, count: Int(result.value)))
    }

    private static func enable(option: CInt, on descriptor: CInt) {
        var on: CInt = 1
        let solNetlink: CInt = 270
        _ = unsafe setsockopt(descriptor, solNetlink, option, &on, socklen_t(MemoryLayout<CInt>.size))
    }

    /// Runs a C call and reads errno before anything else can overwrite it. libnl folds several errnos into one code of
    /// its own, but leaves errno as the system call set it; where it set none, the request never reached the kernel.
    @inline(never)
    private static func capturingErrno(_ call: () -> CInt) -> (value: CInt, errno: Int32) {
        errno = 0
        let value = call()
        let code = errno
        return (value, code == 0 ? EINVAL : code)
    }
}
