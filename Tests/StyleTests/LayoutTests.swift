import Foundation
import TestSupport
import Testing

@Suite struct Layout {
    /// Cores do no I/O: each imports only these (docs/architecture.md).
    static let cores: [String: Set<String>] = [
        "Wire": [], "Gob": ["Wire"], "Mesh": ["Wire", "Gob"], "Overlay": ["Wire"], "Sleeve": ["Wire", "Overlay"],
        "NetlinkMessages": ["Wire"], "Simulation": ["Wire", "Mesh", "Overlay", "Sleeve"],
    ]

    /// The module of an import line, or nil.
    static func imported(_ line: String) -> String? {
        let pattern =
            /^\s*(?:@\w+\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)/
        return line.firstMatch(of: pattern).map { String($0.1) }
    }

    @Test(
        "import lines are understood in every form",
        arguments: [
            ("import Glibc", "Glibc"), ("public import Wire", "Wire"), ("@testable import Mesh", "Mesh"),
            ("internal import struct Foundation.URL", "Foundation"), ("// import Glibc", nil), ("important = 1", nil),
        ])
    func importLines(line: String, module: String?) {
        #expect(Self.imported(line) == module)
    }

    @Test("a core imports nothing but the cores below it", arguments: cores.keys.sorted())
    func coreImports(target: String) throws {
        let files = try SourceTree.files(under: "Sources/\(target)", endingIn: [".swift"])
        #expect(!files.isEmpty)
        for file in files {
            for module in file.code.compactMap(Self.imported) {
                #expect(Self.cores[target]?.contains(module) == true, "\(file.path) imports \(module)")
            }
        }
    }

    @Test("nothing that is shipped imports Foundation, which would bring ICU into the daemon")
    func noFoundation() throws {
        for file in try SourceTree.files(under: "Sources", endingIn: [".swift"]) {
            #expect(!file.code.compactMap(Self.imported).contains { $0.hasPrefix("Foundation") }, "\(file.path)")
        }
    }

    @Test("the tree is found: a rule that reads no file cannot fail")
    func tree() throws {
        #expect(try SourceTree.files(under: "Sources", endingIn: [".swift"]).count > 100)
        #expect(try SourceTree.targets().contains("weftd"))
    }

    @Test("a source file has at most 400 lines")
    func lengths() throws {
        for file in try SourceTree.files(under: "Sources", endingIn: [".swift", ".c", ".h"]) {
            #expect(file.lines.count - 1 <= 400, "\(file.path) has \(file.lines.count - 1)")
        }
    }

    @Test("weftd is configuration and wiring: at most 600 lines together")
    func daemonLength() throws {
        let files = try SourceTree.files(under: "Sources/weftd", endingIn: [".swift"])
        let lines = files.reduce(0) { $0 + $1.lines.count - 1 }
        #expect(lines <= 600, "Sources/weftd has \(lines)")
    }

    @Test("no file is called Helpers, and no placeholder is left")
    func names() throws {
        for file in try SourceTree.files(under: "Sources", endingIn: [".swift"]) {
            #expect(
                !["Helpers.swift", "Utils.swift", "Extensions.swift", "Placeholder.swift"].contains(file.name),
                "\(file.path)")
        }
    }

    @Test("every target has a page of at most 100 lines")
    func pages() throws {
        for target in try SourceTree.targets() {
            guard let page = SourceTree.text("docs/targets/\(target).md") else {
                Issue.record("docs/targets/\(target).md is missing")
                continue
            }
            let lines = page.split(separator: "\n", omittingEmptySubsequences: false).count - 1
            #expect(lines <= 100, "docs/targets/\(target).md has \(lines)")
        }
    }

    @Test("no file in the repository is larger than 1 MiB")
    func sizes() throws {
        for folder in ["Sources", "Tests", "docs", "scripts", "Benchmarks", "netlink-fixtures"] {
            for path in try SourceTree.paths(under: folder) where !path.hasPrefix("Benchmarks/results/") {
                let facts = try Fixture.repository.appending(path: path).resourceValues(forKeys: [.fileSizeKey])
                #expect((facts.fileSize ?? 0) <= 1 << 20, "\(path)")
            }
        }
    }
}
