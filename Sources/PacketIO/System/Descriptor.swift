internal import CLinux
internal import Glibc

/// An open file that is closed with its owner.
public struct Descriptor: ~Copyable, Sendable {
    /// The number; valid while this owner lives, and only for calls of this module.
    package let raw: CInt

    /// Takes over what a call returned: a descriptor, or a negative errno.
    package init(_ result: CInt, _ call: String) throws(SystemError) {
        guard result >= 0 else { throw SystemError(call: call, errno: -result) }
        raw = result
    }

    deinit { close(raw) }

    /// Sets an integer option of a socket.
    func set(_ option: SocketOption, _ value: CInt) throws(SystemError) {
        let result = weft_set_option(raw, option.level, option.number, value)
        guard result >= 0 else { throw SystemError(call: "setsockopt \(option.name)", errno: -result) }
    }
}

/// An option of setsockopt(2), by number: Swift does not see all of them.
struct SocketOption {
    let level: CInt
    let number: CInt
    let name: String

    /// asm-generic/socket.h
    static let reusePort = SocketOption(level: 1, number: 15, name: "SO_REUSEPORT")
    static let sendBuffer = SocketOption(level: 1, number: 7, name: "SO_SNDBUF")
    static let receiveBuffer = SocketOption(level: 1, number: 8, name: "SO_RCVBUF")
    static let sendBufferForce = SocketOption(level: 1, number: 32, name: "SO_SNDBUFFORCE")
    static let receiveBufferForce = SocketOption(level: 1, number: 33, name: "SO_RCVBUFFORCE")
    /// linux/in.h; values IP_PMTUDISC_DONT 0, IP_PMTUDISC_DO 2
    static let pathMTUDiscovery = SocketOption(level: 0, number: 10, name: "IP_MTU_DISCOVER")
    /// linux/udp.h
    static let segment = SocketOption(level: 17, number: 103, name: "UDP_SEGMENT")
    static let receiveOffload = SocketOption(level: 17, number: 104, name: "UDP_GRO")
}
