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

        package init(remoteUID: UInt64, connectionUID: UInt64, remoteAddress: IPAddress) {
            self.remoteUID = remoteUID
            self.connectionUID = connectionUID
            self.remoteAddress = remoteAddress
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
    package static func verdict(existing: Side, newcomer: Side) -> Verdict {
        if existing.remoteUID != newcomer.remoteUID {
            return existing.remoteAddress == newcomer.remoteAddress ? .replaceExisting : .refuseNamesake
        }
        if existing.connectionUID == newcomer.connectionUID { return .closeBoth }
        return newcomer.connectionUID < existing.connectionUID ? .replaceExisting : .keepExisting
    }
}
