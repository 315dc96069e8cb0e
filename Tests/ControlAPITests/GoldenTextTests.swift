import ControlTypes
import Foundation
import TestSupport
import Testing

@testable import ControlAPI

@Suite("Status texts in the reference router's form", .serialized)
struct GoldenTextTests {
    /// Stages of which both the report and the texts were recorded, so that one can be drawn from the other.
    static let stages = [
        "01-waiting-for-peer.host1", "02-awaiting-consensus.host1", "03-two-peers.host1", "03-two-peers.host2",
        "05-names.host1", "07-three-peers.host3", "08-allocation-waiting.host3", "09-host3-killed.host1",
        "20-seeded-alone.host1", "25-observer-priming.host1", "29-no-ipam-no-dns.host1", "30-encrypted.host1",
        "41-all-owners-gone.host1",
    ]

    private func report(_ stage: String) throws -> Report {
        try Report(json: Array(Fixture.bytes("services/report/\(stage).json")))
    }

    /// The recorded text; nil if that part was not recorded at the stage.
    private func recorded(_ name: String) -> String? {
        try? Fixture.text("services/status/\(name).txt")
    }

    @Test("the summary is byte for byte the recorded one, without IPAM and DNS", arguments: stages)
    func summary(stage: String) throws {
        let text = try #require(recorded(stage))
        let sections = text.components(separatedBy: "\n\n").filter {
            !$0.contains("Service: ipam") && !$0.contains("Service: dns")
        }
        let joined = sections.joined(separator: "\n\n")
        #expect(try report(stage).summary == (joined.hasSuffix("\n") ? joined : joined + "\n"))
    }

    @Test("a stage's lists are byte for byte the recorded ones", arguments: stages)
    func lists(stage: String) throws {
        let report = try report(stage)
        let parts = [
            ("connections", report.connectionLines), ("peers", report.peerLines), ("targets", report.targetLines),
        ]
        for (part, text) in parts {
            // At stage 41 report and connections were recorded half a minute apart, with another attempt between.
            guard let expected = recorded("\(stage).\(part)"), stage != "41-all-owners-gone.host1" else { continue }
            // The reference lists in no fixed order; what belongs together stays together.
            #expect(blocks(text) == blocks(expected), "\(part)")
        }
    }

    @Test("at least one list of each kind was compared")
    func coverage() {
        for part in ["connections", "peers", "targets"] {
            #expect(Self.stages.contains { recorded("\($0).\(part)")?.isEmpty == false }, "\(part)")
        }
    }

    /// Unindented lines with the indented ones below, both sorted.
    private func blocks(_ text: String) -> [[String]] {
        var blocks: [[String]] = []
        for line in text.split(separator: "\n").map(String.init) {
            if line.hasPrefix(" "), !blocks.isEmpty {
                blocks[blocks.count - 1].append(line)
            } else {
                blocks.append([line])
            }
        }
        return blocks.map { [$0[0]] + $0.dropFirst().sorted() }.sorted { $0[0] < $1[0] }
    }
}
