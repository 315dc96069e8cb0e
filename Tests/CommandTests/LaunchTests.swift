import ArgumentParser
import ControlFakes
import ControlTypes
import Foundation
import LaunchOptions
import TestSupport
import Testing

@Suite("Launch", .serialized)
struct LaunchTests {
    /// A directory with `weft` and a stand-in for `weftd`, a shell script.
    private func installation(_ script: String) throws -> (directory: URL, weft: URL) {
        let directory = try temporaryDirectory()
        let program = directory.appending(path: "weft")
        try FileManager.default.copyItem(at: builtProgram("weft"), to: program)
        let daemon = directory.appending(path: "weftd")
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: daemon)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: daemon.path)
        return (directory, program)
    }

    @Test("a second launch says that weft runs, and ends with 3")
    func second() async throws {
        try await withDaemon { (socket: String, _: FakeOperations) async throws in
            let result = try await weft(["launch"], socket: socket)
            #expect(result.status == 3)
            #expect(result.errors.contains("runs already as \(Sample.peer(1).name) (host1), pid 4711"))
        }
    }

    @Test("a daemon that dies is told with its last words, and its log stays")
    func dies() async throws {
        let (directory, program) = try installation("echo cannot do it >&2; exit 7")
        defer { try? FileManager.default.removeItem(at: directory) }
        let state = directory.path + "/state"
        let result = try await weft(
            ["launch", "--state-dir", state], socket: directory.path + "/weft.sock", executable: program)
        #expect(result.status == 1)
        #expect(result.output == "")
        #expect(result.errors.contains("cannot do it"))
        #expect(result.errors.contains("ended with status 7"))
        #expect(result.errors.contains("\(state)/weftd.log"))
        let mode = try FileManager.default.attributesOfItem(atPath: state + "/weftd.log")[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test("a daemon that finds another serving ends launch with 3")
    func daemonRefuses() async throws {
        let (directory, program) = try installation("exit 3")
        defer { try? FileManager.default.removeItem(at: directory) }
        let result = try await weft(
            ["launch", "--state-dir", directory.path], socket: directory.path + "/weft.sock", executable: program)
        #expect(result.status == 3)
    }

    @Test("a password from standard input reaches the daemon by a descriptor, not by its arguments")
    func password() async throws {
        let (directory, program) = try installation(
            #"echo "arguments: $*" >&2; cat /dev/fd/3 > "$(dirname "$0")/got"; exit 1"#)
        defer { try? FileManager.default.removeItem(at: directory) }
        let result = try await weft(
            ["launch", "--state-dir", directory.path, "--password-file", "-", "--nickname", "x y", "host2"],
            socket: directory.path + "/weft.sock", input: "se cret\n", executable: program)
        #expect(try String(contentsOf: directory.appending(path: "got"), encoding: .utf8) == "se cret")
        #expect(result.errors.contains("--password-file=/dev/fd/3"))
        #expect(result.errors.contains("--nickname=x y"))
        #expect(result.errors.contains("-- host2"))
        #expect(!result.errors.contains("se cret"))
    }

    @Test("in the foreground the command becomes the daemon")
    func foreground() async throws {
        let (directory, program) = try installation(#"echo "$*"; exit 9"#)
        defer { try? FileManager.default.removeItem(at: directory) }
        let result = try await weft(
            ["launch", "--foreground", "--state-dir", "/tmp/state", "--password-file", "-"],
            socket: "/tmp/x.sock", executable: program)
        #expect(result.status == 9)
        #expect(result.output.contains("--state-dir=/tmp/state --socket=/tmp/x.sock --password-file=- "))
    }

    @Test("without weftd beside it or in PATH, launch says so")
    func missing() async throws {
        let (directory, program) = try installation("")
        defer { try? FileManager.default.removeItem(at: directory) }
        try FileManager.default.removeItem(at: directory.appending(path: "weftd"))
        let result = try await weft(
            ["launch", "--state-dir", directory.path], socket: directory.path + "/weft.sock",
            environment: ["PATH": "/nonexistent"], executable: program)
        #expect(result.status == 1)
        #expect(result.errors.contains("cannot find weftd"))
    }

    @Test(
        "wrong options are refused with 64 before anything is done",
        arguments: [
            ["--mtu", "100"], ["--min-protocol", "3"], ["--max-protocol", "1"], ["--name", "zz"],
            ["--name", "01:00:00:00:00:01"], ["--port", "0"], ["--port", "65536"], ["--host", "localhost"],
            ["--conn-limit", "-1"], ["--log-level", "loud"], ["--log-format", "xml"], ["--state-dir", "relative"],
            ["--socket", "relative"], ["--socket", "/" + String(repeating: "s", count: 107)], ["--nickname", ""],
            ["--password", "x"], ["10.0.0.1:abc"], ["::1"], ["good", "not good"],
        ])
    func usage(arguments: [String]) async throws {
        #expect(try await weft(["launch"] + arguments).status == 64)
    }

    @Test("the options survive the way to the daemon")
    func roundTrip() throws {
        let lines: [[String]] = [
            [],
            [
                "--name", "02:00:00:00:0b:01", "--nickname=-odd name", "--port", "7000", "--host", "10.0.0.1",
                "--state-dir", "/tmp/a b", "--socket", "/tmp/s", "--no-discovery", "--conn-limit", "0", "--mtu", "1400",
                "--min-protocol", "1", "--max-protocol", "1", "--log-level", "debug", "--log-format", "json",
                "--no-fastdp", "a", "b:7000",
            ],
        ]
        for line in lines {
            let options = try LaunchOptions.parse(line)
            let again = try LaunchOptions.parse(options.arguments(passwordFile: "/p"))
            #expect(again.passwordFile == "/p")
            #expect(again.name == options.name && again.nickname == options.nickname && again.port == options.port)
            #expect(again.host == options.host && again.stateDirectory == options.stateDirectory)
            #expect(again.socket.path == options.socket.path && again.noDiscovery == options.noDiscovery)
            #expect(again.connectionLimit == options.connectionLimit && again.mtu == options.mtu)
            #expect(again.minimumProtocol == options.minimumProtocol)
            #expect(again.maximumProtocol == options.maximumProtocol)
            #expect(again.logLevel == options.logLevel && again.logFormat == options.logFormat)
            #expect(again.noFastDatapath == options.noFastDatapath && again.peers == options.peers)
        }
    }
}
