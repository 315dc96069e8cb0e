import PacketIO

/// What it means that the port gave no frame.
enum CaptureTrouble {
    /// A signal: at once again.
    case interrupted
    /// Nothing is there.
    case empty
    /// One frame is lost, the next may be read: too long, with a header that means nothing here, or no memory for it.
    case frameLost
    /// The interface is down. It may come up again.
    case down
    /// The device is gone.
    case ended

    init(_ errno: CInt) {
        switch errno {
        case Errno.interrupted: self = .interrupted
        case Errno.wouldBlock: self = .empty
        case Errno.messageTooBig, Errno.invalid, Errno.noMemory, Errno.noBuffers: self = .frameLost
        case Errno.networkDown: self = .down
        default: self = .ended
        }
    }
}
