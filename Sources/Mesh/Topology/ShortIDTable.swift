package import Wire

/// Who may use which short id: of all peers that claim one, the peer with the lowest name; the others wait behind it.
package struct ShortIDTable: Sendable {
    /// Claimants of each id, ascending, never empty.
    private var claimants: [ShortID: [PeerName]] = [:]
    /// Ids that had an owner at some time: taking one of these again is a change for those who remember it.
    private var used: Set<ShortID> = []

    package init() {}

    package func owner(of id: ShortID) -> PeerName? {
        claimants[id]?.first
    }

    package var owners: [ShortID: PeerName] { claimants.compactMapValues(\.first) }

    /// Counts the changes of owners.
    package private(set) var generation: UInt64 = 0

    /// Whether those who remember owners must forget (a first use is no change).
    package mutating func claim(_ id: ShortID, by name: PeerName) -> Bool {
        var names = claimants[id] ?? []
        guard !names.contains(name) else { return false }
        let before = names.first
        names.append(name)
        names.sort()
        claimants[id] = names
        generation &+= 1
        let isFirstUse = used.insert(id).inserted
        return !isFirstUse && names.first != before
    }

    /// Whether another peer owns the id now.
    package mutating func release(_ id: ShortID, by name: PeerName) -> Bool {
        guard var names = claimants[id], let index = names.firstIndex(of: name) else { return false }
        names.remove(at: index)
        claimants[id] = names.isEmpty ? nil : names
        generation &+= 1
        return index == 0 && !names.isEmpty
    }

    /// A free id: ten random tries, then a random one of those that are free; nil when all are taken.
    package func free(using random: inout MeshRandom) -> ShortID? {
        for _ in 0..<10 {
            if let id = ShortID(rawValue: UInt16.random(in: 0..<UInt16(ShortID.count), using: &random)),
                claimants[id] == nil
            {
                return id
            }
        }
        let all = (0..<UInt16(ShortID.count)).compactMap { ShortID(rawValue: $0) }
        return all.filter { claimants[$0] == nil }.randomElement(using: &random)
    }
}
