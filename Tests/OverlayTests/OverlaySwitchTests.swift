import Testing

@testable import Overlay

@Suite("Which overlay of a connection carries its frames")
struct OverlaySwitchTests {
    @Test("the first that works carries, and a preferred one takes over")
    func preferred() {
        var overlays = OverlaySwitch([.fastDatapath, .sleeve])
        #expect(overlays.handle(.works, of: .sleeve) == [.chose(.sleeve), .established])
        #expect(overlays.handle(.works, of: .fastDatapath) == [.chose(.fastDatapath)])
        #expect(overlays.chosen == .fastDatapath)
    }

    @Test("a silent overlay is left for one that works, and used again when it is back")
    func fallback() {
        var overlays = OverlaySwitch([.fastDatapath, .sleeve])
        _ = overlays.handle(.works, of: .fastDatapath)
        #expect(overlays.handle(.works, of: .sleeve).isEmpty)
        #expect(overlays.handle(.silent(reason: "no heartbeat"), of: .fastDatapath) == [.chose(.sleeve)])
        #expect(overlays.trouble(of: .fastDatapath) == "no heartbeat")
        #expect(overlays.handle(.works, of: .fastDatapath) == [.chose(.fastDatapath)])
        #expect(overlays.trouble(of: .fastDatapath) == nil)
    }

    @Test("a silent one stays in use while the other has just begun, and ends the connection when that is given up")
    func nothingWorks() {
        var overlays = OverlaySwitch([.fastDatapath, .sleeve])
        _ = overlays.handle(.works, of: .fastDatapath)
        #expect(overlays.handle(.silent(reason: "no heartbeat"), of: .fastDatapath).isEmpty)
        #expect(overlays.chosen == .fastDatapath)
        #expect(
            overlays.handle(.failed(reason: "no answer"), of: .sleeve)
                == [.failed(reason: "fastdp: no heartbeat; sleeve: no answer")])
    }

    @Test("an overlay that was given up never comes back, and the connection ends with the last of them")
    func failures() {
        var overlays = OverlaySwitch([.fastDatapath, .sleeve])
        _ = overlays.handle(.works, of: .fastDatapath)
        _ = overlays.handle(.works, of: .sleeve)
        #expect(overlays.handle(.failed(reason: "port taken"), of: .fastDatapath) == [.chose(.sleeve)])
        #expect(overlays.handle(.works, of: .fastDatapath).isEmpty)
        #expect(
            overlays.handle(.failed(reason: "no answer"), of: .sleeve)
                == [.failed(reason: "fastdp: port taken; sleeve: no answer")])
    }

    @Test("before one works, an overlay that fails is no end while another may work")
    func starting() {
        var overlays = OverlaySwitch([.fastDatapath, .sleeve])
        #expect(overlays.handle(.failed(reason: "port taken"), of: .fastDatapath).isEmpty)
        #expect(overlays.chosen == nil)
        #expect(overlays.handle(.works, of: .sleeve) == [.chose(.sleeve), .established])
    }

    @Test("the reason of the only overlay stands alone")
    func single() {
        var overlays = OverlaySwitch([.sleeve])
        #expect(overlays.handle(.failed(reason: "no answer"), of: .sleeve) == [.failed(reason: "no answer")])
    }
}
