public import NetlinkMessages

/// Which part of the kernel a socket talks to.
public enum NetlinkProtocol: Sendable {
    /// `NETLINK_ROUTE`: interfaces, addresses, routes.
    case route
    /// `NETLINK_NETFILTER`: firewall.
    case netfilter
    /// `NETLINK_GENERIC`: families that have no protocol of their own, Open vSwitch among them.
    case generic

    /// linux/netlink.h.
    var number: Int32 {
        switch self {
        case .route: 0
        case .netfilter: 12
        case .generic: 16
        }
    }
}

/// A socket for requests off the packet path: one request at a time, each waits for its answer.
///
/// Who may call: one thread at a time; calls block for at most the time limit. The socket belongs to the network
/// namespace of the thread that opens it: to work in another namespace, open one on a thread that has entered it.
public struct NetlinkSocket: ~Copyable {
    private let socket: LibnlSocket
    private let timeLimitMilliseconds: Int32
    /// Sees each datagram: what was sent, and what came back. For recording fixtures.
    package var observer: (([UInt8], _ isRequest: Bool) -> Void)?

    /// Opens a socket, with extended acknowledgements and strict checking where the kernel has them.
    public init(_ netlinkProtocol: NetlinkProtocol = .route, timeLimitMilliseconds: Int32 = 5000)
        throws(NetlinkError)
    {
        socket = try LibnlSocket(
            netlinkProtocol: netlinkProtocol.number, groups: 0, operation: "open a netlink socket")
        self.timeLimitMilliseconds = timeLimitMilliseconds
    }

    /// Sends a request and returns the answers: none for an acknowledged request, one for a question, many for a list.
    /// A list that changed meanwhile is asked for again, until the time limit: a host that starts many containers at once
    /// changes its interfaces all the time.
    @discardableResult
    public func exchange(_ request: NetlinkRequest) throws(NetlinkError) -> [NetlinkMessage] {
        let deadline = ContinuousClock.now + .milliseconds(timeLimitMilliseconds)
        repeat {
            switch try converse(request) {
            case .answered(let messages): return messages
            case .refused(let verdict): throw NetlinkError(request.operation, .refused(verdict))
            case .interrupted: continue
            }
        } while ContinuousClock.now < deadline
        throw NetlinkError(request.operation, .interrupted)
    }

    /// Sends a question and returns its one answer, decoded.
    public func ask<Answer>(
        _ request: NetlinkRequest, _ decode: (NetlinkMessage) throws(NetlinkMessageError) -> Answer
    ) throws(NetlinkError) -> Answer {
        guard let answer = try list(request, decode).first else {
            throw NetlinkError(request.operation, .malformed(.headerTruncated(left: 0)))
        }
        return answer
    }

    /// Sends a request for a list and returns its entries, decoded.
    public func list<Entry>(
        _ request: NetlinkRequest, _ decode: (NetlinkMessage) throws(NetlinkMessageError) -> Entry
    ) throws(NetlinkError) -> [Entry] {
        var entries: [Entry] = []
        for message in try exchange(request) {
            do {
                entries.append(try decode(message))
            } catch {
                throw NetlinkError(request.operation, .malformed(error))
            }
        }
        return entries
    }

    private func converse(_ request: NetlinkRequest) throws(NetlinkError) -> NetlinkConversation.Outcome {
        var conversation = NetlinkConversation(request, sequence: socket.nextSequence(), port: socket.port)
        let bytes = conversation.requestBytes
        observer?(bytes, true)
        try socket.send(bytes, operation: request.operation)
        while true {
            guard try socket.waitReadable(milliseconds: timeLimitMilliseconds, operation: request.operation) else {
                throw NetlinkError(request.operation, .timedOut)
            }
            let datagram = try socket.receive(operation: request.operation)
            observer?(datagram, false)
            do {
                if let outcome = try conversation.receive(datagram) { return outcome }
            } catch {
                throw NetlinkError(request.operation, .malformed(error))
            }
        }
    }
}
