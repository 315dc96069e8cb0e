import Mesh
import TestSupport
import Wire

/// Records of a mesh that changes at random: what a peer's table goes through, without the gossip.
struct ChangingMesh {
    private(set) var records: [PeerName: PeerRecord] = [:]
    private(set) var random: SeededGenerator
    private var newest = 0

    static func name(_ number: Int) -> PeerName {
        // Names in another order than that of their making.
        PeerName(rawValue: 0x0200_0000_0000 | UInt64(number &* 40_503 & 0xffff) << 8 | 1) ?? .unknown
    }

    /// A mesh in which every pair is joined with this chance, in percent.
    init(seed: UInt64, peers: Int, percent: Int) {
        random = SeededGenerator(seed: seed)
        for _ in 0..<peers { addPeer() }
        let names = self.names
        for (index, a) in names.enumerated() {
            for b in names.dropFirst(index + 1) where Int.random(in: 0..<100, using: &random) < percent {
                join(a, b)
            }
        }
    }

    /// A connected mesh of random trees, laid over each other: an average degree of about twice their number.
    init(seed: UInt64, peers: Int, trees: Int) {
        random = SeededGenerator(seed: seed)
        for _ in 0..<peers { addPeer() }
        for _ in 0..<trees {
            let names = names.shuffled(using: &random)
            for index in 1..<peers { join(names[index], names[Int.random(in: 0..<index, using: &random)]) }
        }
    }

    var names: [PeerName] { records.keys.sorted() }

    mutating func someone() -> PeerName { names.randomElement(using: &random) ?? .unknown }

    mutating func addPeer() {
        newest += 1
        let name = ChangingMesh.name(newest)
        records[name] = PeerRecord(name: name, nickname: "", uid: 1, version: 1, shortID: nil)
    }

    /// A peer with a link to another.
    mutating func add(_ name: PeerName, beside other: PeerName) {
        records[name] = PeerRecord(name: name, nickname: "", uid: 1, version: 1, shortID: nil)
        join(name, other)
    }

    mutating func removePeer(_ name: PeerName) { records[name] = nil }

    /// Both ends list the other.
    mutating func join(_ a: PeerName, _ b: PeerName, isEstablished: Bool = true) {
        list(b, at: a, isEstablished: isEstablished)
        list(a, at: b, isEstablished: isEstablished)
    }

    mutating func part(_ a: PeerName, _ b: PeerName) {
        unlist(b, at: a)
        unlist(a, at: b)
    }

    mutating func list(_ remote: PeerName, at owner: PeerName, isEstablished: Bool) {
        guard owner != remote, let record = records[owner] else { return }
        let entry = ConnectionRecord(
            remote: remote, address: "10.0.0.1:6783", isOutbound: true, isEstablished: isEstablished)
        records[owner]?.setConnections(record.connections + [entry])
    }

    mutating func unlist(_ remote: PeerName, at owner: PeerName) {
        guard let record = records[owner] else { return }
        records[owner]?.setConnections(record.connections.filter { $0.remote != remote })
    }

    /// One of the things that happen. `own` stays.
    mutating func change(keeping own: PeerName) {
        let (a, b) = (someone(), someone())
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<7: join(a, b)
        case 7..<12: part(a, b)
        case 12: list(b, at: a, isEstablished: Bool.random(using: &random))
        case 13: unlist(b, at: a)
        case 14: join(a, b, isEstablished: false)
        case 15: join(own, b)
        case 16: part(own, b)
        case 17:
            addPeer()
            join(ChangingMesh.name(newest), a)
        case 18 where a != own: removePeer(a)
        default: records[a]?.version += 1
        }
    }
}
