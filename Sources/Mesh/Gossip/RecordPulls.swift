package import Wire

/// Records that neighbours have announced and that we have asked for: each of one neighbour at a time, the others that
/// announced it as well are kept for when it does not answer. `docs/protocol-mesh.md`, "Extensions".
package struct RecordPulls: Sendable {
    private struct Pull: Sendable {
        var wanted: RecordVersion
        var link: LinkID
        var askedAt: MonotonicInstant
        /// Who announced it as well, in that order.
        var others: [LinkID]
    }

    /// Names to ask a neighbour for, ascending.
    package typealias Requests = [LinkID: [PeerName]]

    private var pulls: [PeerName: Pull] = [:]

    /// Other announcers that are remembered for one record.
    private static let alternatives = 3

    package init() {}

    package var isEmpty: Bool { pulls.isEmpty }

    /// When the oldest request should have been answered.
    package var deadline: MonotonicInstant? {
        pulls.values.map { $0.askedAt + MeshTimes.pull }.min()
    }

    /// A neighbour holds a record that is newer than ours. True if it is to be asked for it now.
    package mutating func isNew(_ wanted: RecordVersion, from link: LinkID, at now: MonotonicInstant) -> Bool {
        if var pull = pulls[wanted.name], !wanted.supersedes(pull.wanted) {
            if pull.link != link, pull.others.count < RecordPulls.alternatives, !pull.others.contains(link) {
                pull.others.append(link)
                pulls[wanted.name] = pull
            }
            return false
        }
        guard pulls[wanted.name] != nil || pulls.count < TopologyLimits.peers else { return false }
        pulls[wanted.name] = Pull(wanted: wanted, link: link, askedAt: now, others: [])
        return true
    }

    /// We hold this now.
    package mutating func arrived(_ held: RecordVersion) {
        guard let pull = pulls[held.name], !pull.wanted.supersedes(held) else { return }
        pulls[held.name] = nil
    }

    /// Whom to ask instead of a neighbour that is gone.
    package mutating func ended(_ link: LinkID, at now: MonotonicInstant) -> Requests {
        for name in pulls.keys { pulls[name]?.others.removeAll { $0 == link } }
        return askOthers(at: now) { $0.link == link }
    }

    /// Whom to ask instead of neighbours that did not answer.
    package mutating func expire(at now: MonotonicInstant) -> Requests {
        askOthers(at: now) { $0.askedAt + MeshTimes.pull <= now }
    }

    private mutating func askOthers(at now: MonotonicInstant, where isLost: (Pull) -> Bool) -> Requests {
        var requests: Requests = [:]
        for (name, pull) in pulls where isLost(pull) {
            guard let next = pull.others.first else {
                // Whoever holds it will announce it again, or a digest will show it.
                pulls[name] = nil
                continue
            }
            pulls[name]?.link = next
            pulls[name]?.askedAt = now
            pulls[name]?.others.removeFirst()
            requests[next, default: []].append(name)
        }
        return requests.mapValues { $0.sorted() }
    }
}
