internal import Netlink

/// The work of a monitor's thread. Unchecked: only that thread uses the socket; the thread that makes this hands it over.
final class HostWatch: @unchecked Sendable {
    private let news: NetlinkMonitor
    private let stopping: StopEvent
    private let onChange: @Sendable () -> Void

    /// Chosen: a program that sets up a container changes a dozen things within a few milliseconds, and a person does
    /// not notice the delay.
    private static let collectingMilliseconds: CInt = 200
    /// So that a flood cannot keep the thread from calling; the rest leads to another call. The socket's buffer holds
    /// fewer datagrams than this many rounds read.
    private static let roundsPerCall = 64

    init(_ news: consuming NetlinkMonitor, _ stopping: StopEvent, _ onChange: @escaping @Sendable () -> Void) {
        self.news = news
        self.stopping = stopping
        self.onChange = onChange
    }

    /// Returns when the event is signalled. Blocks in poll while nothing happens.
    func run() {
        while true {
            let ready = SystemCalls.waitReadable(stopping.descriptor, news.descriptor, milliseconds: -1)
            if ready.first { return }
            guard ready.second else { continue }
            // News collect in the socket meanwhile. The pause also bounds how often a failing socket is asked.
            if SystemCalls.waitReadable(stopping.descriptor, -1, milliseconds: Self.collectingMilliseconds).first {
                return
            }
            // Read before the call: what happens during the call is news again.
            if readAll() { onChange() }
        }
    }

    /// Reads all news. False if there was nothing but news about other things.
    private func readAll() -> Bool {
        var isChanged = false
        for _ in 0..<Self.roundsPerCall {
            do {
                guard try news.wait(milliseconds: 0) else { break }
                if try !news.receive().isEmpty { isChanged = true }
            } catch {
                // News that cannot be read may have been of a change.
                isChanged = true
            }
        }
        return isChanged
    }
}

/// An event that ends a thread's waiting for good. Any thread may signal it.
final class StopEvent: Sendable {
    /// Readable once it is signalled. Valid as long as this.
    let descriptor: CInt

    init() throws(HostNetworkError) {
        do {
            descriptor = try SystemCalls.makeEvent()
        } catch {
            throw HostNetworkError(error, "changes of the host")
        }
    }

    deinit {
        SystemCalls.close(descriptor)
    }

    func signal() {
        SystemCalls.signalEvent(descriptor)
    }
}
