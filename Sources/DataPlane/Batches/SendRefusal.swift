import PacketIO

/// What to do about a run of datagrams that the kernel did not take.
enum SendRefusal {
    /// Nothing helps.
    case lost
    /// The way out has no checksum offload, which UDP_SEGMENT needs (net/ipv4/udp.c): each datagram alone, and no rows
    /// from now on. Runs of the batch that are rows already are refused in the same way.
    case noSegmentation
    /// Larger than the path: that is reported, and each datagram goes alone on the path that the underlay may fragment.
    /// Better late and in pieces than lost. Rows are never fragmented, whatever their path.
    case tooBig

    /// `isRow`: several datagrams for one UDP_SEGMENT send.
    init(_ errno: CInt, isRow: Bool, dontFragment: Bool) {
        if errno == Errno.inputOutput, isRow {
            self = .noSegmentation
        } else if errno == Errno.messageTooBig || errno == Errno.invalid, isRow || dontFragment {
            // Of a row the kernel says EINVAL instead of EMSGSIZE up to Linux 6.12.
            self = .tooBig
        } else {
            self = .lost
        }
    }
}
