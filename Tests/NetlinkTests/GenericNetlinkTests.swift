import CNetlink
import Foundation
import Netlink
import NetlinkMessages
import Testing

/// Generic netlink of the running kernel, without Open vSwitch: the family that tells about families is always there.
@Suite struct GenericNetlinkTests {
    @Test("a family's number, groups and name are found, and are what libnl finds")
    func family() throws {
        let socket = try NetlinkSocket(.generic)
        let control = try socket.family(named: "nlctrl")
        #expect(control.type == .genericControl)
        #expect(control.name == "nlctrl")
        let oracle = try #require(nl_socket_alloc())
        defer { nl_socket_free(oracle) }
        try #require(genl_connect(oracle) == 0)
        #expect(genl_ctrl_resolve(oracle, "nlctrl") == CInt(control.type.rawValue))
        let group = try #require(control.groups["notify"])
        #expect(genl_ctrl_resolve_grp(oracle, "nlctrl", "notify") == CInt(group))
    }

    @Test("a family that the kernel does not have is an error that says so, and the socket works on")
    func absentFamily() throws {
        let socket = try NetlinkSocket(.generic)
        let error = try #require(throws: NetlinkError.self) { try socket.family(named: "weft_absent") }
        #expect(error.isAbsentFamily)
        #expect(error.description == "cannot look up netlink family weft_absent: No such file or directory")
        #expect(try socket.family(named: "nlctrl").type == .genericControl)
        let name = String(repeating: "x", count: 40)
        let long = try #require(throws: NetlinkError.self) { try socket.family(named: name) }
        #expect(!long.isAbsentFamily)
        #expect(try socket.family(named: "nlctrl").type == .genericControl)
    }

    /// Asks for a family that is there, or not, with an acknowledgement.
    private func ask(_ name: String, flags: NetlinkFlags = .acknowledge) -> NetlinkRequest {
        let request = NetlinkRequest.genericFamily(named: name)
        return NetlinkRequest(type: request.type, flags: flags, body: request.body, operation: "")
    }

    @Test("each request of a batch has its own verdict, also beyond one datagram and one buffer of verdicts")
    func pipeline() throws {
        var pipeline = try RequestPipeline()
        var batch = NetlinkBatch()
        for round in 0..<3 {
            batch.removeAll()
            // Every seventh fails.
            for index in 0..<5000 { batch.append(ask(index.isMultiple(of: 7) ? "weft_absent" : "nlctrl")) }
            var refused: Set<Int> = []
            let done = try pipeline.exchange(&batch, operation: "test") { place, verdict in
                #expect(verdict.errno == ENOENT)
                refused.insert(place)
            }
            #expect(refused == Set(stride(from: 0, to: 5000, by: 7)), "round \(round)")
            #expect(done == 5000 - refused.count)
        }
        #expect(pipeline.late == 0)
        #expect(try pipeline.exchange(&batch, operation: "the same once more") == 5000 - 715)
    }

    @Test("requests that ask for no acknowledgement are only heard of when they fail")
    func silent() throws {
        var pipeline = try RequestPipeline()
        var batch = NetlinkBatch()
        batch.append(ask("nlctrl", flags: []))
        batch.append(ask("weft_absent", flags: []))
        var refused: [Int] = []
        let done = try pipeline.exchange(&batch, operation: "test") { place, _ in refused.append(place) }
        #expect(done == 0)
        #expect(refused == [1])
        batch.removeAll()
        #expect(try pipeline.exchange(&batch, operation: "nothing") == 0)
    }

    @Test("what the kernel says about a refusal reaches the caller of a batch")
    func words() throws {
        var pipeline = try RequestPipeline()
        var batch = NetlinkBatch()
        // nlctrl has no command 77.
        batch.append(
            NetlinkRequest(type: .genericControl, flags: .acknowledge, body: [77, 1, 0, 0], operation: ""))
        var verdicts: [NetlinkVerdict] = []
        try pipeline.exchange(&batch, operation: "test") { _, verdict in verdicts.append(verdict) }
        #expect(verdicts.map(\.errno) == [EOPNOTSUPP])
    }

    @Test("verdicts that found no room are an error that says to look again, and the next batch is whole")
    func lost() throws {
        var pipeline = try RequestPipeline(
            timeLimitMilliseconds: 1000, receiveBufferBytes: 4096, verdictCharge: 1)
        var batch = NetlinkBatch()
        for _ in 0..<500 { batch.append(ask("nlctrl")) }
        let error = try #require(throws: NetlinkError.self) { try pipeline.exchange(&batch, operation: "test") }
        #expect(error.reason == .lost)
        #expect(error.description.hasPrefix("cannot test: answers of the kernel were lost"))
        batch.removeAll()
        batch.append(ask("nlctrl"))
        #expect(try pipeline.exchange(&batch, operation: "test") == 1)
    }
}
