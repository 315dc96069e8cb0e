import Glibc
@testable import PacketIO
import TestSupport
import Testing
import Wire

@Suite("datagram sockets on loopback")
struct DatagramSocketsTests {
    private let here = IPv4Address.loopback
    private let arena: Arena
    /// Memory for what is sent.
    private final class Arena: Sendable {
        let memory: MappedMemory
        init() throws { memory = try MappedMemory(count: 1 << 17) }
    }

    init() throws { arena = try Arena() }

    /// Sends datagrams of these sizes as one run and returns what arrives.
    private func exchange(_ sizes: [Int], choices: DatagramSockets.Choices, dontFragment: Bool) throws -> [[UInt8]] {
        let receiver = try DatagramSockets(address: here, port: PortNumber(rawValue: 0), choices: choices)
        let sender = try DatagramSockets(address: here, port: PortNumber(rawValue: 0), choices: choices)
        var random = SeededGenerator(seed: 1)
        let total = sizes.reduce(0, +)
        arena.memory.bytes.write(random.bytes(total))
        var runs = try SendRuns()
        var at = 0
        for size in sizes {
            if at > 0, sender.segments {
                runs.extendLast(by: size)
            } else {
                runs.append(
                    arena.memory.bytes.slice(at, size), address: here.rawValue, port: receiver.port.rawValue,
                    source: here.rawValue)
            }
            at += size
        }
        var next = 0
        while next < runs.count {
            let sent = runs.send(sender.handles.sender(dontFragment: dontFragment), from: next)
            try #require(sent > 0)
            next += sent
        }
        var buffers = try ReceiveBuffers(bytes: 4 * 65_536)
        var got: [[UInt8]] = []
        while true {
            let count = buffers.receive(receiver.handles)
            guard count > 0 else { break }
            for index in 0..<count {
                let message = buffers.message(index)
                #expect(message.address == here.rawValue)
                // From the one port that both sockets have.
                #expect(message.port == sender.port.rawValue)
                var offset = 0
                while offset < message.bytes.count {
                    let size = min(message.segmentBytes, message.bytes.count - offset)
                    got.append(message.bytes.array(offset, count: size))
                    offset += size
                }
            }
        }
        return got
    }

    @Test("batches grow while datagrams come alone, so that there is enough to join, and shrink when they come joined")
    func batches() throws {
        var choices = DatagramSockets.Choices()
        choices.udpSegmentation = false
        choices.udpReceiveOffload = false
        let sender = try DatagramSockets(address: here, port: PortNumber(rawValue: 0), choices: choices)
        let receiver = try DatagramSockets(address: here, port: PortNumber(rawValue: 0), choices: choices)
        var buffers = try ReceiveBuffers(bytes: 48 * 65_536)
        /// The sizes of the batches that so many datagrams arrive in.
        func batches(of count: Int, bytes: Int) throws -> [Int] {
            for _ in 0..<count {
                var run = try SendRuns()
                run.append(
                    arena.memory.bytes.slice(0, bytes), address: here.rawValue, port: receiver.port.rawValue,
                    source: here.rawValue)
                #expect(run.send(sender.handles.sender(dontFragment: false), from: 0) == 1)
            }
            var sizes: [Int] = []
            while case let received = buffers.receive(receiver.handles), received > 0 { sizes.append(received) }
            return sizes
        }
        #expect(try batches(of: 110, bytes: 1_400) == [8, 16, 32, 48, 6])
        // What holds much is taken in few at a time again.
        #expect(try batches(of: 60, bytes: 9_000) == [48, 8, 4])
    }

    @Test(
        "runs of equal datagrams with a shorter last one arrive as they were, on either path",
        arguments: [true, false], [true, false])
    func runs(segmentation: Bool, offload: Bool) throws {
        var choices = DatagramSockets.Choices()
        choices.udpSegmentation = segmentation
        choices.udpReceiveOffload = offload
        for dontFragment in [false, true] {
            for sizes in [
                [1], [1_472, 1_472, 1_472, 7], Array(repeating: 100, count: 64), Array(repeating: 1_000, count: 40),
            ] {
                let got = try exchange(sizes, choices: choices, dontFragment: dontFragment)
                #expect(got.map(\.count) == sizes)
                #expect(got.flatMap { $0 } == arena.memory.bytes.array(0, count: sizes.reduce(0, +)))
            }
        }
    }

    @Test("one socket does for both paths where the second is not to be had")
    func oneSocket() throws {
        var choices = DatagramSockets.Choices()
        choices.separateSocket = false
        for dontFragment in [true, false, true] {
            #expect(try exchange([500, 500], choices: choices, dontFragment: dontFragment).count == 2)
        }
    }

    @Test("ports that the kernel chooses are nobody else's")
    func ownPorts() throws {
        final class Kept {
            let sockets: DatagramSockets
            init(_ address: IPv4Address) throws {
                var choices = DatagramSockets.Choices()
                choices.separateSocket = false
                sockets = try DatagramSockets(address: address, port: PortNumber(rawValue: 0), choices: choices)
            }
        }
        // Of 28,000 ports two are the same almost surely, if they are drawn by chance.
        let all = try (0..<600).map { _ in try Kept(here) }
        #expect(Set(all.map { $0.sockets.port }).count == all.count)
    }

    @Test("every socket of the group asks for joined datagrams: which one the kernel looks at depends on a hash")
    func offloadEverywhere() throws {
        let sockets = try DatagramSockets(address: here, port: PortNumber(rawValue: 0))
        let handles = sockets.handles
        for socket in [handles.main, handles.unfragmented, handles.special] {
            var (value, size) = (CInt(0), socklen_t(MemoryLayout<CInt>.size))
            let option = SocketOption.receiveOffload
            #expect(getsockopt(socket, option.level, option.number, &value, &size) == 0)
            #expect(value == 1)
        }
    }

    @Test("a datagram larger than the path is refused with DF, and the path's size is known")
    func tooBig() throws {
        let sockets = try DatagramSockets(address: here, port: PortNumber(rawValue: 0))
        var runs = try SendRuns()
        runs.append(
            arena.memory.bytes.slice(0, 65_530), address: here.rawValue, port: sockets.port.rawValue, source: 0)
        #expect(runs.send(sockets.handles.sender(dontFragment: true), from: 0) == -Int(Errno.messageTooBig))
        #expect(DatagramSockets.pathMTU(toward: here) == 65_535)
    }

    @Test("what was probed is told, and what was switched off is not in use")
    func facilities() throws {
        var choices = DatagramSockets.Choices()
        choices.udpSegmentation = false
        let sockets = try DatagramSockets(address: here, port: PortNumber(rawValue: 0), choices: choices)
        let segments = sockets.segments
        #expect(!segments)
        let use = Dictionary(uniqueKeysWithValues: sockets.facilities.map { ($0.name, $0.isInUse) })
        #expect(use == ["udp-segmentation": false, "udp-receive-offload": true, "separate-socket": true])
        #expect(sockets.facilities.allSatisfy { !$0.words.isEmpty })
    }

    @Test("an address that is not ours is an error that names the call")
    func foreignAddress() {
        #expect(throws: SystemError(call: "bind 192.0.2.1:6783", errno: 99)) {
            _ = try DatagramSockets(address: IPv4Address(rawValue: 0xc000_0201), port: .mesh)
        }
    }
}
