import ControlFakes
import ControlTypes
import Foundation
import Testing

/// Needs root, to make network namespaces.
@Suite("Run", .serialized, .enabled(if: geteuid() == 0, "needs root, to make network namespaces"))
struct RunTests {
    @Test("the command runs in a namespace of its own with lo up, attached by its own process id")
    func namespace() async throws {
        try await withDaemon { (socket: String, operations: FakeOperations) async throws in
            let script =
                "echo $$; readlink /proc/self/ns/net; cut -d: -f1 /proc/net/dev | tail -n +3; cat /proc/net/fib_trie"
            let result = try await weft(["run", "10.32.0.1/12", "--", "sh", "-c", script], socket: socket)
            #expect(result.status == 0)
            let lines = result.output.split(separator: "\n").map { String($0.drop { $0 == " " }) }
            let pid = try #require(lines.first)
            #expect(operations.calls == ["attach 10.32.0.1/12 \(pid) sh -c \(script)"])
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/net")
            #expect(lines[1] != own && lines[1].hasPrefix("net:["))
            // Only a namespace whose lo is up has the loopback routes; tunl0 and the like may be there beside it.
            #expect(lines.contains("lo"))
            #expect(result.output.contains("127.0.0.1"))
        }
    }

    @Test("the exit code is the command's, 127 if it is not there, 126 if it cannot be started")
    func exitCodes() async throws {
        try await withDaemon { (socket: String, _: FakeOperations) async throws in
            for (command, status) in [(["sh", "-c", "exit 9"], 9), (["/nonexistent"], 127), (["/tmp"], 126)] {
                let result = try await weft(["run", "10.32.0.1/12", "--"] + command, socket: socket)
                #expect(result.status == Int32(status), "\(command): \(result.errors)")
            }
            for wrong in [["run"], ["run", "10.32.0.1/12"], ["run", "x", "--", "sh"], ["run", "10.32.0.1/12", "sh"]] {
                #expect(try await weft(wrong, socket: socket).status == 64, "\(wrong)")
            }
        }
    }

    @Test("if the daemon refuses, the command is not started")
    func refused() async throws {
        try await withDaemon { (socket: String, operations: FakeOperations) async throws in
            operations.change { $0.error = ControlError(.conflict, "the address is taken") }
            let result = try await weft(["run", "10.32.0.1/12", "--", "echo", "started"], socket: socket)
            #expect(result == CommandResult(status: 1, output: "", errors: "weft: the address is taken\n"))
        }
    }
}
