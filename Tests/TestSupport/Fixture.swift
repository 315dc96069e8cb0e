import Foundation

/// Recorded bytes under `Tests/Fixtures`, found by their path from there.
public enum Fixture {
    public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures")

    /// The whole repository, for tests that read its files.
    public static let repository = root.deletingLastPathComponent().deletingLastPathComponent()

    public static func bytes(_ path: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: root.appending(path: path)))
    }

    public static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    public static func json<Value: Decodable>(_ path: String, as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(contentsOf: root.appending(path: path)))
    }
}
