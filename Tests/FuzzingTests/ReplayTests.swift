import Foundation
import FuzzEntries
import TestSupport
import Testing

/// What fuzzing started from and what it has found, without a fuzzer: `docs/fuzzing.md`.
@Suite struct ReplayTests {
    /// The files of `Fuzzing/KIND/NAME`, none if there is no such folder.
    private static func inputs(_ kind: String, _ name: String) throws -> [URL] {
        let folder = Fixture.repository.appending(path: "Fuzzing/\(kind)/\(name)")
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { !$0.lastPathComponent.hasPrefix(".") }.sorted { $0.path < $1.path }
    }

    @Test(
        "the promises of a fuzz target hold for its corpus and for what was found before", .timeLimit(.minutes(2)),
        arguments: FuzzTarget.all.map(\.name))
    func replay(name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        let seeds = try Self.inputs("corpora", name)
        #expect(!seeds.isEmpty, "Fuzzing/corpora/\(name) is empty")
        for file in try seeds + Self.inputs("findings", name) {
            let bytes = try [UInt8](Data(contentsOf: file))
            do throws(BrokenPromise) {
                try target.run(bytes)
            } catch {
                Issue.record("\(name)/\(file.lastPathComponent): \(error)")
            }
        }
    }

    @Test("each folder of inputs is a target's, and they stay small")
    func folders() throws {
        var total = 0
        for kind in ["corpora", "findings"] {
            let folder = Fixture.repository.appending(path: "Fuzzing/\(kind)")
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where !name.hasPrefix(".") {
                guard name != "README.md" else { continue }
                #expect(FuzzTarget.named(name) != nil, "Fuzzing/\(kind)/\(name) belongs to no target")
                for file in try Self.inputs(kind, name) {
                    total += try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
                }
            }
        }
        #expect(total > 0 && total < 1 << 20, "\(total) bytes")
    }

    @Test("a target notices: bytes that break a promise are a finding")
    func notices() {
        // A target of its own, since no real one may have such bytes.
        let strict = FuzzTarget.demanding { $0 != [1, 2, 3] }
        #expect(throws: Never.self) { try strict.run([]) }
        #expect(throws: BrokenPromise.self) { try strict.run([1, 2, 3]) }
    }
}
