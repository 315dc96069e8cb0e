import Mesh
import TestSupport
import Testing
import Wire

@Suite struct ShortIDTests {
    @Test("the lowest name owns an id, the next waits behind it")
    func ownership() throws {
        var table = ShortIDTable()
        let id = try #require(ShortID(rawValue: 7))
        let result1 = table.claim(id, by: TestNetwork.name(3))
        #expect(!result1)
        let result2 = table.claim(id, by: TestNetwork.name(4))
        #expect(!result2)
        let result3 = table.claim(id, by: TestNetwork.name(2))
        #expect(result3)
        #expect(table.owner(of: id) == TestNetwork.name(2))
        let result4 = table.release(id, by: TestNetwork.name(2))
        #expect(result4)
        #expect(table.owner(of: id) == TestNetwork.name(3))
        let result5 = table.release(id, by: TestNetwork.name(4))
        #expect(!result5)
        let result6 = table.release(id, by: TestNetwork.name(3))
        #expect(!result6)
        let result7 = table.claim(id, by: TestNetwork.name(9))
        #expect(result7, "taken again after it was free")
    }

    @Test("of two routers with one short id the higher name chooses another", arguments: [2, 9] as [UInt8])
    func conflict(number: UInt8) throws {
        var puppet = try HostilePeerTests.Puppet(number: number == 2 ? 9 : number)
        let own = try #require(puppet.router.shortID)
        let name = try #require(PeerName(rawValue: number == 2 ? 0x0000_0000_0002 : 0x0200_0000_0009))
        let rival = PeerRecord(name: name, nickname: "", uid: 1, version: 1, shortID: own)
        try puppet.say(
            .gossip(channel: "topology", source: TestNetwork.name(9), payload: TopologyCodec.encode([rival])))
        #expect((puppet.router.shortID == own) == (number == 9))
    }

    @Test("with one id left it is found, and with none left nothing is made up")
    func exhaustion() throws {
        var random = MeshRandom(SeededGenerator(seed: 1))
        var table = ShortIDTable()
        let last = try #require(ShortID(rawValue: 77))
        for raw in 0..<UInt16(ShortID.count) {
            guard let id = ShortID(rawValue: raw), id != last else { continue }
            _ = table.claim(id, by: TestNetwork.name(1))
        }
        let free2199 = table.free(using: &random)
        #expect(free2199 == last)
        _ = table.claim(last, by: TestNetwork.name(1))
        let free2306 = table.free(using: &random)
        #expect(free2306 == nil)
    }
}
