@testable import DataPlane
import PacketIO
import Testing

@Suite("refusals of the kernel")
struct SendRefusalTests {
    @Test("what helps depends on the error, on the path, and on how many datagrams there are")
    func table() {
        let outcomes: [(errno: CInt, isRow: Bool, dontFragment: Bool, remedy: SendRefusal)] = [
            (Errno.inputOutput, true, true, .noSegmentation),
            (Errno.inputOutput, true, false, .noSegmentation),
            (Errno.inputOutput, false, true, .lost),
            (Errno.messageTooBig, true, true, .tooBig),
            (Errno.messageTooBig, false, true, .tooBig),
            (Errno.messageTooBig, true, false, .tooBig),
            (Errno.messageTooBig, false, false, .lost),
            (Errno.invalid, true, true, .tooBig),
            (Errno.invalid, true, false, .tooBig),
            (Errno.invalid, false, false, .lost),
            (Errno.notPermitted, true, true, .lost),
        ]
        for outcome in outcomes {
            let remedy = SendRefusal(outcome.errno, isRow: outcome.isRow, dontFragment: outcome.dontFragment)
            #expect(remedy == outcome.remedy, "\(outcome)")
        }
    }
}
