import ControlTypes
import Foundation
import TestSupport
import Testing
import Wire

@Suite("The report in the reference router's schema")
struct ReportTests {
    static let samples = [
        "01-waiting-for-peer.host1", "02-awaiting-consensus.host1", "03-two-peers.host1", "03-two-peers.host2",
        "05-names.host1", "07-three-peers.host3", "08-allocation-waiting.host3", "09-host3-killed.host1",
        "20-seeded-alone.host1", "25-observer-priming.host1", "29-no-ipam-no-dns.host1", "30-encrypted.host1",
        "41-all-owners-gone.host1",
    ]

    @Test(
        "a recorded report is written again byte for byte, without the services that weft has not", arguments: samples)
    func golden(sample: String) throws {
        let recorded = try Fixture.text("services/report/\(sample).json")
        let report = try Report(json: Array(recorded.utf8))
        // The parts that are left out follow Router, which ends at the first brace on the second level after it.
        let router = try #require(recorded.range(of: "\n    },\n    \"IPAM\"") ?? recorded.range(of: "\n    }\n}"))
        let expected = recorded[..<router.lowerBound] + "\n    }\n}"
        let text = try report.json(.report)
        if text != String(expected) {
            let difference = zip(text.split(separator: "\n"), expected.split(separator: "\n")).first { $0 != $1 }
            Issue.record("differs: \(String(describing: difference))")
        }
    }

    @Test("connections are worded as in the recorded reports")
    func wording() throws {
        let start = try #require(WallClockInstant(text: "2026-11-25T03:59:51.136619293Z"))
        let next = try #require(WallClockInstant(text: "2026-11-25T03:59:55.001299426Z"))
        let remote = try #require(Endpoint(text: "10.99.5.2:6783"))
        let reason = "dial tcp 10.99.5.1:0->10.99.5.2:6783: connect: connection refused"
        var status = ConnectionStatus(
            state: .failed, direction: .outbound, remoteAddress: remote, since: start,
            lastError: ConnectionFailure(reason: reason, since: start), nextAttempt: next)
        let recorded = try Report(json: Array(Fixture.bytes("services/report/01-waiting-for-peer.host1.json")))
        #expect(
            recorded.router.connections
                == [Report.Connection(status, showsEncryption: false, startedAt: start)])
        status.nextAttempt = nil
        #expect(
            Report.Connection(status, showsEncryption: false, startedAt: start).info == reason + ", retry: never")
        status.state = .retrying
        #expect(Report.Connection(status, showsEncryption: true, startedAt: start).info == reason)
        status.state = .connecting
        status.lastError = nil
        #expect(Report.Connection(status, showsEncryption: true, startedAt: start).info == "")
    }

    @Test("live connections are worded as in the recorded encrypted report")
    func encryptedWording() throws {
        let recorded = try Report(json: Array(Fixture.bytes("services/report/30-encrypted.host1.json")))
        let start = WallClockInstant(nanosecondsSince1970: 0)
        let live = try [("10.99.5.2:40991", 2, true, 1_414), ("10.99.5.3:53267", 3, false, 1_438)].map { row in
            let name = try #require(PeerName(text: "02:00:00:00:0a:0\(row.1)"))
            return ConnectionStatus(
                state: .established, direction: .inbound, remoteAddress: try #require(Endpoint(text: row.0)),
                peer: PeerIdentity(name: name, nickname: "host\(row.1)"), since: start, overlay: "sleeve",
                encrypted: row.2, mtu: row.3)
        }
        #expect(
            recorded.router.connections
                == live.map { Report.Connection($0, showsEncryption: true, startedAt: start) })
    }
}
