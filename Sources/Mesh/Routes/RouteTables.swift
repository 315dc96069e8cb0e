public import Wire

/// Where data goes, derived from the topology: every peer computes the same trees from the same records, which is what
/// keeps broadcasts free of loops. A value: take it, and ask it what you need. `docs/protocol-mesh.md`, "Routes".
public struct RouteTables: Sendable {
    public let ownName: PeerName
    /// Every peer of the topology, ourselves included.
    public let knownPeers: Set<PeerName>
    /// Destination to next hop over connections that both ends list as established; without ourselves.
    public let unicast: [PeerName: PeerName]
    /// Neighbours over connections that both ends list as established, ascending.
    public let neighbours: [PeerName]
    /// Destination to next hop over all connections, for gossip; without ourselves.
    package let gossipUnicast: [PeerName: PeerName]
    private let data: Tree
    private let gossip: Tree

    package init(ownName: PeerName, records: [PeerName: PeerRecord]) {
        self.ownName = ownName
        knownPeers = Set(records.keys)
        data = Tree(graph: .established(records), ownName: ownName)
        gossip = Tree(graph: .directed(records), ownName: ownName)
        unicast = data.unicast()
        neighbours = data.neighbours()
        gossipUnicast = gossip.unicast()
    }

    /// Source to the neighbours that get a copy of its broadcasts from us, for every source with at least one; computed
    /// when asked for. Holds ourselves as source of our own broadcasts.
    public var broadcast: [PeerName: [PeerName]] {
        var hops: [PeerName: [PeerName]] = [:]
        for source in data.graph.names {
            let list = data.broadcastHops(from: source)
            if !list.isEmpty { hops[source] = list }
        }
        return hops
    }

    /// The neighbours that get a copy of a data broadcast of `source` from us, ascending.
    public func broadcastHops(from source: PeerName) -> [PeerName] {
        data.broadcastHops(from: source)
    }

    /// The neighbours that get a copy of a gossip broadcast of `source` from us, ascending.
    package func gossipHops(from source: PeerName) -> [PeerName] {
        gossip.broadcastHops(from: source)
    }

    /// Whether data would be forwarded differently.
    func forwardsLike(_ other: RouteTables) -> Bool {
        data.graph == other.data.graph && ownName == other.ownName
    }
}

/// One family's graph, seen from ourselves.
private struct Tree: Sendable {
    let graph: PeerGraph
    private let own: Int?

    init(graph: PeerGraph, ownName: PeerName) {
        self.graph = graph
        own = graph.index(of: ownName)
    }

    func neighbours() -> [PeerName] {
        guard let own else { return [] }
        return graph.edges[own].map { graph.names[$0] }
    }

    func unicast() -> [PeerName: PeerName] {
        guard let own else { return [:] }
        var table: [PeerName: PeerName] = [:]
        for (peer, hop) in graph.widening(from: own, until: nil).firstHop.enumerated() where peer != own {
            if let hop { table[graph.names[peer]] = graph.names[hop] }
        }
        return table
    }

    /// All our neighbours that widening from the source has not reached when our turn comes.
    func broadcastHops(from source: PeerName) -> [PeerName] {
        guard let own, let start = graph.index(of: source) else { return [] }
        let reach = graph.widening(from: start, until: own)
        guard reach.metStop else { return [] }
        return graph.edges[own].filter { reach.firstHop[$0] == nil }.map { graph.names[$0] }
    }
}
