import Mesh
import Wire

/// Faults: drawn when they happen, among those that make sense then, each with its repair.
extension World {
    private static let pause: ClosedRange<Duration> = .milliseconds(100) ... .seconds(3)

    /// Injects so many faults from now on.
    mutating func beginFaults(_ count: Int) {
        guard !options.faults.isEmpty, count > 0 else { return }
        faults.left = count
        queue.post(.fault, at: now + faultRandom.duration(World.pause))
    }

    mutating func injectFault() {
        let kinds = FaultKind.allCases.filter { options.faults.contains($0) }
        faults.left -= 1
        if faults.left > 0 {
            queue.post(.fault, at: now + faultRandom.duration(World.pause))
        } else {
            // Mostly all is repaired while nobody has noticed half of it; sometimes everybody has had to give up first.
            queue.post(
                .peace,
                at: now + faultRandom.duration(faultRandom.chance(0.1) ? .seconds(60) ... .seconds(70) : World.pause))
        }
        guard let kind = kinds.randomElement(using: &faultRandom), let text = inject(kind) else { return }
        faults.injected[kind, default: 0] += 1
        faults.log.append("\(World.seconds(now)) \(kind.rawValue): \(text)")
    }

    /// Most are short; some last longer than any patience.
    private mutating func faultDuration() -> Duration {
        faultRandom.chance(0.15)
            ? faultRandom.duration(.seconds(55) ... .seconds(90))
            : faultRandom.duration(.milliseconds(100) ... .seconds(15))
    }

    private mutating func schedule(_ repair: Repair, after delay: Duration) {
        faults.repairs += 1
        faults.pending[faults.repairs] = repair
        queue.post(.repair(faults.repairs), at: now + delay)
    }

    /// Does it; nil if there is nobody to whom it can happen.
    private mutating func inject(_ kind: FaultKind) -> String? {
        switch kind {
        case .cut, .oneWay, .tcp, .udp: return block(kind)
        case .restart, .crash:
            guard let peer = someone() else { return nil }
            kill(peer, losesPower: kind == .crash)
            schedule(.start(peer), after: faultDuration())
            return "host \(peer), \(peers[peer].name)"
        case .kill:
            guard faults.killed < max(1, options.peers / 10), let peer = someone(), peer > 1 else { return nil }
            faults.killed += 1
            peers[peer].isGone = true
            kill(peer)
            return "host \(peer)"
        case .stall:
            guard let peer = someone(), peers[peer].isReading else { return nil }
            peers[peer].isReading = false
            schedule(.resume(peer), after: faultDuration())
            return "host \(peer)"
        case .partition:
            guard !faults.isPartitioned, faults.fixedIslands.isEmpty else { return nil }
            faults.isPartitioned = true
            underlay.setIslands(peers.indices.map { _ in 1 + Int(faultRandom.next() % 2) })
            schedule(.join, after: faultDuration())
            return "in two"
        case .clash: return clash()
        case .join: return join()
        }
    }

    private mutating func block(_ kind: FaultKind) -> String? {
        guard let (from, to) = someConnection() else { return nil }
        let traffic: Underlay.Traffic = kind == .tcp ? .tcp : kind == .udp ? .udp : .all
        let isOneWay = kind == .oneWay || kind != .cut && faultRandom.chance(0.5)
        let delay = faultDuration()
        underlay.block(traffic, from: from, to: to)
        schedule(.unblock(traffic, from: from, to: to), after: delay)
        if !isOneWay {
            underlay.block(traffic, from: to, to: from)
            schedule(.unblock(traffic, from: to, to: from), after: delay)
        }
        return "\(from) \(isOneWay ? "→" : "↔") \(to) for \(delay)"
    }

    private mutating func clash() -> String? {
        guard faults.clash == nil, faults.fixedIslands.isEmpty, !faults.isPartitioned, let victim = someone(),
            let friend = someone(), friend != victim
        else { return nil }
        faults.clash = victim
        let number = addLate(name: peers[victim].name, targets: [friend])
        schedule(.remove(number), after: faultDuration())
        return "host \(number) is called like host \(victim)"
    }

    private mutating func join() -> String? {
        guard faults.fixedIslands.isEmpty, !faults.isPartitioned, let friend = someone() else { return nil }
        let number = addLate(name: Plan.name(peers.count), targets: [friend])
        return "host \(number) connects to host \(friend)"
    }

    /// A host that was not planned. Returns its number.
    mutating func addLate(name: PeerName, targets: [Int]) -> Int {
        let number = peers.count
        let like = peers[0].member
        let member = Plan.Member(
            name: name, isOriginal: faultRandom.chance(options.originals), targets: targets,
            discovery: like.discovery, password: like.password, startsAfter: .zero)
        if !faults.fixedIslands.isEmpty {
            // It lives where its first target does.
            faults.fixedIslands.append(faults.fixedIslands[targets.first ?? 0])
            underlay.setIslands(faults.fixedIslands)
        }
        var random = faultRandom.fork()
        add(member, using: &random)
        return number
    }

    /// Repairs everything that is left, at once.
    mutating func endFaults() {
        for number in faults.pending.keys.sorted() { repair(number) }
        // Even if all was repaired before: what follows is measured from here.
        faults.lastRepair = now
        faults.isOver = true
    }

    mutating func repair(_ number: Int) {
        guard let repair = faults.pending.removeValue(forKey: number) else { return }
        faults.lastRepair = now
        faults.log.append("\(World.seconds(now)) repaired: \(repair)")
        switch repair {
        case .unblock(let traffic, let from, let to):
            underlay.unblock(traffic, from: from, to: to)
            wakeHeldStreams(of: from)
            wakeHeldStreams(of: to)
        case .join:
            faults.isPartitioned = false
            underlay.setIslands(faults.fixedIslands)
            for peer in peers.indices { wakeHeldStreams(of: peer) }
        case .start(let peer): start(peer)
        case .resume(let peer):
            peers[peer].isReading = true
            wakeHeldStreams(of: peer)
        case .remove(let peer):
            peers[peer].isGone = true
            kill(peer)
            faults.clash = nil
        }
    }

    /// A peer that runs.
    private mutating func someone() -> Int? {
        peers.indices.filter { peers[$0].isUp }.randomElement(using: &faultRandom)
    }

    /// Two hosts, mostly with a connection between them.
    private mutating func someConnection() -> (Int, Int)? {
        guard let from = someone() else { return nil }
        if faultRandom.chance(0.8) {
            guard let link = peers[from].sockets.keys.sorted().randomElement(using: &faultRandom),
                let socket = peers[from].sockets[link]
            else { return nil }
            return (from, streams[socket.stream][socket.side.other].peer)
        }
        guard let to = someone(), to != from else { return nil }
        return (from, to)
    }
}
