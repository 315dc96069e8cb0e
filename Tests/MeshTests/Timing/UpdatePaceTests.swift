import Testing
import Wire

@testable import Mesh

@Suite struct UpdatePaceTests {
    private let start = MonotonicInstant(nanoseconds: 0)

    private func at(_ milliseconds: Int) -> MonotonicInstant { start + .milliseconds(milliseconds) }

    @Test("the first four changes after a quiet second are told 10 ms later")
    func burst() {
        var pace = UpdatePace(at: start)
        for change in [0, 20, 40, 60] {
            #expect(pace.changed(at: at(change)) == at(change + 10))
            pace.told(at: at(change + 10))
        }
        #expect(pace.changed(at: at(80)) == at(1_070), "a second after the last one")
        pace.told(at: at(1_070))
        #expect(pace.changed(at: at(2_080)) == at(2_090), "after a quiet second at once again")
    }

    @Test("while changes follow each other they are told when they pause, and after 2 s at most")
    func storm() {
        var pace = UpdatePace(at: start)
        for _ in 0..<4 {
            _ = pace.changed(at: start)
            pace.told(at: start)
        }
        #expect(pace.changed(at: at(950)) == at(1_050))
        #expect(pace.changed(at: at(1_040)) == at(1_140), "it moves with each change")
        for change in stride(from: 1_100, to: 2_900, by: 50) { _ = pace.changed(at: at(change)) }
        #expect(pace.changed(at: at(2_920)) == at(2_950), "but not beyond 2 s after the first")
    }
}
