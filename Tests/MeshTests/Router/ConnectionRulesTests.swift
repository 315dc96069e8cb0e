import Mesh
import TestSupport
import Testing
import Wire

@Suite struct ConnectionRulesTests {
    @Test("a connection to ourselves is closed, never tried again, and not counted")
    func selfConnection() {
        let network = TestNetwork(seed: 1)
        network.add(1, connect: ["10.0.0.1"])
        network.run(for: .seconds(120))
        #expect(network.nodes[0].dials == 1)
        #expect(network.nodes[0].router.connections().isEmpty)
        let target = network.nodes[0].router.targets()[0]
        #expect(target.state == .failed && target.nextTry == nil)
        #expect(target.reason?.contains("ourselves") == true)
        // The accepting end sees the same reason, or the reset, whichever comes first.
        #expect(network.nodes[0].router.terminationCount <= 1)
    }

    @Test("a router with our name is refused with words that say what to change, and not tried again")
    func nameCollision() {
        let network = TestNetwork(seed: 2)
        network.add(1)
        network.add(2, name: 1, connect: ["10.0.0.1"])
        network.run(for: .seconds(120))
        #expect(network.nodes[1].dials == 1)
        #expect(network.nodes[1].router.targets()[0].reason?.contains("--name") == true)
        #expect(network.nodes.allSatisfy { $0.router.connections().isEmpty })
    }

    @Test("a second host with the name of a connected peer does not push it out")
    func clone() {
        let network = TestNetwork(seed: 3)
        network.add(1)
        network.add(2, connect: ["10.0.0.1"])
        #expect(network.run(atMost: .seconds(2)) { network.agree([0, 1], connections: 1) })
        let before = network.nodes[0].router.connections()
        network.add(3, name: 2, connect: ["10.0.0.1"])
        network.run(for: .seconds(60))
        #expect(network.nodes[0].router.connections().map(\.link) == before.map(\.link))
        #expect(network.nodes[0].notes.contains { $0.message == "two routers have one name" })
        #expect(network.nodes[0].closeReasons.contains { $0.contains("10.0.0.2") && $0.contains("10.0.0.3") })
    }

    @Test("beyond the connection limit peers are refused, and no target is dialled")
    func limit() {
        let network = TestNetwork(seed: 4)
        network.add(1) { $0.connectionLimit = 2 }
        for number in 2...4 { network.add(UInt8(number), connect: ["10.0.0.1"]) }
        network.run(for: .seconds(20))
        #expect(network.nodes[0].router.connections().filter { $0.state == .established }.count == 2)
        #expect(network.nodes[0].closeReasons.contains { $0.contains("limit of 2 connections") })
        network.handle(.connect([Target(text: "10.0.0.9")].compactMap { $0 }, replace: false), at: 0)
        #expect(network.nodes[0].dials == 0)
        #expect(network.nodes[0].router.targets().last?.reason?.contains("limit") == true)
    }

    @Test("a password on one side only is told by its reason on both sides")
    func passwordMismatch() {
        let network = TestNetwork(seed: 5)
        network.add(1) { $0.password = Array("secret".utf8) }
        network.add(2, connect: ["10.0.0.1"])
        network.run(for: .seconds(1))
        let target = network.nodes[1].router.targets()[0]
        #expect(target.state == .failed)
        #expect(target.reason?.contains("password") == true)
        #expect(target.failingSince != nil && target.nextTry != nil)
        #expect(network.nodes[0].router.closures().last?.reason.contains("password") == true)
    }

    @Test("connections stay while a peer is idle, and heartbeats are what keeps them")
    func idle() {
        let network = TestNetwork(seed: 6)
        network.add(1)
        network.add(2, connect: ["10.0.0.1"])
        network.run(for: .seconds(600))
        #expect(network.agree([0, 1], connections: 1))
        #expect(network.nodes.allSatisfy { $0.router.terminationCount == 0 })
    }

    @Test("a peer that falls silent is given up after 60 to 90 seconds, and with it what only it leads to")
    func silence() {
        let network = TestNetwork(seed: 7)
        network.add(1)
        network.add(2, connect: ["10.0.0.1"])
        network.add(3, connect: ["10.0.0.2"])
        #expect(network.run(atMost: .seconds(5)) { network.agree([0, 1, 2], connections: 2) })
        network.freeze()
        network.run(for: .seconds(25))
        #expect(network.nodes[0].router.connections().count == 1)
        network.run(for: .seconds(65))
        #expect(network.nodes[0].router.connections().isEmpty)
        #expect(network.nodes[0].router.peers().count == 1)
        #expect(network.nodes[0].router.closures().last?.reason.contains("60 s") == true)
    }

    @Test("forgotten targets are not dialled again, connections stay, and the rest is remembered in order")
    func forget() {
        let network = TestNetwork(seed: 8)
        network.add(1)
        network.add(2, connect: ["10.0.0.1", "10.0.0.77", "10.0.0.78:1234"])
        network.run(for: .seconds(2))
        #expect(network.nodes[1].remembered == ["10.0.0.1", "10.0.0.77", "10.0.0.78:1234"])
        network.handle(.forget(["10.0.0.1", "10.0.0.77", "nonsense"]), at: 1)
        #expect(network.nodes[1].remembered == ["10.0.0.78:1234"])
        #expect(network.agree([0, 1], connections: 1))
        network.handle(.connect([Target(text: "10.0.0.99")].compactMap { $0 }, replace: true), at: 1)
        #expect(network.nodes[1].remembered == ["10.0.0.99"])
        network.run(for: .seconds(60))
        #expect(network.nodes[1].router.targets().filter(\.isDirect).map(\.text) == ["10.0.0.99"])
    }

    @Test("a target given again in another form is one target")
    func sameTarget() {
        let network = TestNetwork(seed: 9)
        network.add(1, connect: ["10.0.0.7", "10.0.0.7:6783", "Host.example", "host.EXAMPLE"])
        #expect(network.nodes[0].remembered == ["10.0.0.7", "Host.example"])
    }
}
