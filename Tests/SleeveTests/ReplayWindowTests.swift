import Sleeve
import TestSupport
import Testing

/// The same verdicts from a set of everything that was ever accepted.
private struct NaiveWindow {
    private var accepted: Set<UInt64> = []
    private var newest: UInt64 = 0

    mutating func accept(_ number: UInt64) -> Bool {
        let epoch = number >> 16
        guard epoch + 1 >= newest else { return false }
        newest = max(newest, epoch)
        return accepted.insert(number).inserted
    }
}

@Suite("Replay windows")
struct ReplayWindowTests {
    @Test("random numbers, steps back, repeats and jumps get the verdicts of a naive set", arguments: 1...20)
    func equalsNaive(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var window = ReplayWindow()
        var naive = NaiveWindow()
        var position: UInt64 = 0
        var refused = 0
        for _ in 0..<20_000 {
            switch Int.random(in: 0..<100, using: &random) {
            case 0: position += UInt64.random(in: 0...300_000, using: &random)
            case 1..<10: position += UInt64.random(in: 0...5_000, using: &random)
            default: position += 1
            }
            let back =
                UInt64.random(in: 0...1, using: &random) == 0 ? 0 : UInt64.random(in: 0...200_000, using: &random)
            let number = position - min(back, position)
            let expected = naive.accept(number)
            let verdict = window.accept(number)
            #expect(verdict == expected, "number \(number) at \(position)")
            if !verdict { refused += 1 }
        }
        #expect(refused > 0 && refused < 20_000)
    }

    @Test("acceptance reaches back from the newest number into the window before, and no further")
    func reach() {
        var window = ReplayWindow()
        let newest: UInt64 = 5 << 16
        let verdicts = [
            window.accept(newest), window.accept(newest - (1 << 16)), window.accept(newest - (1 << 16) - 1),
            window.accept(newest + 0xffff), window.accept(newest - (1 << 16) + 1),
        ]
        #expect(verdicts == [true, true, false, true, true])
    }

    @Test("the largest number is accepted once, and the DF bit does not count")
    func largest() {
        var window = ReplayWindow()
        let largest = UInt64.max >> 1
        let verdicts = [
            window.accept(largest), window.accept(largest), window.accept(.max), window.accept(largest - 1),
            window.accept(0),
        ]
        #expect(verdicts == [true, false, false, true, false])
    }

    @Test("zeroed memory of the caller is an empty window")
    func rawMemory() {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: ReplayWindow.memoryBytes + 64, alignment: 64)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: ReplayWindow.memoryBytes)
        let behind = memory + ReplayWindow.memoryBytes
        behind.initializeMemory(as: UInt8.self, repeating: 0xa5, count: 64)
        #expect(ReplayWindow.accept(0, in: memory))
        #expect(!ReplayWindow.accept(0, in: memory))
        for number in UInt64(0x1_fff0)...0x2_0010 { #expect(ReplayWindow.accept(number, in: memory)) }
        #expect(UnsafeRawBufferPointer(start: behind, count: 64).allSatisfy { $0 == 0xa5 })
    }

    @Test("the reference router's verdicts hold wherever the size of the window does not matter")
    func recordedVerdicts() throws {
        struct Vectors: Decodable {
            struct Replay: Decodable {
                struct Event: Decodable {
                    let seq: UInt64
                    let df: Bool
                    let framesDelivered: Int

                    private enum CodingKeys: String, CodingKey {
                        case seq, df
                        case framesDelivered = "frames_delivered"
                    }
                }
                let events: [Event]
            }
            let replay: Replay
        }
        let events = try Fixture.json("sleeve/crypto-vectors.json", as: Vectors.self).replay.events
        var withDF = ReplayWindow()
        var withoutDF = ReplayWindow()
        var newest: UInt64 = 0
        var compared = 0
        for event in events {
            let verdict = event.df ? withDF.accept(event.seq) : withoutDF.accept(event.seq)
            // Ours is smaller: what it refuses on top is more than two of its windows old.
            if event.df, (event.seq >> 16) + 1 < newest >> 16 {
                #expect(!verdict)
            } else {
                #expect(verdict == (event.framesDelivered == 1), "\(event.seq)")
                compared += 1
            }
            if event.df { newest = max(newest, event.seq) }
        }
        #expect(compared >= 10)
    }
}
