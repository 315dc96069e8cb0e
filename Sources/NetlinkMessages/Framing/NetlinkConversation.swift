/// One request and what comes back, as a state machine without a socket.
///
/// | request | ends with |
/// |---|---|
/// | a list (`.dump`) | `NLMSG_DONE`; an error that is not 0 |
/// | with `.acknowledge` | `NLMSG_ERROR`, errno 0 or not; answers before it are kept |
/// | otherwise | the first answer, or an error |
///
/// Messages with another sequence number or port are answers to a request that was given up: they are counted and
/// skipped. A list during which the kernel set `NLM_F_DUMP_INTR` has to be asked for again.
public struct NetlinkConversation: Sendable {
    /// How a conversation ended.
    public enum Outcome: Hashable, Sendable {
        case answered([NetlinkMessage])
        case refused(NetlinkVerdict)
        /// The list changed while it was read, or a part was lost.
        case interrupted
    }

    /// How many messages were not for this conversation.
    public private(set) var skipped = 0
    private let request: NetlinkRequest
    private let sequence: UInt32
    private let port: UInt32
    private var answers: [NetlinkMessage] = []
    private var wasInterrupted = false

    public init(_ request: NetlinkRequest, sequence: UInt32, port: UInt32) {
        self.request = request
        self.sequence = sequence
        self.port = port
    }

    /// The message to send.
    public var requestBytes: [UInt8] { request.bytes(sequence: sequence, port: port) }

    /// Takes a datagram from the kernel; nil says that more have to come.
    public mutating func receive(_ datagram: [UInt8]) throws(NetlinkMessageError) -> Outcome? {
        for message in try NetlinkMessage.messages(in: datagram) {
            guard message.header.sequence == sequence, message.header.port == port else {
                skipped += 1
                continue
            }
            if let outcome = try receive(message) { return outcome }
        }
        return nil
    }

    private mutating func receive(_ message: NetlinkMessage) throws(NetlinkMessageError) -> Outcome? {
        if message.header.flags.contains(.dumpInterrupted), request.isDump { wasInterrupted = true }
        switch message.header.type {
        case .noOperation:
            return nil
        case .overrun:
            return .interrupted
        case .error, .done:
            let verdict = try NetlinkVerdict(message)
            guard verdict.errno == 0 else { return .refused(verdict) }
            return wasInterrupted ? .interrupted : .answered(answers)
        default:
            answers.append(message)
            let isSingle = !request.isDump && !request.flags.contains(.acknowledge)
            return isSingle ? .answered(answers) : nil
        }
    }
}
