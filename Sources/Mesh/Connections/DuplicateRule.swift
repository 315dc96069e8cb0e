package import Wire

/// What happens when a second connection to the same name has shaken hands. `docs/protocol-mesh.md`, "Duplicates".
package enum DuplicateRule {
    /// One of the two connections.
    package struct Side {
        /// The remote's incarnation.
        package let remoteUID: UInt64
        /// Equal on both ends of the connection.
        package let connectionUID: UInt64
        package let remoteAddress: IPAddress
        /// Whether it has carried data for longer than two dials at once can be apart, to another weft peer.
        package let isSettled: Bool

        package init(remoteUID: UInt64, connectionUID: UInt64, remoteAddress: IPAddress, isSettled: Bool = false) {
            self.remoteUID = remoteUID
            self.connectionUID = connectionUID
            self.remoteAddress = remoteAddress
            self.isSettled = isSettled
        }
    }

    package enum Verdict: Equatable {
        case keepExisting
        case replaceExisting
        case closeBoth
        /// Two hosts use one name: the newcomer is refused.
        case refuseNamesake
    }

    /// Two connections of the same two processes: the lower connection UID stays, which both ends see alike. A newcomer
    /// that is another process: from the same address it is the peer restarted, and the old connection is dead; from
    /// another address it is a second host with the same name, which must not push out one that works.
    ///
    /// weft dials nobody that it is connected to: if it does so after a while, the old connection is dead at one end, as
    /// behind a NAT that has forgotten it. Both ends let the newcomer have its place.
    package static func verdict(existing: Side, newcomer: Side) -> Verdict {
        if existing.remoteUID != newcomer.remoteUID {
            return existing.remoteAddress == newcomer.remoteAddress ? .replaceExisting : .refuseNamesake
        }
        if existing.connectionUID == newcomer.connectionUID { return .closeBoth }
        if existing.isSettled { return .replaceExisting }
        return newcomer.connectionUID < existing.connectionUID ? .replaceExisting : .keepExisting
    }
}
