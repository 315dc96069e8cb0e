import Mesh
import Simulation
import Testing
import Wire

@Suite struct PartTests {
    @Test("events come in order of time, and of posting where that is equal")
    func queue() {
        var queue = EventQueue<Int>()
        for (event, at) in [(1, 30), (2, 10), (3, 20), (4, 10), (5, 10)] {
            queue.post(event, at: MonotonicInstant(nanoseconds: Int64(at)))
        }
        var order: [Int] = []
        while let next = queue.pop() { order.append(next.event) }
        #expect(order == [2, 4, 5, 3, 1])
        queue.post(6, at: MonotonicInstant(nanoseconds: 5))
        #expect(queue.earliest == MonotonicInstant(nanoseconds: 5) && queue.count == 1)
    }

    @Test("TCP tries again after 0.2, 0.6, 1.4 s and so on")
    func retransmission() {
        func after(_ milliseconds: Int64) -> Int64 {
            Stream.retransmission(since: 0, notBefore: milliseconds * 1_000_000) / 1_000_000
        }
        #expect([0, 200, 201, 601, 1_500, 10_000].map(after) == [200, 200, 600, 1_400, 3_000, 12_600])
    }

    @Test("blocks are of one direction and kind, and overlap")
    func underlay() {
        var underlay = Underlay(seed: 1, quality: UnderlayQuality())
        underlay.block(.udp, from: 0, to: 1)
        underlay.block(.all, from: 0, to: 1)
        #expect(!underlay.carriesTCP(0, 1) && !underlay.carriesUDP(0, 1) && underlay.carriesTCP(1, 0))
        underlay.unblock(.all, from: 0, to: 1)
        #expect(underlay.carriesTCP(0, 1) && !underlay.carriesUDP(0, 1))
        underlay.unblock(.udp, from: 0, to: 1)
        #expect(underlay.carriesUDP(0, 1))
        underlay.setIslands([0, 1, 2])
        #expect(underlay.carriesTCP(0, 2) && underlay.carriesTCP(1, 0) && !underlay.carriesTCP(1, 2))
        #expect(underlay.latency(1, 2) == underlay.latency(2, 1))
    }

    @Test("pretended seals open with the same key and nonce only, and keys depend on the password")
    func cryptography() {
        let cryptography = PretendedCryptography()
        let (left, right) = ([UInt8](repeating: 3, count: 32), [UInt8](0..<32))
        func key(_ own: [UInt8], _ other: [UInt8], _ password: String) -> [UInt8]? {
            cryptography.sessionKey(
                privateKey: own, remotePublicKey: cryptography.publicKey(ofPrivateKey: other),
                password: Array(password.utf8))
        }
        let shared = key(left, right, "a")
        #expect(shared?.count == 32 && shared == key(right, left, "a") && shared != key(left, right, "b"))
        let message = [UInt8](0..<100)
        let sealed = cryptography.seal(message, nonce: [1], key: shared ?? [])
        #expect(sealed.count == 116)
        #expect(cryptography.open(sealed, nonce: [1], key: shared ?? []) == message)
        #expect(cryptography.open(sealed, nonce: [2], key: shared ?? []) == nil)
        #expect(cryptography.open(sealed, nonce: [1], key: left) == nil)
        #expect(cryptography.open(Array(sealed.dropLast()), nonce: [1], key: shared ?? []) == nil)
    }
}
