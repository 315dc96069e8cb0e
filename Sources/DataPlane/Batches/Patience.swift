import PacketIO

/// How long a relay may wait for room in the socket's buffer. The thread that waits receives nothing meanwhile, neither
/// what is for other neighbours nor heartbeats; and what it does not receive is lost without distinction. So it waits as
/// long as bursts last, and under an overload that stays it drops what it relays instead.
struct Patience {
    /// Chosen: what two full batches of receipt take on a link of 1 Gb/s.
    private static let mostNanoseconds: Int64 = 10_000_000
    /// Chosen: the part of the time that may be spent waiting, one quarter.
    private static let part: Int64 = 4

    private var left = Patience.mostNanoseconds
    private var last = PacketClock.nanoseconds

    /// Waits. False when there is no room and no patience.
    mutating func wait(for socket: SendingSocket) -> Bool {
        let before = PacketClock.nanoseconds
        left = min(Patience.mostNanoseconds, left &+ (before &- last) / Patience.part)
        last = before
        let milliseconds = left / 1_000_000
        guard milliseconds > 0 else { return false }
        let hasRoom = socket.waitForRoom(milliseconds: Int(milliseconds))
        last = PacketClock.nanoseconds
        left &-= last &- before
        return hasRoom
    }
}
