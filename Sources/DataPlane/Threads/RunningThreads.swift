import PacketIO

/// The threads of a started data plane.
final class RunningThreads: Sendable {
    private let first: PacketThread
    private let second: PacketThread?

    init(_ loop: PacketLoop, usesSecond: Bool) throws(SystemError) {
        let second = usesSecond ? try PacketThread(name: "weft-receipt") { loop.runSecond() } : nil
        do throws(SystemError) {
            first = try PacketThread(name: "weft-packets") { loop.runFirst() }
        } catch {
            loop.stop()
            second?.join()
            throw error
        }
        self.second = second
    }

    /// Waits for both; call once, after `PacketLoop.stop`.
    func join() {
        first.join()
        second?.join()
    }
}
