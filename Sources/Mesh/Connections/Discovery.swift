package import Wire

/// Finds addresses in the topology that are worth a dial.
package enum Discovery {
    /// Someone says that this peer is at this address.
    package struct Candidate: Hashable {
        package let endpoint: Endpoint
        package let peer: PeerName

        package init(endpoint: Endpoint, peer: PeerName) {
            self.endpoint = endpoint
            self.peer = peer
        }
    }

    /// Both ends of a new pair hear of each other at the same time: the one with the lower name dials after a random part
    /// of `delay`, the other one that much after `turn`, in case the first cannot.
    package static let delay = Duration.milliseconds(200)
    package static let turn = Duration.seconds(2)

    /// Where other peers' connections lead, to peers that are not in `connected`: outbound ones show the address that was
    /// dialled; inbound ones an ephemeral port, in whose place ours is tried. Peers ascending, each candidate once.
    package static func candidates(
        in records: [PeerName: PeerRecord], ownName: PeerName, ownPort: PortNumber, connected: Set<PeerName>
    ) -> [Candidate] {
        var seen: Set<Candidate> = []
        var list: [Candidate] = []
        // In a full mesh there is nothing to look for.
        guard records.keys.contains(where: { $0 != ownName && !connected.contains($0) }) else { return [] }
        for name in records.keys.sorted() where name != ownName {
            for connection in records[name]?.connections ?? []
            where connection.remote != ownName && !connected.contains(connection.remote) {
                // In a full mesh no text is read.
                guard let endpoint = Endpoint(text: connection.address), isDialable(endpoint.address) else { continue }
                let candidate = Candidate(
                    endpoint: connection.isOutbound ? endpoint : Endpoint(endpoint.address, ownPort),
                    peer: connection.remote)
                if seen.insert(candidate).inserted { list.append(candidate) }
            }
        }
        return list
    }

    /// Not ourselves, nobody, or a group: others choose these addresses, so they are not dialled blindly.
    private static func isDialable(_ address: IPAddress) -> Bool {
        switch address {
        case .v4(let v4): !v4.isLoopback && v4.rawValue >> 24 != 0 && v4.rawValue >> 28 < 0xe
        case .v6(let high, let low): high >> 56 != 0xff && !(high == 0 && low <= 1)
        }
    }
}
