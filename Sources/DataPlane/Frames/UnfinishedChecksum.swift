package import PacketIO

package enum UnfinishedChecksum {
    /// Completes the checksum that a frame's sender left to its network card: the field holds the sum of the
    /// pseudo-header, or nothing in SCTP. False if the header points outside of the frame.
    @inline(__always)
    package static func complete(_ frame: Bytes, _ layout: FrameLayout, _ offload: FrameOffload) -> Bool {
        guard offload.flags & VirtioHeader.needsChecksum != 0 else { return true }
        let start = Int(offload.checksumStart)
        let field = start &+ Int(offload.checksumOffset)
        guard start >= FrameLayout.ethernet, field &+ 2 <= frame.count else { return false }
        if layout.protocolNumber == FrameLayout.sctp { return completeSCTP(frame, layout, field) }
        let sum = frame.sum(start, frame.count &- start)
        // A result of 0 would mean "none" in UDP; 0xffff is the same number, and legal everywhere.
        frame.setHost16(field, Checksum.fieldOfUDP(sum))
        return true
    }

    /// SCTP has a CRC32c of the whole packet instead of a sum (RFC 9260, appendix A), the lowest byte first.
    @inline(never)
    private static func completeSCTP(_ frame: Bytes, _ layout: FrameLayout, _ field: Int) -> Bool {
        guard field == layout.transport &+ 8, field &+ 4 <= layout.end else { return false }
        frame.zero(field, count: 4)
        let sum = crc32c(frame.slice(layout.transport, layout.end &- layout.transport))
        frame.setNetwork32(field, sum.byteSwapped)
        return true
    }

    /// Bit by bit: SCTP comes unfinished only where a packet socket captures.
    static func crc32c(_ bytes: Bytes) -> UInt32 {
        var sum = UInt32.max
        var at = 0
        while at < bytes.count {
            sum ^= UInt32(bytes.byte(at))
            var bit = 0
            while bit < 8 {
                sum = (sum >> 1) ^ (0x82f6_3b78 & (0 &- (sum & 1)))
                bit &+= 1
            }
            at &+= 1
        }
        return ~sum
    }
}
