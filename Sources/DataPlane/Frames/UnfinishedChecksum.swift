import PacketIO

enum UnfinishedChecksum {
    /// Completes the checksum that a frame's sender left to its network card: the field holds the sum of the
    /// pseudo-header. False if the header points outside of the frame.
    @inline(__always)
    static func complete(_ frame: Bytes, _ offload: FrameOffload) -> Bool {
        guard offload.flags & VirtioHeader.needsChecksum != 0 else { return true }
        let start = Int(offload.checksumStart)
        let field = start &+ Int(offload.checksumOffset)
        guard start >= FrameLayout.ethernet, field &+ 2 <= frame.count else { return false }
        let sum = frame.sum(start, frame.count &- start)
        // A result of 0 would mean "none" in UDP; 0xffff is the same number, and legal everywhere.
        frame.setHost16(field, Checksum.fieldOfUDP(sum))
        return true
    }
}
