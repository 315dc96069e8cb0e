import Foundation
import LaunchOptions
import Testing

@Suite("The password file")
struct PasswordTests {
    private func read(_ content: String, mode: Int = 0o600) throws -> Password {
        let path = "/tmp/weft-password-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(content.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return try Password(file: path)
    }

    @Test(
        "one newline at the end is not part of it, all else is",
        arguments: [("a", "a"), ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), (" a \n", " a "), ("\r\n\n", "\r\n")])
    func newline(content: String, password: String) throws {
        #expect(try read(content).bytes == Array(password.utf8))
    }

    @Test("an empty, overlong or missing file is refused")
    func refused() {
        for content in ["", "\n", "\r\n", String(repeating: "p", count: 4_098)] {
            #expect(throws: PasswordError.self) { try read(content) }
        }
        #expect(throws: PasswordError.self) { try Password(file: "/nonexistent") }
    }

    @Test("a file that others may read is told apart")
    func readable() throws {
        #expect(try !read("a").isReadableByOthers)
        #expect(try read("a", mode: 0o640).isReadableByOthers)
        #expect(try read("a", mode: 0o604).isReadableByOthers)
    }
}
