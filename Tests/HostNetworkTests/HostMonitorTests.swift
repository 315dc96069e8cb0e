import Foundation
import HostNetwork
import Synchronization
import TestSupport
import Testing
import Wire

/// What a monitor's calls saw, one entry a call.
private final class Sightings<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])

    func add(_ value: Value) { values.withLock { $0.append(value) } }
    var all: [Value] { values.withLock { $0 } }
}

/// A monitor that its own call may stop or drop.
private final class Holder: Sendable {
    let monitor = Mutex<HostMonitor?>(nil)
}

extension HostNetworkSuite {
    @Suite struct HostMonitorTests {
        /// How many threads of monitors this process has.
        private func threads() -> Int {
            let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
            return tasks.filter {
                // try?: a thread may end between two looks.
                (try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)) == "host-monitor\n"
            }.count
        }

        @Test("a bridge that is set down, and one that is deleted, is noticed")
        func bridge() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let seen = Sightings<String>()
                let monitor = try HostMonitor(host: .name(lab.host)) {
                    let bridge = Result { try network.bridge() }
                    seen.add((try? bridge.get()).map { $0.map { $0.isUp ? "up" : "down" } ?? "none" } ?? "error")
                }
                try lab.ip(lab.host, "link", "set", "weave", "down")
                try await eventually("the call sees the bridge down") { seen.all.last == "down" }
                try lab.ip(lab.host, "link", "delete", "weave")
                try await eventually("the call sees no bridge") { seen.all.last == "none" }
                monitor.stop()
                #expect(threads() == 0)
                // Again, and by nobody's hand at the end.
                monitor.stop()
            }
        }

        @Test("an address that is added is noticed")
        func address() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let destination = try #require(IPAddress(text: "10.32.0.9"))
                let seen = Sightings<String>()
                let monitor = try HostMonitor(host: .name(lab.host)) {
                    // try?: without the address there is no way there.
                    seen.add((try? network.underlay(toward: destination))?.interface ?? "none")
                }
                defer { monitor.stop() }
                try lab.ip(lab.host, "addr", "add", "10.32.0.1/12", "dev", "weave")
                try await eventually("the call sees the way through the bridge") { seen.all.last == "weave" }
            }
        }

        @Test("many changes lead to at most five calls a second, and the last call sees the last change")
        func coalesced() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                _ = try network.ensureBridge(address: peerAddress, mtu: 1438)
                let seen = Sightings<Int>()
                let clock = ContinuousClock()
                let start = clock.now
                let monitor = try HostMonitor(host: .name(lab.host)) {
                    // try?: a bridge that cannot be read is no MTU.
                    seen.add((try? network.bridge())?.mtu ?? 0)
                }
                defer { monitor.stop() }
                for index in 0..<1500 { _ = try network.setMTU(1000 + index % 2) }
                _ = try network.setMTU(900)
                try await eventually("the last call sees the last change") { seen.all.last == 900 }
                let calls = seen.all.count
                #expect(calls <= Int((clock.now - start) / .milliseconds(200)))
            }
        }

        @Test("a monitor may be stopped within its call, and dropped there; its thread ends")
        func stoppedWithin() async throws {
            try await NamespaceLab.run { lab in
                let network = try lab.network()
                for isDropped in [false, true] {
                    let (holder, seen) = (Holder(), Sightings<Bool>())
                    let monitor = try HostMonitor(host: .name(lab.host)) {
                        if isDropped {
                            holder.monitor.withLock { $0 = nil }
                        } else {
                            holder.monitor.withLock { $0 }?.stop()
                        }
                        seen.add(true)
                    }
                    holder.monitor.withLock { $0 = monitor }
                    _ = consume monitor
                    _ = try network.ensureBridge(address: peerAddress, mtu: isDropped ? 1438 : 1400)
                    try await eventually("the thread has ended") { threads() == 0 }
                    #expect(seen.all == [true])
                    holder.monitor.withLock { $0 }?.stop()
                }
            }
        }

        @Test("a monitor that is dropped ends its thread")
        func dropped() async throws {
            try await NamespaceLab.run { lab in
                do {
                    let monitor = try HostMonitor(host: .name(lab.host)) {}
                    try await eventually("the thread has its name") { threads() == 1 }
                    withExtendedLifetime(monitor) {}
                }
                #expect(threads() == 0)
            }
        }

        @Test("without the namespace there is no monitor")
        func missing() throws {
            let error = try #require(throws: HostNetworkError.self) {
                try HostMonitor(host: .name("wefttest-absent")) {}
            }
            #expect(error.reason == .notFound)
        }
    }
}
