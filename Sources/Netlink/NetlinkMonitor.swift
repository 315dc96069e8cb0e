internal import Glibc
public import NetlinkMessages

/// Something that happened to the interfaces or addresses of a namespace.
public enum NetworkNews: Hashable, Sendable {
    /// An interface appeared or changed.
    case link(Link)
    case linkGone(Link)
    /// An IPv4 address was added.
    case address(AssignedAddress)
    case addressGone(AssignedAddress)
    /// News were lost (the socket's buffer was full): look at everything again.
    case resynchronise
}

/// Listens to changes of interfaces and IPv4 addresses in the namespace of the thread that opened it.
///
/// Who may call: one thread at a time. Poll `descriptor` for reading, then call `receive` until it returns nothing.
/// Closing happens when the value is dropped; nothing else wakes a poll.
public struct NetlinkMonitor: ~Copyable {
    private let socket: LibnlSocket

    private static let operation = "listen to changes of interfaces"
    /// A burst of several hundred messages; a bridge with a thousand ports needs to resynchronise then and now.
    private static let bufferBytes: Int32 = 1 << 20

    public init() throws(NetlinkError) {
        // RTMGRP_LINK 1 and RTMGRP_IPV4_IFADDR 0x10, linux/rtnetlink.h.
        socket = try LibnlSocket(
            netlinkProtocol: NetlinkProtocol.route.number, groups: 0x1 | 0x10, operation: Self.operation)
        socket.setReceiveBuffer(bytes: Self.bufferBytes)
    }

    /// Readable when there is news. Valid until the monitor is dropped.
    public var descriptor: Int32 { socket.descriptor }

    /// Waits for news; false when the time is over. `-1` waits for ever.
    public func wait(milliseconds: Int32) throws(NetlinkError) -> Bool {
        try socket.waitReadable(milliseconds: milliseconds, operation: Self.operation)
    }

    /// What has happened since the last call; empty if nothing. Never blocks.
    public func receive() throws(NetlinkError) -> [NetworkNews] {
        var news: [NetworkNews] = []
        try socket.drain(operation: Self.operation) { (datagram) throws(NetlinkMessageError) in
            guard let datagram else { return news.append(.resynchronise) }
            news += try Self.news(in: datagram)
        }
        return news
    }

    /// Reads a datagram of notifications; other kinds of messages are skipped.
    package static func news(in datagram: [UInt8]) throws(NetlinkMessageError) -> [NetworkNews] {
        var news: [NetworkNews] = []
        for message in try NetlinkMessage.messages(in: datagram) {
            switch message.header.type {
            case .newLink, .deleteLink:
                let link = try Link(message)
                // About a port as such; the change itself is told once more as an ordinary link.
                guard link.family != .bridge else { continue }
                news.append(message.header.type == .newLink ? .link(link) : .linkGone(link))
            case .newAddress: news.append(.address(try AssignedAddress(message)))
            case .deleteAddress: news.append(.addressGone(try AssignedAddress(message)))
            case .overrun: news.append(.resynchronise)
            default: continue
            }
        }
        return news
    }
}
