internal import CLinux
internal import Glibc
public import NetlinkMessages

/// Listens to changes of datapaths and vports in the namespace of the thread that opened it. Changes of flows are not
/// listened to: they are told one by one, and are our own.
///
/// Who may call: one thread at a time. Poll `descriptor` for reading, then call `receive` until it returns nothing.
/// Closing happens when the value is dropped; nothing else wakes a poll.
public struct OpenVSwitchEvents: ~Copyable {
    private let socket: LibnlSocket
    private let families: OpenVSwitchFamilies

    private static let operation = "listen to changes of vports"
    private static let bufferBytes: Int32 = 1 << 20

    public init(_ families: OpenVSwitchFamilies) throws(NetlinkError) {
        let socket = try LibnlSocket(
            netlinkProtocol: NetlinkProtocol.generic.number, groups: 0, operation: Self.operation)
        // Refused sizes leave the default, which works with more resynchronising.
        _ = weft_set_receive_buffer(socket.descriptor, Self.bufferBytes)
        if let group = families.vportGroup { try socket.join(group: group, operation: Self.operation) }
        if let group = families.datapathGroup { try socket.join(group: group, operation: Self.operation) }
        self.families = families
        self.socket = socket
    }

    /// Readable when there is news. Valid until the listener is dropped.
    public var descriptor: Int32 { socket.descriptor }

    /// Waits for news; false when the time is over. `-1` waits for ever.
    public func wait(milliseconds: Int32) throws(NetlinkError) -> Bool {
        try socket.waitReadable(milliseconds: milliseconds, operation: Self.operation)
    }

    /// What has happened since the last call; empty if nothing. Never blocks.
    public func receive() throws(NetlinkError) -> [OpenVSwitchNews] {
        var news: [OpenVSwitchNews] = []
        try socket.drain(operation: Self.operation) { (datagram) throws(NetlinkMessageError) in
            guard let datagram else { return news.append(.resynchronise) }
            news += try OpenVSwitchNews.read(datagram, families)
        }
        return news
    }
}
