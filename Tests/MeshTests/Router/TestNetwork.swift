import Mesh
import Sealing
import TestSupport
import Wire

/// Routers joined in memory, with one seeded generator and no clock but its own: bytes arrive in order, in pieces of
/// random size, after random delays. The overlay of a connection works some milliseconds after it was confirmed.
final class TestNetwork {
    struct Node {
        var router: MeshRouter
        let endpoint: Endpoint
        var wakeAt: MonotonicInstant?
        var accepted: UInt64 = 0
        var dials = 0
        var remembered: [String] = []
        var neighbours: [PeerAddress] = []
        var removed: [PeerName] = []
        var notes: [MeshNote] = []
        var closeReasons: [String] = []
        var overlays: [LinkID: OverlayConnection] = [:]
        var isUp = true
    }
    private struct End: Hashable {
        let node: Int
        let link: LinkID
    }
    private struct Arrival {
        let end: End
        let event: MeshEvent
    }

    private(set) var nodes: [Node] = []
    private(set) var now = MonotonicInstant(nanoseconds: 1_000_000_000)
    private var random: SeededGenerator
    /// By the order of posting, which is also the key of its instant in `schedule`.
    private var arrivals: [Int: Arrival] = [:]
    private var schedule = TimerQueue<Int>()
    private var order = 0
    private var otherEnd: [End: End] = [:]
    private var lastArrival: [End: MonotonicInstant] = [:]
    /// Connections that swallow what is sent on them from now on.
    private var isFrozen = false

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    /// Adds a router named `02:00:00:00:00:nn` at `10.0.0.nn`, started.
    @discardableResult
    func add(
        _ number: UInt8, name: UInt8? = nil, uid: UInt64? = nil, connect targets: [String] = [],
        change: (inout MeshConfiguration) -> Void = { _ in }
    ) -> Int {
        let endpoint = Endpoint(.v4(IPv4Address(rawValue: 0x0a00_0000 + UInt32(number))), .mesh)
        nodes.append(
            Node(router: router(name ?? number, uid: uid ?? random.next(), change: change), endpoint: endpoint))
        let node = nodes.count - 1
        handle(.connect(targets.compactMap { Target(text: $0) }, replace: false), at: node)
        handle(.start, at: node)
        return node
    }

    private func router(_ name: UInt8, uid: UInt64, change: (inout MeshConfiguration) -> Void) -> MeshRouter {
        var configuration = MeshConfiguration(
            name: TestNetwork.name(name), nickname: "node-\(name)", uid: uid, discovery: false)
        change(&configuration)
        return MeshRouter(
            configuration: configuration, cryptography: SodiumCryptography(),
            random: SeededGenerator(seed: random.next()), at: now)
    }

    static func name(_ number: UInt8) -> PeerName {
        PeerName(rawValue: 0x0200_0000_0000 + UInt64(number)) ?? .unknown
    }

    /// The process dies without a word; the kernel resets its connections.
    func kill(_ node: Int) {
        for connection in nodes[node].router.connections() { hangUp(End(node: node, link: connection.link)) }
        nodes[node].isUp = false
        nodes[node].wakeAt = nil
    }

    /// A fresh process with the same name at the same address.
    func restart(
        _ node: Int, name: UInt8, connect targets: [String], recalling neighbours: [PeerAddress] = [],
        change: (inout MeshConfiguration) -> Void = { _ in }
    ) {
        nodes[node].router = router(name, uid: random.next(), change: change)
        nodes[node].isUp = true
        nodes[node].accepted += 1_000
        if !neighbours.isEmpty { handle(.recall(neighbours), at: node) }
        handle(.connect(targets.compactMap { Target(text: $0) }, replace: false), at: node)
        handle(.start, at: node)
    }

    /// The network resets a connection: both ends hear of it.
    func cut(_ link: LinkID, at node: Int) {
        hangUp(End(node: node, link: link))
        post(.closed(link, reason: "connection reset by peer"), to: End(node: node, link: link), after: .zero)
    }

    /// From now on nothing arrives, and nothing is taken off anyone's hands.
    func freeze() {
        isFrozen = true
        for order in arrivals.keys { schedule.cancel(order) }
        arrivals = [:]
    }

    func handle(_ event: MeshEvent, at index: Int) {
        guard nodes[index].isUp else { return }
        for effect in nodes[index].router.handle(event, at: now) { apply(effect, at: index) }
    }

    /// Runs for so long, in order of time.
    func run(for duration: Duration) {
        let end = now + duration
        while step(until: end) {}
        now = end
    }

    /// Runs until the condition holds; false if it does not in time.
    func run(atMost duration: Duration, until condition: () -> Bool) -> Bool {
        let end = now + duration
        var next = now
        while step(until: end) {
            guard now >= next else { continue }
            if condition() { return true }
            next = now + .milliseconds(1)
        }
        return condition()
    }

    private func step(until end: MonotonicInstant) -> Bool {
        let next = schedule.earliest()
        let waker = nodes.indices.filter { nodes[$0].wakeAt != nil }.min { wake($0) < wake($1) }
        if let next, waker.map({ next <= wake($0) }) ?? true {
            guard next <= end, let order = schedule.popDue(at: next) else { return false }
            now = max(now, next)
            if let arrival = arrivals.removeValue(forKey: order) { handle(arrival.event, at: arrival.end.node) }
            return true
        }
        guard let waker, wake(waker) <= end else { return false }
        now = max(now, wake(waker))
        nodes[waker].wakeAt = nil
        handle(.timer, at: waker)
        return true
    }

    private func wake(_ node: Int) -> MonotonicInstant {
        nodes[node].wakeAt ?? MonotonicInstant(nanoseconds: .max)
    }

    private func apply(_ effect: MeshEffect, at index: Int) {
        switch effect {
        case .dial(let link, let target): dial(End(node: index, link: link), target)
        case .send(let link, let bytes): send(bytes, from: End(node: index, link: link))
        case .close(let link, let reason):
            nodes[index].closeReasons.append(reason)
            hangUp(End(node: index, link: link))
        case .finish(let link, let reason):
            nodes[index].closeReasons.append(reason)
            finish(End(node: index, link: link))
        case .wake(let at): nodes[index].wakeAt = at
        case .prepareOverlay(let link, let overlay): nodes[index].overlays[link] = overlay
        case .confirmOverlay(let link):
            post(.overlay(link, .established), to: End(node: index, link: link), after: .milliseconds(5))
        case .stopOverlay(let link): nodes[index].overlays[link] = nil
        case .rememberTargets(let texts): nodes[index].remembered = texts
        case .rememberNeighbours(let neighbours): nodes[index].neighbours = neighbours
        case .peersRemoved(let names): nodes[index].removed += names
        case .note(let note): nodes[index].notes.append(note)
        case .overlayControl, .routesChanged: break
        }
    }

    private func dial(_ end: End, _ target: Target) {
        nodes[end.node].dials += 1
        let port = target.port ?? .mesh
        guard let address = IPAddress(text: target.host),
            let other = nodes.firstIndex(where: { $0.endpoint == Endpoint(address, port) && $0.isUp }), !isFrozen
        else {
            return post(.dialFailed(end.link, reason: "connection refused"), to: end, after: .milliseconds(1))
        }
        nodes[other].accepted += 1
        let remote = End(node: other, link: .accepted(nodes[other].accepted))
        otherEnd[end] = remote
        otherEnd[remote] = end
        let local = Endpoint(
            nodes[end.node].endpoint.address, PortNumber(rawValue: UInt16(40_000 + nodes[end.node].dials)))
        post(.dialled(end.link, local: local, remote: nodes[other].endpoint), to: end, after: .milliseconds(1))
        post(.accepted(remote.link, local: nodes[other].endpoint, remote: local), to: remote, after: .milliseconds(1))
    }

    private func send(_ bytes: [UInt8], from end: End) {
        guard !isFrozen, let other = otherEnd[end] else { return }
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...600, using: &random))
            rest = rest.dropFirst(piece.count)
            post(
                .received(other.link, Array(piece)), to: other,
                after: .microseconds(Int64.random(in: 1...900, using: &random)))
        }
        post(.drained(end.link), to: end, after: .milliseconds(2))
    }

    private func hangUp(_ end: End) {
        guard let other = otherEnd.removeValue(forKey: end) else { return }
        otherEnd[other] = nil
        for (order, arrival) in arrivals where arrival.end == end {
            arrivals[order] = nil
            schedule.cancel(order)
        }
        if !isFrozen {
            post(.closed(other.link, reason: "connection reset by peer"), to: other, after: .milliseconds(1))
        }
    }

    /// What was sent arrives first.
    private func finish(_ end: End) {
        guard let other = otherEnd.removeValue(forKey: end) else { return }
        otherEnd[other] = nil
        post(.closed(other.link, reason: "closed by the other side"), to: other, after: .milliseconds(1))
    }

    private func post(_ event: MeshEvent, to end: End, after delay: Duration) {
        order += 1
        let at = max(now + delay, lastArrival[end] ?? now)
        lastArrival[end] = at
        arrivals[order] = Arrival(end: end, event: event)
        schedule.set(order, at: at)
    }
}

extension TestNetwork {
    /// Whether these routers hold the same records, of exactly these peers, with every listed connection established.
    func agree(_ indices: [Int], connections: Int) -> Bool {
        let views = indices.map { nodes[$0].router.peers() }
        guard let first = views.first, first.count == indices.count else { return false }
        let edges = first.flatMap(\.connections)
        return views.allSatisfy { $0 == first } && edges.count == 2 * connections && edges.allSatisfy(\.isEstablished)
    }
}
