public import Wire

/// Where data goes, derived from the topology: every peer computes the same trees from the same records, which is what
/// keeps broadcasts free of loops. A value: take it, and ask it what you need. `docs/protocol-mesh.md`, "Routes".
///
/// What is needed with every change is at hand. The trees are computed when asked for; whoever needs all of them again
/// and again keeps a `DataRoutes`.
public struct RouteTables: Sendable {
    public let ownName: PeerName
    /// Every peer of the topology, ourselves included.
    public private(set) var knownPeers: Set<PeerName> = []
    /// Destination to next hop over connections that both ends list as established; without ourselves.
    public private(set) var unicast: [PeerName: PeerName] = [:]
    /// Neighbours over connections that both ends list as established, ascending.
    public private(set) var neighbours: [PeerName] = []
    /// Destination to next hop over all connections, for gossip; without ourselves.
    package var gossipUnicast: [PeerName: PeerName] { gossipWeights.hops }
    /// How many peers gossip reaches through each neighbour.
    package private(set) var gossipWeights = NeighbourWeights(hops: [:])
    private var graphs = RecordGraphs()
    /// Hops of gossip broadcasts, by source, as far as somebody has asked.
    private var gossipTrees: [PeerName: [PeerName]] = [:]

    package init(ownName: PeerName, records: [PeerName: PeerRecord]) {
        self.ownName = ownName
        _ = update(records)
    }

    /// Brings the tables up to date. True if data would be forwarded differently, or known peers changed.
    package mutating func update(_ records: [PeerName: PeerRecord]) -> Bool {
        let changes = graphs.update(records)
        if changes.names { knownPeers = Set(graphs.directed.names) }
        if changes.directed {
            gossipWeights = NeighbourWeights(hops: RouteTables.unicast(graphs.directed, from: ownName))
            gossipTrees = [:]
        }
        if changes.established {
            unicast = RouteTables.unicast(graphs.established, from: ownName)
            neighbours = RouteTables.neighbours(graphs.established, of: ownName)
        }
        return changes.names || changes.established
    }

    /// Source to the neighbours that get a copy of its broadcasts from us, for every source with at least one. Holds
    /// ourselves as source of our own broadcasts.
    public var broadcast: [PeerName: [PeerName]] { DataRoutes(self).broadcast }

    /// The neighbours that get a copy of a data broadcast of `source` from us, ascending.
    public func broadcastHops(from source: PeerName) -> [PeerName] {
        RouteTables.hops(graphs.established, from: source, at: ownName)
    }

    /// The neighbours that get a copy of a gossip broadcast of `source` from us, ascending; remembered.
    package mutating func gossipHops(from source: PeerName) -> [PeerName] {
        if let known = gossipTrees[source] { return known }
        // Names that nobody has heard of are not remembered: there is no end of them.
        guard knownPeers.contains(source) else { return [] }
        let hops = RouteTables.hops(graphs.directed, from: source, at: ownName)
        gossipTrees[source] = hops
        return hops
    }

    /// The edges that data takes.
    var dataGraph: PeerGraph { graphs.established }

    private static func neighbours(_ graph: PeerGraph, of name: PeerName) -> [PeerName] {
        guard let own = graph.index(of: name) else { return [] }
        return graph.edges[own].map { graph.names[$0] }
    }

    private static func unicast(_ graph: PeerGraph, from name: PeerName) -> [PeerName: PeerName] {
        guard let own = graph.index(of: name) else { return [:] }
        var table = [PeerName: PeerName](minimumCapacity: graph.names.count)
        for (peer, hop) in graph.widening(from: own, until: nil).firstHop.enumerated() where peer != own {
            if let hop { table[graph.names[peer]] = graph.names[hop] }
        }
        return table
    }

    /// All our neighbours that widening from the source has not reached when our turn comes.
    private static func hops(_ graph: PeerGraph, from source: PeerName, at name: PeerName) -> [PeerName] {
        guard let own = graph.index(of: name), let start = graph.index(of: source) else { return [] }
        return graph.hops(from: start, at: own).map { graph.names[$0] }
    }
}
