@testable import DataPlane
import Overlay
import PacketIO
import Sleeve
import Synchronization
import Wire

/// A data plane without threads, on loopback, whose port the test holds: one host of a test.
final class Host {
    let name: PeerName
    let address: IPv4Address
    let port = StandInPort()
    let plane: DataPlane
    let news = NewsLog()
    private(set) var slots: [PeerName: PeerSlot] = [:]

    final class NewsLog: Sendable {
        private let list = Mutex<[DataPlaneNews]>([])
        func append(_ news: DataPlaneNews) { list.withLock { $0.append(news) } }
        var all: [DataPlaneNews] { list.withLock { $0 } }
    }

    init(
        _ number: Int, disabled: Set<PacketFacility.Kind> = [], maximumPeers: Int = 8, address: IPv4Address? = nil
    ) throws {
        name = Host.name(number)
        self.address = address ?? IPv4Address(rawValue: 0x7f00_0000 + UInt32(number))
        let news = news
        plane = try DataPlane(
            DataPlaneConfiguration(
                ownName: name, bindAddress: self.address, port: PortNumber(rawValue: 0), disabled: disabled,
                maximumPeers: maximumPeers),
            on: port.port(offloads: !disabled.contains(.tapOffloads))
        ) { news.append($0) }
    }

    static func name(_ number: Int) -> PeerName {
        PeerName(rawValue: 0x0200_0000_0a00 + UInt64(number)) ?? .unknown
    }

    var endpoint: Endpoint { Endpoint(.v4(address), plane.port) }

    /// Opens a slot towards another host, which knows its own side of it by `isOutbound` being the other way round.
    @discardableResult
    func connect(to other: Host, key: [UInt8]?, path: SleevePath, localAddress: Bool = false) throws -> PeerSlot {
        let slot = try plane.openSlot(
            SlotConfiguration(
                remoteName: other.name, sessionKey: key, isOutbound: name < other.name,
                localAddress: localAddress ? address : nil))
        plane.setRemote(slot, other.endpoint)
        plane.setPath(slot, path)
        slots[other.name] = slot
        return slot
    }

    /// Publishes routes: destination to next hop, and source to the neighbours that get its broadcasts.
    func publish(unicast: [PeerName: PeerName], broadcast: [PeerName: [PeerName]]) {
        let known = Set(unicast.keys).union(unicast.values).union(broadcast.keys).union([name])
        plane.publish(
            ForwardingSnapshot(
                ownName: name, knownPeers: known, neighbours: slots, unicast: unicast, broadcast: broadcast))
    }

    /// Carries everything that waits in both directions. Returns how much there was.
    @discardableResult
    func carry(at second: Int64 = 100) -> Int {
        var rounds = 0
        let now = second * 1_000_000_000
        while true {
            let before = plane.counters().value("frames-captured")
            _ = plane.loop.carryToPeers(at: now)
            let captured = Int(plane.counters().value("frames-captured") - before)
            let received = plane.loop.carryToBridge(at: now)
            if captured + received == 0 { return rounds }
            rounds += captured + received
        }
    }

    func dropped(_ name: String) -> UInt64 { plane.counters().value("dropped-" + name) }
}

/// Two hosts that know each other.
struct Pair {
    let first: Host
    let second: Host

    struct Options {
        var disabled: Set<PacketFacility.Kind> = []
        var isSealed = false
        var underlayMTU = 1_500
        var carriesFragments = false

        var path: SleevePath {
            SleevePath(
                mtu: underlayMTU - SleeveLayout.overhead(isSealed: isSealed), maximumPayload: underlayMTU - 28,
                carriesFragments: carriesFragments, isVerified: true)
        }
        var key: [UInt8]? { isSealed ? (0..<32).map { UInt8($0 * 7) } : nil }
    }

    init(_ options: Options = Options()) throws {
        first = try Host(1, disabled: options.disabled)
        second = try Host(2, disabled: options.disabled)
        try first.connect(to: second, key: options.key, path: options.path)
        try second.connect(to: first, key: options.key, path: options.path)
        first.publish(unicast: [second.name: second.name], broadcast: [first.name: [second.name]])
        second.publish(unicast: [first.name: first.name], broadcast: [second.name: [first.name]])
    }

    /// Carries everything until nothing moves.
    func carry() {
        while first.carry() + second.carry() > 0 {}
    }
}
