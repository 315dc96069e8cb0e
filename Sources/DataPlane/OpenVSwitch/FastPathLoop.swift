import Netlink
import NetlinkMessages
import PacketIO

/// The thread that answers the kernel. Everything in it happens on one thread.
struct FastPathLoop: ~Copyable {
    /// Between looks at the kernel's counters, in milliseconds.
    private static let look: Int64 = 1_000
    /// Batches of upcalls in a row before the control plane's wishes have their turn.
    private static let batches = 16

    private var upcalls: UpcallSocket
    private let answers: UpcallAnswers
    private let inbox: FastPathInbox

    init(_ upcalls: consuming UpcallSocket, _ answers: UpcallAnswers, _ inbox: FastPathInbox) {
        self.upcalls = upcalls
        self.answers = answers
        self.inbox = inbox
    }

    mutating func run() {
        answers.begin()
        var nextLook: Int64 = 0
        while true {
            let now = PacketClock.nanoseconds / 1_000_000
            let ready = Readiness.wait(
                upcalls.descriptor, inbox.waitable, -1, milliseconds: CInt(clamping: max(nextLook - now, 0)))
            if ready.second {
                let wishes = inbox.take()
                if wishes.isStopping { return }
                answers.fulfil(wishes)
            }
            if ready.first { receive() }
            answers.followAddresses()
            answers.flush()
            if PacketClock.nanoseconds / 1_000_000 >= nextLook {
                inbox.status = answers.lookAround()
                answers.flush()
                nextLook = PacketClock.nanoseconds / 1_000_000 + Self.look
            }
        }
    }

    private mutating func receive() {
        let answers = answers
        for _ in 0..<Self.batches {
            // What the socket cannot say is seen in its counters.
            let received = try? upcalls.receive(answers.family) { view, bytes in answers.answer(view, bytes) }
            answers.flush()
            guard let received, received > 0 else { return }
        }
    }
}
