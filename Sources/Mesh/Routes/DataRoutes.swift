public import Wire

/// What the packet path needs of the routes, kept from one change of the topology to the next: what cannot have changed
/// is not computed again.
///
/// Its broadcast hops are those of widening from every source (`PeerGraph.hops`), found without doing so. Widening from
/// X and stopped at ourselves leaves our neighbour Q unreached just if we are the first, by name, of those of Q's
/// neighbours that are nearest to X. So the distances of X from us, from our neighbours and from their neighbours with
/// lower names decide; and since data takes only edges that go both ways, these are the distances *from* those few
/// peers, one walk for each. A walk is done again only if the changed edges can matter to it.
public struct DataRoutes: Sendable {
    /// Destination to the neighbours that are nearer to it than we are, ascending; each is a next hop that cannot loop.
    public private(set) var firstHops: [PeerName: [PeerName]] = [:]
    /// Source to the neighbours that get a copy of its broadcasts from us, ascending, for every source with at least
    /// one.
    public private(set) var broadcast: [PeerName: [PeerName]] = [:]

    /// What all this was derived from.
    private var graph = PeerGraph(names: [], edges: [])
    /// For each peer the walk that starts from it, if there is one.
    private var walks: [HopCounts?] = []
    /// How many walks were done anew, in all: what a change costs.
    package private(set) var walksDone = 0

    /// Counts that may be kept. Beyond, each source's tree is widened for itself.
    private let keptCounts: Int

    /// Nothing yet. `keptCounts` is chosen: 8 MiB of them. It takes a mesh of 2,000 peers where all are neighbours of
    /// neighbours, or a forged one, to need more.
    package init(keptCounts: Int = 4 << 20) {
        self.keptCounts = keptCounts
    }

    /// Those of one state of the tables, from scratch.
    public init(_ tables: RouteTables) {
        self.init()
        update(to: tables)
    }

    /// Brings everything up to date with the tables; costs little if they differ by little.
    public mutating func update(to tables: RouteTables) {
        let new = tables.dataGraph
        guard new != graph else { return }
        guard let own = new.index(of: tables.ownName) else { return self = DataRoutes(keptCounts: keptCounts) }
        let nearest = ([own] + new.edges[own]).uniqued(below: new.names.count)
        let roots = (nearest + widerRoots(new, own: own)).uniqued(below: new.names.count)
        let isKept = roots.count <= keptCounts / new.names.count
        let haveChanged = walk(isKept ? roots : nearest, over: new)
        graph = new
        guard haveChanged || !isKept else { return }
        let names = new.names
        firstHops = listed(nextHops(own: own), names)
        broadcast =
            isKept
            ? listed(treeHops(own: own), names)
            : listed(names.indices.map { new.hops(from: $0, at: own) }, names)
    }

    /// Those that may be before us in a neighbour's view.
    private func widerRoots(_ graph: PeerGraph, own: Int) -> [Int] {
        graph.edges[own].flatMap { graph.edges[$0].prefix { $0 < own } }
    }

    // MARK: Walks

    /// Leaves the walks of these roots, the first of them our own, and no others. False if nothing that is derived from
    /// them can differ.
    private mutating func walk(_ roots: [Int], over new: PeerGraph) -> Bool {
        let edges = FlatEdges(new.edges)
        var former: [HopCounts?] = []
        var (added, removed): ([(Int, Int)], [(Int, Int)]) = ([], [])
        if new.names == graph.names {
            former = walks
            (added, removed) = differences(from: graph.edges, to: new.edges)
        }
        // An edge of a root never leaves its walk as it was, so that other roots, and other edges of our neighbours, show
        // by walks too.
        var haveChanged = former.isEmpty
        walks = Array(repeating: nil, count: new.names.count)
        var queue: [Int] = []
        var reachable: Int?
        for root in roots {
            if let walk = former.isEmpty ? nil : former[root], walk.holds(over: edges, added: added, removed: removed) {
                walks[root] = walk
                continue
            }
            walks[root] = HopCounts(from: root, over: edges, reachable: reachable, queue: &queue)
            walksDone += 1
            haveChanged = true
            // All roots are in our part of the mesh.
            if reachable == nil { reachable = queue.count }
        }
        return haveChanged
    }

    /// Each pair once.
    private func differences(from old: [[Int]], to new: [[Int]]) -> ([(Int, Int)], [(Int, Int)]) {
        var (added, removed): ([(Int, Int)], [(Int, Int)]) = ([], [])
        for peer in new.indices where old[peer] != new[peer] {
            let (before, after) = (Set(old[peer]), Set(new[peer]))
            for other in after.subtracting(before) where peer < other { added.append((peer, other)) }
            for other in before.subtracting(after) where peer < other { removed.append((peer, other)) }
        }
        return (added, removed)
    }

    // MARK: Hops

    /// For each destination the neighbours that are one hop nearer to it.
    private func nextHops(own: Int) -> [[Int]] {
        var hops: [[Int]] = Array(repeating: [], count: graph.names.count)
        guard let here = walks[own] else { return hops }
        for neighbour in graph.edges[own] {
            guard let there = walks[neighbour] else { continue }
            // Neighbours' distances differ by one at most.
            for destination in hops.indices where there[destination] < here[destination] {
                hops[destination].append(neighbour)
            }
        }
        return hops
    }

    /// For each source the neighbours that are one hop farther from it, and for whom nobody is before us.
    private func treeHops(own: Int) -> [[Int]] {
        var hops: [[Int]] = Array(repeating: [], count: graph.names.count)
        guard let here = walks[own] else { return hops }
        for neighbour in graph.edges[own] {
            guard let there = walks[neighbour] else { continue }
            let sources = hops.indices.filter { there[$0] > here[$0] }
            if sources.isEmpty { continue }
            let rivals = graph.edges[neighbour].prefix { $0 < own }.compactMap { walks[$0] }
            for source in sources where !rivals.contains(where: { $0[source] == here[source] }) {
                hops[source].append(neighbour)
            }
        }
        return hops
    }

    private func listed(_ hops: [[Int]], _ names: [PeerName]) -> [PeerName: [PeerName]] {
        var lists = [PeerName: [PeerName]](minimumCapacity: hops.count)
        for (peer, list) in hops.enumerated() where !list.isEmpty { lists[names[peer]] = list.map { names[$0] } }
        return lists
    }
}

extension [Int] {
    /// Each number once, the first of each in its place; all are from 0 up to `bound`.
    fileprivate func uniqued(below bound: Int) -> [Int] {
        var isTaken = Array<Bool>(repeating: false, count: bound)
        return filter { number in
            defer { isTaken[number] = true }
            return !isTaken[number]
        }
    }
}
