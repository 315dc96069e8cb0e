@testable import DataPlane
import Mesh
import Overlay
import Sleeve
import Testing
import Wire

/// Hosts joined by links, routed as the mesh routes them: each computes its tables from the same records.
final class HostMesh {
    typealias Link = (Int, Int)

    /// Numbered from 1; their names ascend.
    private let all: [Host]
    private(set) var links: [Link]

    /// `options` is asked for each link.
    init(_ count: Int, _ links: [Link], _ options: (Link) -> Pair.Options = { _ in Pair.Options() }) throws {
        all = try (1...count).map { try Host($0, maximumPeers: count) }
        self.links = links
        for link in links {
            let own = options(link)
            for (from, to) in [link, (link.1, link.0)] {
                try self[from].connect(to: self[to], key: own.key, path: own.path)
            }
        }
        route(links)
    }

    static func line(_ count: Int) -> [Link] { (1..<count).map { ($0, $0 + 1) } }
    static func ring(_ count: Int) -> [Link] { line(count) + [(1, count)] }

    subscript(number: Int) -> Host { all[number - 1] }
    var numbers: ClosedRange<Int> { 1...all.count }

    /// Routes over these links; `of` are the hosts that know of it, all if nil.
    func route(_ links: [Link], of knowing: [Int]? = nil) {
        self.links = links
        var records: [PeerName: PeerRecord] = [:]
        for number in numbers {
            let others = links.compactMap { $0.0 == number ? $0.1 : $0.1 == number ? $0.0 : nil }
            records[Host.name(number)] = PeerRecord(
                name: Host.name(number), nickname: "", uid: 1, version: 1, shortID: nil,
                connections: others.map {
                    ConnectionRecord(remote: Host.name($0), address: "", isOutbound: true, isEstablished: true)
                })
        }
        for number in knowing ?? Array(numbers) {
            let host = self[number]
            let tables = RouteTables(ownName: host.name, records: records)
            let data = DataRoutes(tables)
            host.plane.publish(
                .build(
                    ownName: host.name, knownPeers: tables.knownPeers, unicast: tables.unicast,
                    firstHops: data.firstHops, broadcast: data.broadcast, neighbours: host.slots))
        }
    }

    /// Carries everything until nothing moves; false if that does not end.
    @discardableResult
    func carry(at second: Int64 = 100) -> Bool {
        for _ in 0..<10_000 where all.reduce(0, { $0 + $1.carry(at: second) }) == 0 { return true }
        return false
    }

    /// One number of counters, over all hosts.
    func total(_ counter: String) -> UInt64 { all.reduce(0) { $0 + $1.plane.counters().value(counter) } }

    /// A small broadcast of a container on this host, which tells everybody where that is.
    static func hello(_ number: Int) -> ModelFrame {
        ModelFrame(bytes: [UInt8](repeating: 0xff, count: 6) + container(number) + [0x90, 0, 1, 2, 3, 4])
    }

    /// The address of the container on a host.
    static func container(_ number: Int) -> [UInt8] { [0x02, 0xdd, 0, 0, 0, UInt8(number)] }

    /// Lets all know where the container of a host is, and takes what arrives by it.
    func teach(_ number: Int) throws {
        try #require(self[number].port.write(HostMesh.hello(number)))
        try #require(carry())
        for host in all { host.port.drain() }
    }

    /// What each host's bridge was given since.
    func readAll() -> [Int: [ModelFrame]] {
        Dictionary(uniqueKeysWithValues: numbers.map { ($0, self[$0].port.readAll()) })
    }
}

extension RandomFrames {
    /// A UDP super-frame with DF of `count` datagrams with `size` bytes each, from and to these addresses.
    static func superFrame(_ count: Int, of size: Int, from: [UInt8], to: [UInt8], salt: Int = 0) -> ModelFrame {
        var frame = ModelFrame(bytes: datagram(bytes: count * size, salt))
        frame.bytes.replaceSubrange(0..<12, with: to + from)
        frame.leaveUnfinished()
        frame.kind = 5
        frame.segmentBytes = size
        return frame
    }
}
