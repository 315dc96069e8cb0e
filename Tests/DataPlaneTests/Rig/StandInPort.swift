import Glibc
import PacketIO

/// Stands in for a tap: a pair of sockets that keeps frames apart. The data plane has one end, the test the other.
final class StandInPort {
    private let end: CInt
    private var buffer = [UInt8](repeating: 0, count: 70_000)
    private var other: CInt

    init() {
        var pair: [CInt] = [-1, -1]
        precondition(socketpair(AF_UNIX, CInt(SOCK_SEQPACKET.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0, &pair) == 0)
        (end, other) = (pair[0], pair[1])
        var bytes: CInt = 8 << 20
        for socket in pair { setsockopt(socket, SOL_SOCKET, 32, &bytes, socklen_t(MemoryLayout<CInt>.size)) }
        for socket in pair { setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, socklen_t(MemoryLayout<CInt>.size)) }
    }

    deinit { close(end) }

    /// The data plane's end; once.
    func port(offloads: Bool = true) throws -> FramePort {
        try FramePort(standIn: other, name: "stand-in", offloads: offloads)
    }

    /// Makes the port refuse frames of more than 12,000 bytes (the kernel doubles this); it holds two large ones then.
    func refuseSuperFrames() {
        var bytes: CInt = 6_000
        setsockopt(other, SOL_SOCKET, SO_SNDBUF, &bytes, socklen_t(MemoryLayout<CInt>.size))
    }

    /// Hands a frame to the data plane. False when the socket is full.
    func write(_ frame: ModelFrame) -> Bool { write(encoded: frame.encoded) }

    func write(encoded: [UInt8]) -> Bool { Glibc.write(end, encoded, encoded.count) == encoded.count }

    /// The device goes away.
    func hangUp() { shutdown(end, CInt(SHUT_RDWR)) }

    /// Throws away what the data plane has injected since.
    func drain() { while Glibc.read(end, &buffer, buffer.count) > 0 {} }

    /// What the data plane has injected since.
    func readAll() -> [ModelFrame] {
        var frames: [ModelFrame] = []
        while true {
            let count = Glibc.read(end, &buffer, buffer.count)
            guard count > 0 else { return frames }
            frames.append(ModelFrame(encoded: Array(buffer[..<count])))
        }
    }
}
