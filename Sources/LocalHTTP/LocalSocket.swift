import Glibc

/// A connected unix stream socket. Calls block up to the deadline; used by one thread.
struct LocalSocket: ~Copyable {
    enum Failure: Error {
        case pathTooLong
        case cannotConnect(errno: CInt)
        case broken(call: String, errno: CInt)
        case timedOut
    }
    private let descriptor: CInt
    private let deadline: ContinuousClock.Instant

    private init(descriptor: CInt, deadline: ContinuousClock.Instant) {
        self.descriptor = descriptor
        self.deadline = deadline
    }

    static func connecting(to path: String, deadline: ContinuousClock.Instant) throws(Failure) -> LocalSocket {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        // One byte stays zero and ends the path.
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw .pathTooLong }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let descriptor = Glibc.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .broken(call: "socket", errno: errno) }
        let socket = LocalSocket(descriptor: descriptor, deadline: deadline)
        try socket.connect(to: &address)
        return socket
    }

    private func connect(to address: inout sockaddr_un) throws(Failure) {
        while true {
            // connect(2) on a unix socket waits while the server's backlog is full, no longer than the send timeout.
            setTimeout(SO_SNDTIMEO)
            let result = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            if result == 0 { return }
            let code = errno
            if code == EINTR { continue }
            throw code == EAGAIN ? .timedOut : .cannotConnect(errno: code)
        }
    }

    deinit {
        _ = close(descriptor)
    }

    /// Sends everything, or as much as the server takes before it answers: one that refuses a request answers without
    /// reading the rest, and would otherwise be waited for until the deadline.
    func send(_ bytes: [UInt8]) throws(Failure) {
        var sent = 0
        while sent < bytes.count {
            if try wait(for: POLLOUT) { return }
            let count = unsafe bytes.withUnsafeBytes { buffer in
                // In bounds: `sent` is below the count.
                unsafe Glibc.send(
                    descriptor, buffer.baseAddress?.advanced(by: sent), buffer.count - sent, withoutSignalOrWait)
            }
            if count >= 0 {
                sent += count
            } else if errno != EINTR && errno != EAGAIN {
                throw failure("send")
            }
        }
    }

    /// Waits until the socket can do the given or has an answer; true if it has one.
    private func wait(for event: CInt) throws(Failure) -> Bool {
        while true {
            let milliseconds = CInt(max(0, min(60_000, (deadline - .now) / .milliseconds(1))))
            var entry = pollfd(fd: descriptor, events: Int16(event | POLLIN), revents: 0)
            let count = unsafe poll(&entry, 1, milliseconds)
            if count > 0 { return entry.revents & Int16(POLLIN) != 0 }
            if count == 0 && ContinuousClock.now >= deadline { throw .timedOut }
            if count < 0 && errno != EINTR { throw failure("poll") }
        }
    }

    /// At least one byte, or none when the server has closed.
    func receive() throws(Failure) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            setTimeout(SO_RCVTIMEO)
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count >= 0 {
                buffer.removeLast(buffer.count - count)
                return buffer
            }
            if errno != EINTR { throw failure("recv") }
        }
    }

    private func failure(_ call: String) -> Failure {
        let code = errno
        return code == EAGAIN ? .timedOut : .broken(call: call, errno: code)
    }

    /// What is left until the deadline; zero would mean "no limit", so at least a millisecond.
    private func setTimeout(_ option: CInt) {
        let (seconds, attoseconds) = max(.milliseconds(1), deadline - .now).components
        var value = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<timeval>.size))
    }
}

/// A server that closes early must not end us by SIGPIPE, and one that takes nothing must not hold us here.
private let withoutSignalOrWait = CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT)
