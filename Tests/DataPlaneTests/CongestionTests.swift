@testable import DataPlane
import Overlay
import PacketIO
import Sleeve
import Synchronization
import TestSupport
import Testing
import Wire

/// A relay whose next link is slow, in a namespace of its own; needs root, like `CaptureTests`.
@Suite("a relay in front of a slow link")
struct CongestionTests {
    private struct Hosts: Sendable {
        // Unchecked: made by one thread, used by another that has waited for it.
        nonisolated(unsafe) let source: Host
        nonisolated(unsafe) let relay: Host
    }

    @Test("what a slow link does not take is dropped soon, and heartbeats of other neighbours are received")
    func slowLink() throws {
        let made = Mutex<Hosts?>(nil)
        let namespace = try PrivateNamespace {
            for command in [
                "ip link set lo up", "ip link add weft-a type veth peer name weft-b",
                "ip addr add 10.9.0.1/24 dev weft-a", "ip link set weft-a up", "ip link set weft-b up",
                "ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev weft-a nud permanent",
                "tc qdisc add dev weft-a root tbf rate 1mbit burst 16k limit 100m",
            ] { try PrivateNamespace.run(command) }
            let own = IPv4Address(rawValue: 0x0a09_0001)
            let hosts = try Hosts(source: Host(1, address: own), relay: Host(2, address: own))
            made.withLock { $0 = hosts }
        }
        defer { withExtendedLifetime(namespace) {} }
        let hosts = try #require(made.withLock { $0 })
        let (source, relay) = (hosts.source, hosts.relay)
        let path = Pair.Options().path
        try source.connect(to: relay, key: nil, path: path)
        try relay.connect(to: source, key: nil, path: path)
        let far = Host.name(3)
        let slow = try relay.plane.openSlot(SlotConfiguration(remoteName: far, sessionKey: nil, isOutbound: true))
        relay.plane.setRemote(
            slow, Endpoint(.v4(IPv4Address(rawValue: 0x0a09_0002)), PortNumber(rawValue: 6_783)))
        relay.plane.setPath(slow, path)
        relay.plane.publish(
            ForwardingSnapshot(
                ownName: relay.name, knownPeers: [source.name, relay.name, far],
                neighbours: relay.slots.merging([far: slow]) { $1 }, unicast: [far: far], broadcast: [:]))
        source.publish(unicast: [far: relay.name, relay.name: relay.name], broadcast: [source.name: [relay.name]])
        // The container is behind the far host: its record says so.
        source.plane.teach(HostMesh.container(3), at: far)

        let frame = RandomFrames.superFrame(
            44, of: 1_380, from: HostMesh.container(1), to: HostMesh.container(3)
        ).encoded
        let start = PacketClock.nanoseconds
        for _ in 0..<60 {
            try #require(source.port.write(encoded: frame))
            source.carry()
            relay.carry()
        }
        let seconds = Double(PacketClock.nanoseconds - start) / 1e9
        // 3.7 MB: half a minute at the speed of the link.
        #expect(seconds < 10, "\(seconds) s")
        #expect(relay.dropped("congested") > 44 * 20)
        let counters = try #require(relay.plane.slotCounters(slow))
        #expect(counters.droppedSending == relay.dropped("congested"))
        // Some of it has gone out.
        #expect(counters.datagramsSent == 60 * 44 && counters.droppedSending < 60 * 44)
        let slot = try #require(source.slots[relay.name])
        #expect(source.plane.send(.heartbeat(connectionUID: 5), on: slot) == .sent)
        relay.carry()
        #expect(relay.news.all.count == 1)
    }
}

extension DataPlane {
    /// Notes where an address is, as a frame would.
    fileprivate func teach(_ address: [UInt8], at peer: PeerName) {
        let number = address.reduce(0) { $0 << 8 | UInt64($1) }
        shared.learn(number, at: peer.rawValue, second: 100, budget: shared.localBudget)
    }
}
