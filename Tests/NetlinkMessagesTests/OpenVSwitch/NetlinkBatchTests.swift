import AllocationCounter
import NetlinkMessages
import Testing
import Wire

@Suite struct NetlinkBatchTests {
    private static let families = OpenVSwitchFamilies(
        datapath: GenericFamily(type: NetlinkType(rawValue: 26), name: "ovs_datapath"),
        vport: GenericFamily(type: NetlinkType(rawValue: 27), name: "ovs_vport"),
        flow: GenericFamily(type: NetlinkType(rawValue: 28), name: "ovs_flow"),
        packet: GenericFamily(type: NetlinkType(rawValue: 29), name: "ovs_packet"))
    private static let index = DatapathIndex(rawValue: 4)
    private static let match = FlowMatch(
        exactly: FlowKey(
            inPort: VportNumber(rawValue: 2),
            tunnel: TunnelKey(id: 9, source: .loopback, destination: .loopback),
            ethernet: EthernetKey(source: .broadcast, destination: .broadcast)))
    private static let actions: [FlowAction] = [
        .setTunnel(TunnelKey(id: 9, source: .loopback, destination: .any, timeToLive: 64, flags: .dontFragment)),
        .output(VportNumber(rawValue: 3)),
        .checkLength(1400, greater: [.userspace(UpcallPort(rawValue: 1), userdata: [1, 2])], lessOrEqual: []),
    ]

    @Test("what is appended is what the request by itself would be")
    func sameBytes() throws {
        let requests = [
            Self.families.createFlow(Self.match, actions: Self.actions, id: FlowID(high: 1, low: 2), in: Self.index),
            Self.families.changeFlow(Self.match, actions: Self.actions, clearStatistics: true, in: Self.index),
            Self.families.deleteFlow(.key(Self.match.key), in: Self.index),
            Self.families.deleteFlow(.id(FlowID(high: 1, low: 2)), in: Self.index),
        ]
        var batch = NetlinkBatch()
        Self.families.appendCreateFlow(
            Self.match, actions: Self.actions, id: FlowID(high: 1, low: 2), in: Self.index, to: &batch)
        Self.families.appendChangeFlow(
            Self.match, actions: Self.actions, clearStatistics: true, in: Self.index, to: &batch)
        Self.families.appendDeleteFlow(.key(Self.match.key), in: Self.index, to: &batch)
        Self.families.appendDeleteFlow(.id(FlowID(high: 1, low: 2)), in: Self.index, to: &batch)
        batch.append(.deleteLink(7))
        #expect(batch.number(from: 10, port: 42) == 10)
        var expected: [UInt8] = []
        for (place, request) in (requests + [.deleteLink(7)]).enumerated() {
            expected += request.bytes(sequence: 10 + UInt32(place), port: 42)
        }
        #expect(batch.bytes == expected)
        #expect(batch.count == 5)
        #expect(try NetlinkMessage.messages(in: batch.bytes).map(\.header.sequence) == [10, 11, 12, 13, 14])
    }

    @Test("messages of any length are padded, so that the next one begins where it is looked for")
    func padding() throws {
        var batch = NetlinkBatch()
        for length in 0...9 {
            batch.append(
                NetlinkRequest(
                    type: .newLink, flags: [], body: (0..<length).map { UInt8($0) }, operation: ""))
        }
        let messages = try NetlinkMessage.messages(in: batch.bytes)
        #expect(messages.map(\.bodyBytes.count) == Array(0...9))
        #expect(batch.lengthBytes.isMultiple(of: 4))
    }

    @Test(
        "numbers never include 0, also where they would wrap",
        arguments: [0, 1, .max - 2, .max - 1, .max] as [UInt32])
    func numbers(_ first: UInt32) throws {
        var batch = NetlinkBatch()
        for _ in 0..<3 { batch.append(.deleteLink(1)) }
        let begin = batch.number(from: first, port: 1)
        let numbers = try NetlinkMessage.messages(in: batch.bytes).map(\.header.sequence)
        #expect(numbers == [begin, begin + 1, begin + 2])
        #expect(!numbers.contains(0))
    }

    @Test("a batch is cut where a limit asks for it, and each part has at least one message")
    func chunks() {
        var batch = NetlinkBatch()
        // 32 bytes each; every other one asks for an acknowledgement.
        for place in 0..<10 {
            batch.append(
                NetlinkRequest(
                    type: .newLink, flags: place.isMultiple(of: 2) ? .acknowledge : [],
                    body: Array(repeating: 0, count: 16), operation: ""))
        }
        func cuts(_ bytes: Int, _ count: Int) -> [[Int]] {
            var (start, cuts): (Int, [[Int]]) = (0, [])
            while start < batch.lengthBytes {
                let chunk = batch.chunk(at: start, limitBytes: bytes, limitCount: count)
                cuts.append([chunk.bytes.count / 32, chunk.acknowledged])
                start = chunk.bytes.upperBound
            }
            return cuts
        }
        #expect(cuts(10_000, 100) == [[10, 5]])
        #expect(cuts(96, 100) == [[3, 2], [3, 1], [3, 2], [1, 0]])
        #expect(cuts(95, 100).count == 5)
        #expect(cuts(10_000, 4) == [[4, 2], [4, 2], [2, 1]])
        #expect(cuts(1, 1).count == 10)
    }

    @Test(
        "building and reading on the packet path asks for no memory",
        .enabled(if: allocations_are_counted() != 0, "a sanitizer has its own allocation functions"))
    func allocations() throws {
        let entry = try #require(
            try OpenVSwitchRecording("clear").entries("ovs_packet", fromKernel: true).last)
        let families = try OpenVSwitchRecording("clear").families
        let bytes = entry.bytes.span
        var batch = NetlinkBatch()
        var read = 0
        var made = 0
        for round in 0..<50 {
            let before = allocations_of_this_thread()
            batch.removeAll()
            var cursor = MessageCursor(0..<bytes.count)
            while let message = try cursor.next(in: bytes) {
                guard let upcall = try UpcallView(bytes, message, family: families.packet) else { continue }
                read += 1
                families.appendCreateFlow(
                    FlowMatch(exactly: upcall.key), actions: Self.actions, id: FlowID(high: 1, low: 2),
                    in: upcall.datapath, to: &batch)
                _ = families.appendExecute(
                    upcall.packet, of: bytes, key: upcall.key, hash: upcall.hash, actions: Self.actions,
                    in: upcall.datapath, to: &batch)
            }
            batch.number(from: 1, port: 1)
            // What is made once is made in the first round.
            if round > 0 { made += allocations_of_this_thread() - before }
        }
        #expect(read == 50)
        #expect(made == 0)
    }
}
