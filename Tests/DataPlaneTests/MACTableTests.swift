@testable import DataPlane
import PacketIO
import TestSupport
import Testing

@Suite("the table of hardware addresses")
final class MACTableTests {
    private let memory: MappedMemory

    init() throws { memory = try MappedMemory(count: 64) }

    private func budget(_ index: Int = 0) -> LearningBudget { LearningBudget(words: memory.words, index: index) }

    @Test("random learning, moving, ageing and forgetting agrees with a dictionary")
    func model() throws {
        let table = try MACTable(buckets: 64)
        let view = table.view
        var model: [UInt64: (peer: UInt64, seen: UInt16)] = [:]
        var random = SeededGenerator(seed: 7)
        // 60 addresses never fill a bucket of eight among 64 by this hash (checked: nothing is pushed out below).
        let addresses = (0..<60).map { _ in UInt64.random(in: 1...0xfeff_ffff_ffff, using: &random) }
        var second: UInt16 = 65_000
        for _ in 0..<20_000 {
            let address = addresses.randomElement(using: &random) ?? 1
            let peer = UInt64.random(in: 1...5, using: &random)
            switch UInt64.random(in: 0..<100, using: &random) {
            case 0..<60:
                let learnt = view.learn(address, at: peer, second: second, budget: budget())
                let before = model[address]
                switch learnt {
                case .known: #expect(before?.peer == peer)
                case .new: #expect(before == nil)
                case .moved(let from): #expect(before?.peer == from && from != peer)
                case .evicted: Issue.record("the table is large enough")
                case .refused: Issue.record("the budget is large enough")
                }
                let isFresh = before?.peer == peer && second &- (before?.seen ?? 0) < MACTable.refreshSeconds
                if !isFresh { model[address] = (peer, second) }
            case 60..<97: #expect(view.peer(of: address) == model[address]?.peer)
            case 97:
                let now = second
                #expect(view.remove { _, seen in now &- seen >= MACTable.lifetimeSeconds })
                model = model.filter { now &- $0.value.seen < MACTable.lifetimeSeconds }
            case 98:
                #expect(view.remove { gone, _ in gone == peer })
                model = model.filter { $0.value.peer != peer }
            default: second &+= 37
            }
        }
        #expect(Dictionary(uniqueKeysWithValues: view.all().map { ($0.address, $0.peer) }) == model.mapValues(\.peer))
    }

    @Test("a full bucket gives up the address that was not seen for longest")
    func oldestGoes() throws {
        let table = try MACTable(buckets: 1)
        let view = table.view
        for address in 1...8 { _ = view.learn(UInt64(address), at: 9, second: UInt16(address), budget: budget()) }
        guard case .evicted = view.learn(100, at: 9, second: 20, budget: budget()) else {
            Issue.record("nothing had to go")
            return
        }
        #expect(view.peer(of: 1) == nil)
        #expect(view.peer(of: 2) == 9)
        #expect(view.peer(of: 100) == 9)
    }

    @Test("five thousand containers are all known at once", arguments: 1...5)
    func large(seed: UInt64) throws {
        let table = try MACTable()
        let view = table.view
        var random = SeededGenerator(seed: seed)
        // As Docker and weave make them: a prefix and an address, or random ones.
        let addresses = (0..<5_000).map { index in
            seed == 1 ? 0x0242_0a20_0000 + UInt64(index) : UInt64.random(in: 1...0xfeff_ffff_ffff, using: &random)
        }
        for (index, address) in addresses.enumerated() {
            // A new second for each: the budget is not what is tested.
            _ = view.learn(address, at: 9, second: UInt16(index), budget: budget())
        }
        #expect(addresses.allSatisfy { view.peer(of: $0) == 9 })
    }

    @Test("a port that invents addresses runs out of budget, and others learn on")
    func budgets() throws {
        let table = try MACTable()
        let view = table.view
        var refused = 0
        for address in 1...5_000 {
            if case .refused = view.learn(UInt64(address), at: 1, second: 1, budget: budget()) { refused += 1 }
        }
        #expect(refused == 5_000 - Int(LearningBudget.addresses.burst))
        if case .refused = view.learn(9_999, at: 2, second: 1, budget: budget(1)) { Issue.record("another port") }
        // A second later there is something again.
        if case .refused = view.learn(9_998, at: 1, second: 2, budget: budget()) { Issue.record("a second passed") }
    }

    @Test("nobody waits for the mark: learning is refused while somebody else writes")
    func mark() throws {
        let table = try MACTable()
        let view = table.view
        var inside = false
        _ = view.learn(1, at: 1, second: 1, budget: budget())
        _ = view.remove { _, _ in
            inside = true
            if case .refused = view.learn(2, at: 1, second: 1, budget: budget()) { return false }
            Issue.record("two writers")
            return false
        }
        #expect(inside)
        #expect(view.peer(of: 1) == 1)
    }
}
