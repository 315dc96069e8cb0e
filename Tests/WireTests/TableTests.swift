import TestSupport
import Testing
import Wire

/// Tables of names: slots, and the hash of one number.
@Suite struct TableTests {
    @Test(
        "a slot table holds what a dictionary holds, whatever is done to it", arguments: 1...10 as ClosedRange<UInt64>)
    func likeADictionary(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var table = SlotTable<UInt64, [Int]>()
        var dictionary: [UInt64: [Int]] = [:]
        for step in 0..<2_000 {
            let key = generator.next() % 50
            switch generator.next() % 4 {
            case 0:
                table[key] = [step]
                dictionary[key] = [step]
            case 1:
                table[key]?.append(step)
                dictionary[key]?.append(step)
            case 2: #expect(table.removeValue(forKey: key) == dictionary.removeValue(forKey: key))
            default: #expect(table[key] == dictionary[key])
            }
            #expect(table.count == dictionary.count && table.contains(key) == (dictionary[key] != nil))
        }
        #expect(Set(table.keys) == Set(dictionary.keys))
        for key in table.keys { #expect(table[key] == dictionary[key]) }
    }

    @Test("numbers that differ in any one bit, or follow each other, spread over a table")
    func spread() {
        for seed in [0, 1, Int.max] {
            let single = (0..<64).map { NumberHash.value(of: 1 << UInt64($0), seed: seed) }
            let row = (0..<1_000).map { NumberHash.value(of: $0, seed: seed) }
            #expect(Set(single).count == 64)
            // Tables take the lowest bits: of 1,000 keys in 1,024 places about 630 places are taken by chance.
            #expect(Set(row.map { $0 & 1_023 }).count > 400)
        }
    }

    @Test("names that are equal have one hash, whichever way they were made")
    func equalNames() throws {
        let name = try #require(PeerName(text: "02:00:00:00:0b:01"))
        let same = try #require(PeerName(rawValue: 0x0200_0000_0b01))
        #expect(name._rawHashValue(seed: 7) == same._rawHashValue(seed: 7))
        #expect(Set([name, same]).count == 1)
    }
}
