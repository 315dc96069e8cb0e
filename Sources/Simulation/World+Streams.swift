import Mesh
import Wire

/// A connection attempt on its way.
struct Knock: Sendable {
    let peer: Int
    let incarnation: UInt32
    let link: LinkID
    let target: Int
    var attempt = 0
}

/// TCP between the hosts.
extension World {
    /// The peer that lives at an address.
    func number(at address: IPAddress) -> Int? {
        guard let v4 = address.v4, v4.rawValue >> 24 == 10 else { return nil }
        let number = Int(v4.rawValue & 0xff_ffff) - 1
        return peers.indices.contains(number) ? number : nil
    }

    mutating func dial(_ link: LinkID, _ target: Target, from peer: Int) {
        guard let address = IPAddress(text: target.host), target.port ?? .mesh == .mesh,
            let number = number(at: address)
        else {
            return tell(.dialFailed(link, reason: "connection refused"), peer, after: 1_000_000)
        }
        peers[peer].dials.insert(link)
        let knock = Knock(peer: peer, incarnation: peers[peer].incarnation, link: link, target: number)
        post(.knock(knock), after: underlay.latency(peer, number))
    }

    /// A SYN reaches the other host, or does not: it is repeated after 1, 2 and 4 s, and the daemon waits for 10 s.
    mutating func receive(_ knock: Knock) {
        let (peer, target) = (knock.peer, knock.target)
        guard peers[peer].isUp, peers[peer].incarnation == knock.incarnation, peers[peer].dials.contains(knock.link)
        else { return }
        let latency = underlay.latency(peer, target)
        guard underlay.carriesTCP(peer, target), underlay.carriesTCP(target, peer), peers[target].isPowered else {
            guard knock.attempt < 3 else {
                peers[peer].dials.remove(knock.link)
                return tell(.dialFailed(knock.link, reason: "connection timed out"), peer, after: 3_000_000_000)
            }
            var again = knock
            again.attempt += 1
            return post(.knock(again), after: 1_000_000_000 << Int64(knock.attempt))
        }
        peers[peer].dials.remove(knock.link)
        guard peers[target].isUp else {
            return tell(.dialFailed(knock.link, reason: "connection refused"), peer, after: latency)
        }
        connect(knock, latency: latency)
    }

    private mutating func connect(_ knock: Knock, latency: Int64) {
        let (peer, target) = (knock.peer, knock.target)
        peers[target].accepted += 1
        let acceptedLink = LinkID.accepted(peers[target].accepted)
        let port = peers[peer].takePort()
        let stream = streams.count
        streams.append(
            Stream(
                dialler: Stream.End(peer: peer, incarnation: knock.incarnation, link: knock.link),
                acceptor: Stream.End(peer: target, incarnation: peers[target].incarnation, link: acceptedLink),
                latency: latency, nanosecondsPerByte: underlay.nanosecondsPerByte(peer, target)))
        peers[peer].sockets[knock.link] = SimulatedPeer.Socket(stream: stream, side: .dialler)
        peers[target].sockets[acceptedLink] = SimulatedPeer.Socket(stream: stream, side: .acceptor)
        let local = Endpoint(peers[peer].endpoint.address, port)
        streams[stream][toward: .dialler].lastArrival = now.nanoseconds + latency
        streams[stream][toward: .acceptor].lastArrival = now.nanoseconds + 2 * latency
        tell(.dialled(knock.link, local: local, remote: peers[target].endpoint), peer, after: latency)
        tell(.accepted(acceptedLink, local: peers[target].endpoint, remote: local), target, after: 2 * latency)
    }

    mutating func send(_ bytes: [UInt8], on link: LinkID, from peer: Int) {
        peers[peer].load.messages += 1
        peers[peer].load.bytes += bytes.count
        fingerprint = SeededRandom.mix(
            fingerprint ^ UInt64(bytes.count) << 32 ^ UInt64(bytes.last ?? 0) ^ UInt64(bitPattern: now.nanoseconds))
        guard let socket = peers[peer].sockets[link] else { return }
        let side = socket.side.other
        // Reads do not come as writes went: some are cut in two.
        if bytes.count > 1, networkRandom.chance(1 / 16) {
            let cut = Int.random(in: 1..<bytes.count, using: &networkRandom)
            transmit(Array(bytes[..<cut]), on: socket.stream, toward: side)
            transmit(Array(bytes[cut...]), on: socket.stream, toward: side)
        } else {
            transmit(bytes, on: socket.stream, toward: side)
        }
        guard !streams[socket.stream][toward: side].owesDrained else { return }
        streams[socket.stream][toward: side].owesDrained = true
        settleDrained(socket.stream, toward: side)
    }

    private mutating func transmit(_ bytes: [UInt8], on stream: Int, toward side: Stream.Side) {
        streams[stream][toward: side].waitingBytes += bytes.count
        guard streams[stream][toward: side].held.isEmpty else {
            return streams[stream][toward: side].held.append(bytes)
        }
        let departure =
            max(now.nanoseconds, streams[stream][toward: side].busyUntil)
            + Int64(bytes.count) * streams[stream].nanosecondsPerByte
        streams[stream][toward: side].busyUntil = departure
        let jitter = Int64.random(in: 0...50_000, using: &networkRandom)
        let arrival = max(departure + streams[stream].latency + jitter, streams[stream][toward: side].lastArrival)
        streams[stream][toward: side].lastArrival = arrival
        queue.post(
            .arrival(stream: stream, toward: side, bytes), at: MonotonicInstant(nanoseconds: arrival))
    }

    /// All that was written has left the process once the kernel's buffer holds the rest.
    private mutating func settleDrained(_ stream: Int, toward side: Stream.Side) {
        let pipe = streams[stream][toward: side]
        guard pipe.owesDrained, pipe.waitingBytes <= Stream.socketBuffer else { return }
        streams[stream][toward: side].owesDrained = false
        let sender = streams[stream][side.other]
        guard sender.isOpen else { return }
        post(.mesh(peer: sender.peer, incarnation: sender.incarnation, .drained(sender.link)), after: 20_000)
    }

    /// Whether bytes get through to this side now.
    private func flows(_ stream: Int, toward side: Stream.Side) -> Bool {
        let (from, to) = (streams[stream][side.other].peer, streams[stream][side].peer)
        return underlay.carriesTCP(from, to) && peers[to].isPowered && peers[to].isReading
    }

    mutating func arrive(_ bytes: [UInt8], on stream: Int, toward side: Stream.Side) {
        guard flows(stream, toward: side), streams[stream][toward: side].held.isEmpty else {
            if streams[stream][toward: side].held.isEmpty {
                streams[stream][toward: side].heldSince = now.nanoseconds
            }
            return streams[stream][toward: side].held.append(bytes)
        }
        deliver(bytes, on: stream, toward: side)
    }

    private mutating func deliver(_ bytes: [UInt8], on stream: Int, toward side: Stream.Side) {
        streams[stream][toward: side].waitingBytes -= bytes.count
        let receiver = streams[stream][side]
        guard receiver.isOpen else { return answerWithReset(stream, toward: side.other) }
        settleDrained(stream, toward: side)
        handle(.received(receiver.link, bytes), at: receiver.peer)
    }

    /// The way may be open again: what is held is sent again in TCP's time.
    mutating func wakeHeld(_ stream: Int, toward side: Stream.Side) {
        let pipe = streams[stream][toward: side]
        guard !pipe.held.isEmpty, !pipe.isRetransmitting, flows(stream, toward: side) else { return }
        streams[stream][toward: side].isRetransmitting = true
        let at = Stream.retransmission(since: pipe.heldSince, notBefore: now.nanoseconds)
        queue.post(.retransmission(stream: stream, toward: side), at: MonotonicInstant(nanoseconds: at))
    }

    mutating func retransmit(_ stream: Int, toward side: Stream.Side) {
        streams[stream][toward: side].isRetransmitting = false
        guard flows(stream, toward: side) else { return }
        let held = streams[stream][toward: side].held
        streams[stream][toward: side].held = []
        for bytes in held { deliver(bytes, on: stream, toward: side) }
    }

    /// What is sent to a closed end is answered by a reset.
    private mutating func answerWithReset(_ stream: Int, toward side: Stream.Side) {
        guard streams[stream][side].isOpen, peers[streams[stream][side.other].peer].isPowered else { return }
        post(.reset(stream: stream, toward: side), after: streams[stream].latency)
    }

    /// The process closes its end: the other one is told once.
    mutating func close(_ link: LinkID, at peer: Int) {
        peers[peer].dials.remove(link)
        guard let socket = peers[peer].sockets.removeValue(forKey: link) else { return }
        streams[socket.stream][socket.side].isOpen = false
        let other = socket.side.other
        let at = max(
            now.nanoseconds + streams[socket.stream].latency, streams[socket.stream][toward: other].lastArrival)
        queue.post(
            .reset(stream: socket.stream, toward: other), at: MonotonicInstant(nanoseconds: at))
    }

    mutating func reset(_ stream: Int, toward side: Stream.Side) {
        let end = streams[stream][side]
        guard end.isOpen, underlay.carriesTCP(streams[stream][side.other].peer, end.peer), peers[end.peer].isPowered
        else { return }
        streams[stream][side].isOpen = false
        peers[end.peer].sockets[end.link] = nil
        handle(.closed(end.link, reason: "connection reset by peer"), at: end.peer)
    }

    /// Tells the mesh of the process that runs now.
    private mutating func tell(_ event: MeshEvent, _ peer: Int, after nanoseconds: Int64) {
        post(.mesh(peer: peer, incarnation: peers[peer].incarnation, event), after: nanoseconds)
    }
}
