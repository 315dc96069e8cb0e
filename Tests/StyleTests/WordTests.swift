import Foundation
import TestSupport
import Testing

@Suite struct Words {
    /// What must not stand in sources, and what to write instead.
    static var banned: [(pattern: Regex<Substring>, instead: String)] {
        [
            (/\btry!/, "throw, or prove it and use preconditionFailure with a sentence"),
            (/\bas!/, "`as?` with a guard"),
            (/\bfatalError\b/, "preconditionFailure with a sentence, for our own broken promises only"),
            (/\bunowned\b/, "weak or a strong reference"),
            (/\bprint\(/, "the logger, or write(2) with the right descriptor"),
        ]
    }

    @Test("banned words are not used in sources")
    func banned() throws {
        for file in try SourceTree.files(under: "Sources", endingIn: [".swift"]) {
            let isCommand = ["weft", "weft-sim"].contains(file.target)
            for (pattern, instead) in Self.banned where !(isCommand && instead.hasPrefix("the logger")) {
                for place in file.places(of: pattern) { Issue.record("\(place): write \(instead)") }
            }
        }
    }

    @Test("nothing is left to be done later")
    func leftovers() throws {
        let marker = try Regex("\\b(?:FIX" + "ME|TO" + "DO|X" + "XX)\\b", as: Substring.self)
        for folder in ["Sources", "Tests", "scripts", "docs", "Benchmarks"] {
            for file in try SourceTree.files(under: folder, endingIn: [".swift", ".c", ".h", ".md", ".sh"]) {
                for (number, line) in file.lines.enumerated() where line.contains(marker) {
                    Issue.record("\(file.path):\(number + 1)")
                }
            }
        }
    }

    @Test("tests wait for conditions, they do not sleep")
    func sleeps() throws {
        for file in try SourceTree.files(under: "Tests", endingIn: [".swift"])
        where file.name != "Eventually.swift" && !file.path.hasPrefix("Tests/StyleTests/") {
            for place in file.places(of: /\b(?:Thread\.sleep|usleep|nanosleep|Task\.sleep|sleep)\(/) {
                Issue.record("\(place)")
            }
        }
    }

    /// `weft launch` starts the daemon and `weft run` becomes the user's command; nothing else starts a program.
    static var startsPrograms: Regex<Substring> { /^Sources\/(?:weft\/.*(?:Launch|Run|Daemon|Spawn).*|CLinux\/.*)$/ }

    @Test("neither program starts another for what a system call can do")
    func programs() throws {
        // Not a method, case or function of ours that has the same name.
        let start = /(?:^|[^.\w])(?:posix_spawnp?|system|popen|v?fork|execvp?e?|execl\w*|fexecve|Process)\s*\(/
        let declaration = /\b(?:case|func) (?:system|Process|fork)\(/
        let tool = /"(?:\/usr)?\/s?bin\/|\[\s*"(?:ip|ethtool|tc|bridge|iptables|nft|sh|bash|sysctl|modprobe)"\s*,\s*"/
        for file in try SourceTree.files(under: "Sources", endingIn: [".swift", ".c"]) {
            if try Self.startsPrograms.wholeMatch(in: file.path) == nil {
                for place in file.places(of: start, unless: declaration) { Issue.record("\(place) starts a program") }
            }
            if file.target != "weft" {
                for place in file.places(of: tool) { Issue.record("\(place) names a program") }
            }
        }
    }

    @Test("each file with unsafe code is listed with its argument")
    func unsafeFiles() throws {
        let whole = SourceTree.text("docs/unsafe.md") ?? ""
        // The list behind it is about threads, not about memory.
        let central = whole.range(of: "## Unchecked Sendable").map { String(whole[..<$0.lowerBound]) } ?? whole
        for file in try SourceTree.files(under: "Sources", endingIn: [".swift"])
        where !file.places(of: /\bunsafe\b/).isEmpty || !file.places(of: /@safe\b/).isEmpty {
            let page = SourceTree.text("docs/targets/\(file.target).md") ?? ""
            let section = page.range(of: "## Unsafe code").map { String(page[$0.upperBound...]) } ?? ""
            #expect(
                section.contains(file.name) || central.contains(file.name),
                "\(file.path): not in docs/targets/\(file.target).md under \"Unsafe code\", nor in docs/unsafe.md")
        }
    }

    @Test("each file that vouches for Sendable itself says why in docs/unsafe.md")
    func uncheckedSendable() throws {
        let central = SourceTree.text("docs/unsafe.md") ?? ""
        let section = central.range(of: "## Unchecked Sendable").map { String(central[$0.upperBound...]) } ?? ""
        let rows = section.split(separator: "\n").count { $0.hasPrefix("| `") }
        var listed = 0
        for file in try SourceTree.files(under: "Sources", endingIn: [".swift"])
        where !file.places(of: /@unchecked/).isEmpty {
            listed += 1
            #expect(section.contains("`\(file.name)`"), "\(file.path): not in docs/unsafe.md")
        }
        #expect(listed > 0 && rows == listed, "docs/unsafe.md lists \(rows) files, \(listed) are there")
    }

    @Test("every key of the log is explained")
    func logKeys() throws {
        let explained = SourceTree.text("docs/logging.md") ?? ""
        for file in try SourceTree.files(under: "Sources", endingIn: [".swift"]) {
            let text = file.code.joined(separator: "\n")
            for list in text.matches(of: /metadata:\s*\[([^\]]*)\]/) {
                for key in list.1.matches(of: /"([a-z][a-z-]*)"\s*:/) {
                    #expect(explained.contains("`\(key.1)`"), "\(file.path): docs/logging.md does not explain \(key.1)")
                }
            }
        }
    }

    @Test("links between documents lead somewhere")
    func links() throws {
        var pages = try SourceTree.files(under: "docs", endingIn: [".md"])
        for name in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"] { pages.append(try SourceTree.file(name)) }
        for page in pages {
            let folder = Fixture.repository.appending(path: page.path).deletingLastPathComponent()
            for link in page.lines.joined(separator: "\n").matches(of: /\]\(([^)#\s:]+)(?:#[^)]*)?\)/) {
                let target = folder.appending(path: String(link.1)).path
                #expect(FileManager.default.fileExists(atPath: target), "\(page.path) links to \(link.1)")
            }
        }
    }
}
