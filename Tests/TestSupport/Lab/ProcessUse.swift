import Foundation

/// What a process holds, as the kernel counts it.
public struct ProcessUse: Sendable, CustomStringConvertible {
    public let descriptors: Int
    public let threads: Int
    /// Memory of its own, in KiB: without pages of files and shared ones.
    public let anonymousKibibytes: Int

    public init(of process: pid_t) throws {
        descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count
        var fields: [Substring: Int] = [:]
        for line in try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8).split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == ":" || $0 == "\t" || $0 == " " })
            if words.count > 1, let value = Int(words[1]) { fields[words[0]] = value }
        }
        guard let threads = fields["Threads"], let anonymous = fields["RssAnon"] else {
            throw CommandFailed("process \(process) has ended")
        }
        self.threads = threads
        anonymousKibibytes = anonymous
    }

    public var description: String {
        "\(descriptors) descriptors, \(threads) threads, \(anonymousKibibytes) KiB of its own"
    }
}
