import Foundation
import TestSupport

/// A file of the repository, by its path from the root.
struct SourceFile: Sendable {
    let path: String
    let lines: [Substring]

    var name: String { String(path.split(separator: "/").last ?? "") }
    /// `Sources/Mesh/Topology/X.swift` is of the target Mesh.
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
    /// The lines with what follows `//` cut off. Good enough here: a rule that is broken within a string is broken too.
    var code: [String] {
        lines.map { line in line.range(of: "//").map { String(line[..<$0.lowerBound]) } ?? String(line) }
    }

    /// `path:line` of each line of code that matches, and does not match the exception.
    func places(of pattern: Regex<Substring>, unless exception: Regex<Substring>? = nil) -> [String] {
        code.enumerated().filter { _, line in
            line.contains(pattern) && exception.map { !line.contains($0) } ?? true
        }.map { "\(path):\($0.offset + 1)" }
    }
}

/// The repository as text.
enum SourceTree {
    static func files(under folder: String, endingIn endings: [String]) throws -> [SourceFile] {
        try paths(under: folder).filter { path in endings.contains { path.hasSuffix($0) } }.map(file)
    }

    static func file(_ path: String) throws -> SourceFile {
        let text = try String(contentsOf: Fixture.repository.appending(path: path), encoding: .utf8)
        return SourceFile(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
    }

    static func text(_ path: String) -> String? {
        try? String(contentsOf: Fixture.repository.appending(path: path), encoding: .utf8)
    }

    /// All files below a folder, sorted, by their path from the root.
    static func paths(under folder: String) throws -> [String] {
        let root = Fixture.repository.appending(path: folder).resolvingSymlinksInPath()
        guard let all = FileManager.default.enumerator(at: root, includingPropertiesForKeys: [.isRegularFileKey]) else {
            return []
        }
        var found: [String] = []
        for case let url as URL in all where try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true
        {
            found.append(folder + url.resolvingSymlinksInPath().path.dropFirst(root.path.count))
        }
        return found.sorted()
    }

    /// The folders of `Sources` that hold a program of ours, not only a module map.
    static func targets() throws -> [String] {
        Set(try files(under: "Sources", endingIn: [".swift", ".c"]).map(\.target)).sorted()
    }
}
