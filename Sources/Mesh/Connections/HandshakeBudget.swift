package import Wire

/// Bounds what strangers can make us hold: accepted connections that have not finished their handshake.
///
/// A newcomer always gets a place: whoever holds one without saying anything loses it, the oldest first, so that idle
/// connections, however many, keep no honest peer out. Only if all places are held by those that talk, the oldest of
/// them goes.
package struct HandshakeBudget: Sendable {
    package static let total = 128
    /// Many routers may share an address behind a translator; more than these push each other out.
    package static let perAddress = 32

    private struct Place: Sendable {
        let address: IPAddress
        /// Counts admissions.
        let number: UInt64
        /// Whether a byte has come.
        var hasSpoken = false

        /// Whom to give up first.
        func goes(before other: Place) -> Bool {
            hasSpoken != other.hasSpoken ? !hasSpoken : number < other.number
        }
    }

    private var pending: [LinkID: Place] = [:]
    private var ofAddress: [IPAddress: Int] = [:]
    private var admissions: UInt64 = 0

    package init() {}

    /// Takes a place; returns who has to give one up for it, and the sentence part that says why.
    package mutating func admit(_ id: LinkID, from address: IPAddress) -> (link: LinkID, reason: String)? {
        let victim: (link: LinkID, reason: String)?
        if ofAddress[address, default: 0] >= HandshakeBudget.perAddress {
            victim = first(where: { $0.address == address }).map {
                ($0, "more than \(HandshakeBudget.perAddress) handshakes with \(address) are under way")
            }
        } else if pending.count >= HandshakeBudget.total {
            victim = first(where: { _ in true }).map {
                ($0, "more than \(HandshakeBudget.total) handshakes are under way")
            }
        } else {
            victim = nil
        }
        if let victim { release(victim.link) }
        admissions += 1
        pending[id] = Place(address: address, number: admissions)
        ofAddress[address, default: 0] += 1
        return victim
    }

    /// The first bytes have come.
    package mutating func spoke(_ id: LinkID) {
        pending[id]?.hasSpoken = true
    }

    package mutating func release(_ id: LinkID) {
        guard let place = pending.removeValue(forKey: id) else { return }
        let left = ofAddress[place.address, default: 1] - 1
        ofAddress[place.address] = left > 0 ? left : nil
    }

    private func first(where isCandidate: (Place) -> Bool) -> LinkID? {
        pending.filter { isCandidate($0.value) }.min { $0.value.goes(before: $1.value) }?.key
    }
}
