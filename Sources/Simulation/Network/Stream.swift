import Mesh
import Wire

/// One TCP connection between two simulated hosts.
///
/// Bytes arrive in order and once, as long as the way is open. Where it is blocked, or the receiver does not read, they
/// are held and sent again with TCP's growing gaps. A reset is told once; if it is lost, the other side learns of it by the
/// answer to what it sends next.
package struct Stream: Sendable {
    /// Which end: the one that dialled, or the one that accepted.
    enum Side: Int, Sendable {
        case dialler, acceptor

        var other: Side { self == .dialler ? .acceptor : .dialler }
    }

    struct End: Sendable {
        let peer: Int
        let incarnation: UInt32
        let link: LinkID
        /// False once its process has closed it or is gone.
        var isOpen = true
    }

    /// What flows towards one end.
    struct Pipe: Sendable {
        /// When the last byte so far is on the wire.
        var busyUntil: Int64 = 0
        /// When the last event so far arrives.
        var lastArrival: Int64 = 0
        /// Bytes given by the sender and not yet taken by the receiver.
        var waitingBytes = 0
        /// Arrived at a block, in order.
        var held: [[UInt8]] = []
        var heldSince: Int64 = 0
        var isRetransmitting = false
        /// The sender has not been told yet that everything has left.
        var owesDrained = false
    }

    var dialler: End
    var acceptor: End
    private var towardDialler = Pipe()
    private var towardAcceptor = Pipe()
    let latency: Int64
    let nanosecondsPerByte: Int64

    /// What a sender's kernel takes before the process has to wait.
    static let socketBuffer = 256 << 10

    init(dialler: End, acceptor: End, latency: Int64, nanosecondsPerByte: Int64) {
        self.dialler = dialler
        self.acceptor = acceptor
        self.latency = latency
        self.nanosecondsPerByte = nanosecondsPerByte
    }

    subscript(side: Side) -> End {
        get { side == .dialler ? dialler : acceptor }
        set { if side == .dialler { dialler = newValue } else { acceptor = newValue } }
    }

    /// What flows towards this side.
    subscript(toward side: Side) -> Pipe {
        get { side == .dialler ? towardDialler : towardAcceptor }
        _modify {
            if side == .dialler { yield &towardDialler } else { yield &towardAcceptor }
        }
    }

    /// When TCP sends again what was first sent at `since`: after 0.2, 0.6, 1.4 s and so on; the first such instant
    /// that is not before `now`.
    package static func retransmission(since: Int64, notBefore now: Int64) -> Int64 {
        var gap: Int64 = 200_000_000
        var instant = since + gap
        while instant < now {
            gap = min(2 * gap, 120_000_000_000)
            instant += gap
        }
        return instant
    }
}
