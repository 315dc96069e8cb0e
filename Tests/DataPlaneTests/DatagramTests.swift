@testable import DataPlane
import Glibc
import Overlay
import PacketIO
import Sealing
import Sleeve
import TestSupport
import Testing
import Wire

/// What other routers send and see: datagrams by hand, against one data plane.
@Suite("datagrams on the wire")
struct DatagramTests {
    private static let key: [UInt8] = (0..<32).map { UInt8($0 * 7) }

    /// A plain UDP socket that plays the other router.
    private final class Remote {
        let socket: CInt
        let endpoint: Endpoint
        let name = Host.name(2)

        init() {
            let socket = Glibc.socket(AF_INET, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0)
            var own = sockaddr_in()
            own.sin_family = sa_family_t(AF_INET)
            own.sin_addr.s_addr = UInt32(0x7f00_0002).bigEndian
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutablePointer(to: &own) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    precondition(bind(socket, $0, size) == 0 && getsockname(socket, $0, &size) == 0)
                }
            }
            self.socket = socket
            endpoint = Endpoint(
                .v4(IPv4Address(rawValue: 0x7f00_0002)), PortNumber(rawValue: UInt16(bigEndian: own.sin_port)))
        }

        deinit { close(socket) }

        func send(_ bytes: [UInt8], to endpoint: Endpoint) {
            var to = sockaddr_in()
            to.sin_family = sa_family_t(AF_INET)
            to.sin_port = endpoint.port.rawValue.bigEndian
            to.sin_addr.s_addr = (endpoint.address.v4?.rawValue ?? 0).bigEndian
            let sent = withUnsafePointer(to: &to) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(socket, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            precondition(sent == bytes.count)
        }

        func receive() -> [UInt8]? {
            var buffer = [UInt8](repeating: 0, count: 70_000)
            let count = recv(socket, &buffer, buffer.count, 0)
            return count < 0 ? nil : Array(buffer[..<count])
        }
    }

    private func host(
        _ remote: Remote, key: [UInt8]?, isOutbound: Bool = false, connectionUID: UInt64? = nil
    ) throws -> (Host, PeerSlot) {
        let host = try Host(1)
        let slot = try host.plane.openSlot(
            SlotConfiguration(
                remoteName: remote.name, sessionKey: key, isOutbound: isOutbound, connectionUID: connectionUID))
        host.plane.setRemote(slot, remote.endpoint)
        host.plane.publish(
            ForwardingSnapshot(
                ownName: host.name, knownPeers: [host.name, remote.name], neighbours: [remote.name: slot],
                unicast: [remote.name: remote.name], broadcast: [host.name: [remote.name]]))
        return (host, slot)
    }

    private func record(_ source: PeerName, _ destination: PeerName, _ frame: [UInt8]) -> [UInt8] {
        SleeveRecord(source: source, destination: destination, frame: frame).encodedForTest
    }

    private func seal(_ body: [UInt8], number: UInt64, dontFragment: Bool, senderDialled: Bool) throws -> [UInt8] {
        let key = try DatagramKey(sessionKey: Self.key, senderDialled: senderDialled)
        let sequence = SealedSequence(number: number, dontFragment: dontFragment).rawValue
        var body = body
        var tag = [UInt8](repeating: 0, count: 16)
        let scratch = UnsafeMutableRawPointer.allocate(byteCount: DatagramKey.scratchBytes, alignment: 64)
        defer { scratch.deallocate() }
        let count = body.count
        body.withUnsafeMutableBytes { body in
            tag.withUnsafeMutableBytes { tag in
                key.seal(
                    body.baseAddress ?? scratch, count: count, tag: tag.baseAddress ?? scratch, sequence: sequence,
                    scratch: scratch)
            }
        }
        var bytes: [UInt8] = []
        bytes.appendNetwork(sequence)
        return bytes + tag + body
    }

    private let frame: [UInt8] = [2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8, 0x90, 0, 1, 2, 3]

    @Test("a captured frame leaves as name and record")
    func clear() throws {
        let remote = Remote()
        let (host, _) = try host(remote, key: nil)
        #expect(host.port.write(ModelFrame(bytes: frame)))
        #expect(host.port.write(ModelFrame(bytes: frame)))
        host.carry()
        let one = record(host.name, remote.name, frame)
        // Both frames of a batch share a datagram.
        #expect(remote.receive() == host.name.bytes + one + one)
        #expect(remote.receive() == nil)
    }

    @Test("sealed datagrams count DF and other datagrams apart, from 0, and open as NaCl secretbox")
    func sealed() throws {
        let remote = Remote()
        let (host, slot) = try host(remote, key: Self.key, isOutbound: true)
        for number in 0..<3 {
            #expect(host.plane.send(.heartbeat(connectionUID: 77), on: slot) == .sent)
            let body = record(host.name, remote.name, SleeveSpecial.heartbeat(connectionUID: 77).frame)
            let expected = try seal(body, number: UInt64(number), dontFragment: true, senderDialled: true)
            #expect(remote.receive() == host.name.bytes + expected)
        }
        // Not IPv4: without DF.
        #expect(host.port.write(ModelFrame(bytes: frame)))
        host.carry()
        let expected = try seal(
            record(host.name, remote.name, frame), number: 0, dontFragment: false, senderDialled: true)
        #expect(remote.receive() == host.name.bytes + expected)
    }

    @Test("special frames of the neighbour become news, with the address that they came from")
    func news() throws {
        let remote = Remote()
        let (host, slot) = try host(remote, key: nil)
        let specials: [SleeveSpecial] = [
            .heartbeat(connectionUID: 0x0102_0304_0506_0708), .fragmentationTest, .mtuTest(size: 1_438),
        ]
        for special in specials {
            remote.send(remote.name.bytes + record(remote.name, host.name, special.frame), to: host.endpoint)
        }
        var damaged = SleeveSpecial.fragmentationTest.frame
        damaged[50_000] = 1
        remote.send(remote.name.bytes + record(remote.name, host.name, damaged), to: host.endpoint)
        // For somebody else, and from somebody else: dropped.
        remote.send(remote.name.bytes + record(remote.name, remote.name, specials[0].frame), to: host.endpoint)
        remote.send(remote.name.bytes + record(host.name, host.name, specials[0].frame), to: host.endpoint)
        host.carry()
        let events = host.news.all.map { news -> SleeveEvent? in
            guard case .special(let from, let event) = news, from == slot else { return nil }
            return event
        }
        #expect(
            events == [
                .heartbeat(connectionUID: 0x0102_0304_0506_0708, from: remote.endpoint),
                .fragmentationTest(intact: true), .mtuTest(size: 1_438), .fragmentationTest(intact: false),
            ])
        #expect(host.dropped("misplaced-special") == 2)
    }

    @Test("a flood of special frames bothers the control loop a hundred times a second, and heartbeats get through")
    func specialFlood() throws {
        let remote = Remote()
        let (host, _) = try host(remote, key: nil, connectionUID: 77)
        func send(_ special: SleeveSpecial) {
            remote.send(remote.name.bytes + record(remote.name, host.name, special.frame), to: host.endpoint)
        }
        func heard(at second: Int64) -> Int {
            let before = host.news.all.count
            host.carry(at: second)
            return host.news.all.count - before
        }
        for _ in 0..<1_000 {
            send(.mtuTest(size: 100))
            // Of another connection, or forged.
            send(.heartbeat(connectionUID: 1))
        }
        #expect(heard(at: 100) == 256)
        #expect(host.dropped("special-flood") == 1_000 - 256)
        #expect(host.dropped("misplaced-special") == 1_000)
        send(.heartbeat(connectionUID: 77))
        #expect(heard(at: 100) == 1)
        for _ in 0..<300 { send(.mtuTest(size: 100)) }
        #expect(heard(at: 101) == 100)
        for _ in 0..<100 { send(.heartbeat(connectionUID: 77)) }
        #expect(heard(at: 101) == 20)
    }

    @Test("a sealed datagram is delivered once: copies, forgeries and other keys are dropped")
    func replay() throws {
        let remote = Remote()
        let (host, slot) = try host(remote, key: Self.key)
        let body = record(remote.name, host.name, frame)
        let good = remote.name.bytes + (try seal(body, number: 5, dontFragment: true, senderDialled: true))
        let other = remote.name.bytes + (try seal(body, number: 5, dontFragment: false, senderDialled: true))
        let reflected = remote.name.bytes + (try seal(body, number: 6, dontFragment: true, senderDialled: false))
        var forged = remote.name.bytes + (try seal(body, number: 1 << 40, dontFragment: true, senderDialled: true))
        forged[forged.count - 1] ^= 1
        for datagram in [good, good, other, reflected, forged, good] { remote.send(datagram, to: host.endpoint) }
        remote.send(Array(good.prefix(29)), to: host.endpoint)
        host.carry()
        #expect(host.port.readAll().map(\.bytes) == [frame, frame])
        #expect(host.dropped("replayed") == 2)
        #expect(host.dropped("not-authentic") == 2)
        #expect(host.dropped("malformed") == 1)
        let counters = try #require(host.plane.slotCounters(slot))
        #expect(counters.framesReceived == 2)
        #expect(counters.droppedReceiving == 5)
    }

    @Test("datagrams of strangers, and records that reach too far, are dropped; what came before them counts")
    func hostile() throws {
        let remote = Remote()
        let (host, _) = try host(remote, key: nil)
        let good = record(remote.name, host.name, frame)
        remote.send([], to: host.endpoint)
        remote.send([1, 2, 3], to: host.endpoint)
        remote.send(Host.name(9).bytes + good, to: host.endpoint)
        remote.send(host.name.bytes + good, to: host.endpoint)
        remote.send(remote.name.bytes + good + good.dropLast(), to: host.endpoint)
        remote.send(remote.name.bytes + record(Host.name(9), host.name, frame), to: host.endpoint)
        remote.send(remote.name.bytes + record(remote.name, host.name, [1, 2, 3]), to: host.endpoint)
        var random = SeededGenerator(seed: 5)
        for _ in 0..<2_000 {
            var bytes = remote.name.bytes + good + good
            bytes[Int.random(in: 6..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            remote.send(Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random))), to: host.endpoint)
            host.carry()
        }
        host.carry()
        let got = host.port.readAll().map(\.bytes)
        #expect(got.first == frame)
        #expect(host.dropped("unknown-sender") >= 2)
        #expect(host.dropped("unknown-peer") >= 1)
        #expect(host.dropped("malformed") >= 3)
    }

    @Test("without an address of the neighbour nothing is sent; closed slots receive nothing")
    func unknownRemote() throws {
        let remote = Remote()
        let host = try Host(1)
        let slot = try host.plane.openSlot(
            SlotConfiguration(remoteName: remote.name, sessionKey: nil, isOutbound: false))
        #expect(host.plane.send(.heartbeat(connectionUID: 1), on: slot) == .noRemote)
        host.plane.publish(
            ForwardingSnapshot(
                ownName: host.name, knownPeers: [host.name, remote.name], neighbours: [remote.name: slot],
                unicast: [remote.name: remote.name], broadcast: [host.name: [remote.name]]))
        #expect(host.port.write(ModelFrame(bytes: frame)))
        host.carry()
        #expect(host.dropped("no-remote") == 1)
        host.plane.closeSlot(slot)
        remote.send(remote.name.bytes + record(remote.name, host.name, frame), to: host.endpoint)
        host.carry()
        #expect(host.port.readAll() == [])
        #expect(host.dropped("unknown-sender") == 1)
    }
}

extension SleeveRecord {
    /// As on the wire: names, length, frame.
    fileprivate var encodedForTest: [UInt8] { SleeveBody(records: [self]).encoded }
}
