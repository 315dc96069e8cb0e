import Mesh
import TestSupport
import Testing
import Wire

@Suite struct ConvergenceTests {
    @Test("two routers reach the same topology within a second", arguments: [false, true])
    func twoRouters(hasPassword: Bool) {
        let network = TestNetwork(seed: 1)
        let password: [UInt8]? = hasPassword ? Array("secret".utf8) : nil
        network.add(1) { $0.password = password }
        network.add(2, connect: ["10.0.0.1"]) { $0.password = password }
        #expect(network.run(atMost: .seconds(1)) { network.agree([0, 1], connections: 1) })
        #expect(
            network.run(atMost: .milliseconds(300)) {
                network.nodes.allSatisfy {
                    $0.router.routes.unicast.count == 1 && $0.router.routes.neighbours.count == 1
                }
            })
        let view = network.nodes[1].router.connections()[0]
        #expect(view.state == .established)
        #expect(view.isEncrypted == hasPassword)
        #expect(view.peer == TestNetwork.name(1))
        #expect(view.nickname == "node-1")
        let keys = network.nodes.map { $0.overlays.values.map(\.sessionKey) }
        #expect(keys[0] == keys[1])
        #expect((keys[0].first ?? nil)?.count == (hasPassword ? 32 : nil))
        #expect(Set(network.nodes.flatMap { $0.overlays.values.map(\.connectionUID) }).count == 1)
    }

    @Test("five routers in a line learn of each other and route through the line", arguments: [1, 2, 3, 4] as [UInt64])
    func line(seed: UInt64) {
        let network = TestNetwork(seed: seed)
        for number in 1...5 {
            network.add(UInt8(number), connect: number == 1 ? [] : ["10.0.0.\(number - 1)"]) {
                $0.password = Array("secret".utf8)
            }
        }
        #expect(network.run(atMost: .seconds(20)) { network.agree([0, 1, 2, 3, 4], connections: 4) })
        network.run(for: .milliseconds(200))
        #expect(network.nodes[0].router.routes.unicast[TestNetwork.name(5)] == TestNetwork.name(2))
        #expect(network.nodes[2].router.routes.broadcastHops(from: TestNetwork.name(1)) == [TestNetwork.name(4)])
    }

    @Test("with discovery one address is enough for a full mesh", arguments: [5, 6, 7] as [UInt64])
    func discovery(seed: UInt64) {
        let network = TestNetwork(seed: seed)
        for number in 1...5 {
            network.add(UInt8(number), connect: number == 1 ? [] : ["10.0.0.1"]) { $0.discovery = true }
        }
        #expect(network.run(atMost: .seconds(60)) { network.agree([0, 1, 2, 3, 4], connections: 10) })
        network.run(for: .seconds(30))
        #expect(network.agree([0, 1, 2, 3, 4], connections: 10))
    }

    @Test("simultaneous dials end in one connection that both keep", arguments: 10...29 as ClosedRange<UInt64>)
    func simultaneousDials(seed: UInt64) {
        let network = TestNetwork(seed: seed)
        network.add(1, connect: ["10.0.0.2:6783"])
        network.add(2, connect: ["10.0.0.1:6783"])
        network.run(for: .seconds(30))
        let views = network.nodes.map { $0.router.connections() }
        #expect(views[0].count == 1 && views[1].count == 1)
        #expect(views[0].first?.isOutbound != views[1].first?.isOutbound)
        #expect(network.agree([0, 1], connections: 1))
        #expect(network.nodes.map(\.dials).max() ?? 99 <= 2)
        let states = network.nodes.flatMap { $0.router.targets().map(\.state) }.map(\.rawValue).sorted()
        #expect(states == ["connected", "suspended"])
    }

    @Test("a peer that dies is forgotten, and is back within a second of its return")
    func restart() {
        let network = TestNetwork(seed: 40)
        network.add(1)
        network.add(2, connect: ["10.0.0.1"])
        network.add(3, connect: ["10.0.0.2"])
        #expect(network.run(atMost: .seconds(10)) { network.agree([0, 1, 2], connections: 2) })
        network.run(for: .seconds(5))
        network.kill(2)
        network.run(for: .seconds(3))
        #expect(network.nodes[0].removed == [TestNetwork.name(3)])
        #expect(network.agree([0, 1], connections: 1))
        network.restart(2, name: 3, connect: ["10.0.0.2"])
        #expect(network.run(atMost: .seconds(1)) { network.agree([0, 1, 2], connections: 2) })
    }

    @Test("a router that only others dial is back at once after a restart, since it recalls where they were")
    func recall() {
        let network = TestNetwork(seed: 42)
        for number in UInt8(1)...3 {
            network.add(number, connect: number == 1 ? [] : ["10.0.0.1"]) { $0.discovery = true }
        }
        #expect(network.run(atMost: .seconds(10)) { network.agree([0, 1, 2], connections: 3) })
        let neighbours = network.nodes[0].neighbours
        #expect(
            neighbours.map(\.description) == ["02:00:00:00:00:02@10.0.0.2:6783", "02:00:00:00:00:03@10.0.0.3:6783"])
        network.kill(0)
        // Long enough for the others to have fallen back to rare tries.
        network.run(for: .seconds(120))
        network.restart(0, name: 1, connect: [], recalling: neighbours) { $0.discovery = true }
        #expect(network.run(atMost: .milliseconds(200)) { network.agree([0, 1, 2], connections: 3) })
    }

    @Test("an address that another router has meanwhile is left alone, and without discovery nobody is recalled")
    func recallOfStrangers() throws {
        let network = TestNetwork(seed: 43)
        network.add(1)
        let address = try #require(Endpoint(text: "10.0.0.1:6783"))
        network.add(2) { $0.discovery = true }
        network.handle(.recall([PeerAddress(TestNetwork.name(9), address)]), at: 1)
        network.add(3) { $0.discovery = false }
        network.handle(.recall([PeerAddress(TestNetwork.name(1), address)]), at: 2)
        network.run(for: .seconds(5))
        #expect(network.nodes[0].router.connections().isEmpty)
        #expect(network.nodes[1].dials > 0 && network.nodes[2].dials == 0)
    }

    @Test("a router that was killed and returned at once jumps over the version that others hold")
    func versionJump() {
        let network = TestNetwork(seed: 41)
        network.add(1)
        network.add(2, connect: ["10.0.0.1"])
        network.add(3, connect: ["10.0.0.1", "10.0.0.2"])
        #expect(network.run(atMost: .seconds(10)) { network.agree([0, 1, 2], connections: 3) })
        let before = network.nodes[0].router.peers()[2].version
        network.kill(2)
        network.restart(2, name: 3, connect: ["10.0.0.1"])
        #expect(
            network.run(atMost: .seconds(3)) {
                network.agree([0, 1, 2], connections: 2) && network.nodes[0].router.peers()[2].version > before
            })
    }

    @Test("equal seeds give equal runs")
    func replays() {
        let runs = (0..<2).map { _ in
            let network = TestNetwork(seed: 50)
            for number in 1...4 {
                network.add(UInt8(number), connect: number == 1 ? [] : ["10.0.0.1"]) { $0.discovery = true }
            }
            network.run(for: .seconds(40))
            return network.nodes.map { "\($0.router.peers()) \($0.notes.count) \($0.dials)" }
        }
        #expect(runs[0] == runs[1])
    }
}
