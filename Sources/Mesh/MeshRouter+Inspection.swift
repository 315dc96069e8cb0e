package import Wire

/// What a simulation looks at besides the views for people: the records as they are, and how much is held.
extension MeshRouter {
    /// All records by name, our own among them.
    package var records: [PeerName: PeerRecord] { topology.table.records }

    /// How much this router holds at the moment.
    package struct Inspection: Sendable {
        package let joinedLinks: Int
        package let handshakes: Int
        package let dials: Int
        /// Addresses that the connection maker looks after.
        package let targets: Int
        /// The most bytes that wait at the edge for one connection.
        package let mostWaitingBytes: Int

        /// What is above its bound, in words; nil: nothing.
        package var excess: String? {
            if mostWaitingBytes > SendLimits.messages + LinkLimits.messageBytes {
                return "\(mostWaitingBytes) bytes wait for one connection"
            }
            if handshakes > HandshakeBudget.total + ConnectionMaker.attemptsInFlight {
                return "\(handshakes) handshakes are under way"
            }
            if dials > ConnectionMaker.attemptsInFlight { return "\(dials) dials are under way" }
            return nil
        }
    }

    package func inspect() -> Inspection {
        var mostWaitingBytes = 0
        for id in registry.joined.keys {
            mostWaitingBytes = max(mostWaitingBytes, registry.joined[id]?.waitingBytes ?? 0)
        }
        return Inspection(
            joinedLinks: registry.joined.count, handshakes: registry.handshaking.count, dials: registry.dialling.count,
            targets: maker.entries.count, mostWaitingBytes: mostWaitingBytes)
    }
}
