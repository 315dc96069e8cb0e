import Mesh
import TestSupport
import Testing
import Wire

@Suite struct ScaleTests {
    @Test("eight routers that start together with discovery settle in a full mesh and stay there")
    func startTogether() {
        let network = TestNetwork(seed: 60)
        for number in 1...8 {
            network.add(UInt8(number), connect: number == 1 ? [] : ["10.0.0.1"]) { $0.discovery = true }
        }
        #expect(network.run(atMost: .seconds(60)) { network.agree(Array(0..<8), connections: 28) })
        let dials = network.nodes.map(\.dials)
        network.run(for: .seconds(60))
        #expect(network.agree(Array(0..<8), connections: 28))
        #expect(network.nodes.map(\.dials) == dials)
    }

    @Test("a link that is cut and comes back heals the mesh, whichever it was", arguments: 0..<4)
    func heals(victim: Int) {
        let network = TestNetwork(seed: 70 + UInt64(victim))
        for number in 1...5 {
            network.add(UInt8(number), connect: number == 1 ? [] : ["10.0.0.\(number - 1)"])
        }
        let all = [0, 1, 2, 3, 4]
        #expect(network.run(atMost: .seconds(20)) { network.agree(all, connections: 4) })
        let link = network.nodes[victim + 1].router.connections().first { $0.isOutbound }
        #expect(link != nil)
        for connection in network.nodes[victim + 1].router.connections() where connection.isOutbound {
            network.cut(connection.link, at: victim + 1)
        }
        // Whoever lost the link forgets what is behind it, and tries again within half a second.
        #expect(network.run(atMost: .milliseconds(120)) { network.nodes[victim].router.peers().count == victim + 1 })
        #expect(network.run(atMost: .seconds(3)) { network.agree(all, connections: 4) })
    }
}
