import Mesh
import TestSupport
import Testing
import Wire

#if DEBUG
    /// Debug builds are about six times slower.
    private let limit = Duration.milliseconds(90)
#else
    private let limit = Duration.milliseconds(15)
#endif

/// What one change costs one host. `swift test -c release -Xswiftc -enable-testing --filter RouteCostTests` prints the
/// figures of `docs/routing.md`; the limit is three times the goal of 5 ms.
@Suite(.serialized)
struct RouteCostTests {
    enum Shape: String, CaseIterable {
        case thousand = "1,000 peers, degree 6"
        case sixty = "60 peers, full"

        var mesh: ChangingMesh {
            switch self {
            case .thousand: ChangingMesh(seed: 11, peers: 1_000, trees: 3)
            case .sixty: ChangingMesh(seed: 11, peers: 60, percent: 100)
            }
        }
    }

    @Test(
        "a changed link, or a peer that comes or goes, costs little CPU, with all trees and next hops that follow",
        arguments: Shape.allCases)
    func change(shape: Shape) {
        var mesh = shape.mesh
        let own = mesh.someone()
        var tables = RouteTables(ownName: own, records: mesh.records)
        var kept = DataRoutes(tables)
        func cost(_ changes: [(inout ChangingMesh) -> Void]) -> [Duration] {
            changes.map { change in
                change(&mesh)
                let start = ProcessorTime.ofThisThread()
                _ = tables.update(mesh.records)
                kept.update(to: tables)
                return ProcessorTime.ofThisThread() - start
            }.sorted()
        }
        let names = mesh.names
        let links = (0..<20).flatMap { number -> [(inout ChangingMesh) -> Void] in
            let (a, b) = (names[number], names[names.count - 1 - number])
            return [{ $0.part(a, b) }, { $0.join(a, b) }]
        }
        let peers = (0..<10).flatMap { number -> [(inout ChangingMesh) -> Void] in
            let new = ChangingMesh.name(20_000 + number)
            return [{ $0.add(new, beside: names[number]) }, { $0.removePeer(new) }]
        }
        for (what, changes) in [("a link", links), ("a peer", peers)] {
            let times = cost(changes)
            let median = times[times.count / 2]
            print("\(shape.rawValue), \(what): median \(median), highest \(times[times.count - 1])")
            #expect(median < limit)
        }
        #expect(kept.broadcast == DataRoutes(tables).broadcast)
    }
}
