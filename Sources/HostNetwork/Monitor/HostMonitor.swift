internal import Netlink
internal import Synchronization

/// Tells when something has changed on the host: an interface or an IPv4 address of its namespace.
///
/// It says only that, not what: whoever is told looks at what matters to it. It should change only what is not as
/// wanted, since its own changes are news, too; `ensureBridge` is even if the bridge was as wanted.
public final class HostMonitor: Sendable {
    private let stopping: StopEvent
    private let thread: UInt
    private let isJoined = Mutex(false)

    /// Starts listening, with a thread of its own.
    ///
    /// - Parameters:
    ///   - host: the namespace that plays the host; by default that of the calling thread.
    ///   - onChange: called on the monitor's thread, 200 ms after the first of some changes, so at most five times a
    ///     second. A change that comes while it runs leads to another call. It may block; meanwhile the kernel keeps
    ///     news, and lost news count as a change.
    public init(
        host: NamespaceReference? = nil, onChange: @escaping @Sendable () -> Void
    ) throws(HostNetworkError) {
        let namespace: NamespaceDescriptor
        if let host { namespace = try host.open() } else { namespace = try NamespaceDescriptor.current() }
        let stopping = try StopEvent()
        let watch = HostWatch(try NetlinkMonitor.open(in: namespace), stopping, onChange)
        do {
            thread = try SystemCalls.startThread(name: "host-monitor") { watch.run() }
        } catch {
            throw HostNetworkError(error, "changes of the host")
        }
        self.stopping = stopping
    }

    /// Ends the thread and waits for it, also for a call of `onChange` that is under way; there is none afterwards.
    /// Harmless when repeated. Within `onChange` it does not wait: that call is the last.
    public func stop() {
        stopping.signal()
        if SystemCalls.isCurrent(thread) { return }
        isJoined.withLock { isJoined in
            if !isJoined { SystemCalls.join(thread) }
            isJoined = true
        }
    }

    deinit {
        // Once joined, the thread's number may be another's.
        guard !isJoined.withLock({ $0 }) else { return }
        stop()
        // The last reference may go within `onChange`: a thread cannot wait for itself.
        if SystemCalls.isCurrent(thread) { SystemCalls.detach(thread) }
    }
}

extension NetlinkMonitor {
    /// A monitor of that namespace, whichever thread uses it.
    static func open(in namespace: borrowing NamespaceDescriptor) throws(HostNetworkError) -> NetlinkMonitor {
        try inNamespace(namespace) { () throws(HostNetworkError) -> NetlinkMonitor in
            do throws(NetlinkError) {
                return try NetlinkMonitor()
            } catch {
                throw HostNetworkError(error, "rtnetlink")
            }
        }
    }
}
