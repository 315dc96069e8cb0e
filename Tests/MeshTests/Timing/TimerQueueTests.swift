import Mesh
import TestSupport
import Testing
import Wire

@Suite struct TimerQueueTests {
    @Test(
        "timers fire like those of a naive list, whatever is set, moved and cancelled",
        arguments: 1...20 as ClosedRange<UInt64>)
    func naive(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var queue = TimerQueue<Int>()
        var model: [Int: Int64] = [:]
        var now: Int64 = 0
        for _ in 0..<2_000 {
            let key = Int.random(in: 0..<20, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0, 1:
                // Distinct instants, so that the order is decided.
                let at = (now + Int64.random(in: 1...500, using: &random)) * 32 + Int64(key)
                queue.set(key, at: MonotonicInstant(nanoseconds: at))
                model[key] = at
            case 2:
                queue.cancel(key)
                model[key] = nil
            default:
                now += Int64.random(in: 0...100, using: &random)
                let due = model.filter { $0.value <= now * 32 }.sorted { $0.value < $1.value }.map(\.key)
                var fired: [Int] = []
                while let key = queue.popDue(at: MonotonicInstant(nanoseconds: now * 32)) { fired.append(key) }
                #expect(fired == due)
                for key in due { model[key] = nil }
            }
            #expect(queue.earliest()?.nanoseconds == model.values.min())
            #expect(queue.isSet(key) == (model[key] != nil))
        }
    }
}
