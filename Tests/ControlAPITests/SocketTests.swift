import ControlFakes
import Foundation
import Glibc
import LocalHTTP
import ServiceLifecycle
import TestSupport
import Testing

@testable import ControlAPI

@Suite("The control socket", .serialized)
struct SocketTests {
    @Test("only the owner may connect, and the file goes with the server")
    func mode() async throws {
        let path = try await { () async throws -> String in
            nonisolated(unsafe) var path = ""
            try await withServer { (client: TestClient, _: FakeOperations) async throws in
                path = client.socketPath
                let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
                #expect(mode == 0o600)
            }
            return path
        }()
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(!FileManager.default.fileExists(atPath: path + ".lock"))
    }

    @Test("a live daemon's socket is never taken")
    func live() async throws {
        try await withServer { (client: TestClient, _: FakeOperations) async throws in
            #expect(throws: ControlSocketError.inUse(path: client.socketPath)) {
                try SocketClaim(path: client.socketPath)
            }
            #expect(try await client.send(.get("/v1/status")).status == 200)
        }
    }

    @Test("a dead daemon's socket is replaced")
    func stale() async throws {
        let path = temporarySocket()
        defer { removeFolder(of: path) }
        try FileManager.default.createDirectory(
            atPath: String(path.dropLast("/weft.sock".count)), withIntermediateDirectories: true)
        // What a killed daemon leaves: a bound socket that nobody listens on, and an unlocked lock file.
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
        close(descriptor)
        try Data().write(to: URL(filePath: path + ".lock"))
        let group = try serviceGroup(path, FakeOperations())
        async let running: Void = group.run()
        try await eventually("the server serves", within: .seconds(60)) { await isServing(path) }
        await group.triggerGracefulShutdown()
        try await running
    }

    @Test("a file that is no socket is left alone")
    func otherFile() throws {
        let path = "/tmp/weft-\(UUID().uuidString.prefix(8))"
        try Data("precious".utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: ControlSocketError.self) { try SocketClaim(path: path) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
        #expect(!FileManager.default.fileExists(atPath: path + ".lock"), "nothing is left beside it")
    }

    @Test("bytes that are no HTTP are answered with 400 or nothing, and the server goes on")
    func garbage() async throws {
        try await withServer { (client: TestClient, _: FakeOperations) async throws in
            var random = SeededGenerator(seed: 3)
            for _ in 0..<20 {
                let method = random.bytes(40).map { String($0, radix: 16) }.joined() + "\u{1}"
                _ = try? await client.send(.init(method: method, path: "no path \u{7}"))
            }
            #expect(try await client.send(.get("/v1/status")).status == 200)
        }
    }
}
