package import Wire

/// Bounds what strangers can make us do: accepted connections that have not finished their handshake.
package struct HandshakeBudget: Sendable {
    package static let total = 128
    /// Many routers may share an address behind a translator; more than these wait for their next attempt.
    package static let perAddress = 16

    private var pending: [LinkID: IPAddress] = [:]

    package init() {}

    /// Takes a place; otherwise why there is none.
    package mutating func admit(_ id: LinkID, from address: IPAddress) -> String? {
        guard pending.count < HandshakeBudget.total else {
            return "\(HandshakeBudget.total) handshakes are under way already"
        }
        guard pending.values.count(where: { $0 == address }) < HandshakeBudget.perAddress else {
            return "\(HandshakeBudget.perAddress) handshakes with \(address) are under way already"
        }
        pending[id] = address
        return nil
    }

    package mutating func release(_ id: LinkID) {
        pending[id] = nil
    }
}
