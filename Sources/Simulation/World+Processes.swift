import Mesh
import Wire

/// Processes: they start, are killed, and start again.
extension World {
    mutating func add(_ member: Plan.Member, using random: inout SeededRandom) {
        let number = peers.count
        var peer = SimulatedPeer(
            number: number, endpoint: World.endpoint(number), member: member,
            router: router(for: member, number: number, using: &random))
        peer.isUp = false
        peers.append(peer)
        queue.post(.start(peer: number), at: now + member.startsAfter)
    }

    static func endpoint(_ number: Int) -> Endpoint {
        Endpoint(.v4(IPv4Address(rawValue: 0x0a00_0001 + UInt32(number))), .mesh)
    }

    private func router(for member: Plan.Member, number: Int, using random: inout SeededRandom) -> MeshRouter {
        let configuration = MeshConfiguration(
            name: member.name, nickname: (member.isOriginal ? "original-" : "host-") + "\(number)",
            uid: random.next() | 1, password: member.password, discovery: member.discovery, connectionLimit: 0,
            extensions: member.isOriginal ? [] : MeshExtension.withoutFastDatapath)
        return MeshRouter(
            configuration: configuration, cryptography: PretendedCryptography(), random: random.fork(), at: now)
    }

    /// A fresh process: what it remembers is what the one before had written down.
    mutating func start(_ number: Int) {
        guard !peers[number].isUp, !peers[number].isGone else { return }
        let isRestart = peers[number].incarnation > 0
        peers[number].isUp = true
        peers[number].isPowered = true
        peers[number].isReading = true
        peers[number].incarnation += 1
        peers[number].isSnapshotStale = true
        var random = networkRandom.fork()
        peers[number].router = router(for: peers[number].member, number: number, using: &random)
        handle(.start, at: number)
        if isRestart, !peers[number].remembered.isEmpty { handle(.recall(peers[number].remembered), at: number) }
        let targets = peers[number].member.targets.compactMap { target in
            Target(text: "\(World.endpoint(target).address)")
        }
        if !targets.isEmpty { handle(.connect(targets, replace: false), at: number) }
        faults.lastStart = now
    }

    /// The process is gone. Its kernel resets its connections, unless it has lost its power too.
    mutating func kill(_ number: Int, losesPower: Bool = false) {
        guard peers[number].isUp else { return }
        peers[number].isUp = false
        peers[number].wakeAt = nil
        peers[number].isPowered = !losesPower
        for link in peers[number].sockets.keys.sorted() {
            if losesPower {
                guard let socket = peers[number].sockets.removeValue(forKey: link) else { continue }
                streams[socket.stream][socket.side].isOpen = false
            } else {
                close(link, at: number)
            }
        }
        peers[number].dials = []
        peers[number].overlays = SlotTable()
        peers[number].linkOfNeighbour = [:]
        peers[number].freeSlots = []
        peers[number].nextSlot = 0
    }

    /// What is held towards or from this host may flow again.
    mutating func wakeHeldStreams(of number: Int) {
        for link in peers[number].sockets.keys.sorted() {
            guard let socket = peers[number].sockets[link] else { continue }
            wakeHeld(socket.stream, toward: socket.side)
            wakeHeld(socket.stream, toward: socket.side.other)
        }
    }
}
