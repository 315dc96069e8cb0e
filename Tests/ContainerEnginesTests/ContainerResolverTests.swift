import ContainerEngines
import ControlTypes
import Foundation
import Testing

@Suite("A container's reference")
struct ContainerResolverTests {
    private let nowhere = ContainerEngine(name: "Docker", socketPath: "/nonexistent/docker.sock")

    @Test("a path stands for itself if it exists")
    func path() throws {
        let resolver = ContainerResolver(engines: [])
        #expect(try resolver.resolve("/proc/self/ns/net").namespace == .path("/proc/self/ns/net"))
        #expect(throws: ControlError(.notFound, "there is no file /nonexistent/net")) {
            try resolver.resolve("/nonexistent/net")
        }
    }

    @Test("a name of ip netns comes before a process of the same digits")
    func names() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for name in ["web", "1"] { try Data().write(to: directory.appending(path: name)) }
        let resolver = ContainerResolver(namespaceDirectory: directory.path, engines: [])
        #expect(try resolver.resolve("web").namespace == .path(directory.path + "/web"))
        #expect(try resolver.resolve("1").namespace == .path(directory.path + "/1"))
        let own = getpid()
        #expect(try resolver.resolve("\(own)").namespace == .process(own))
    }

    @Test("an engine's container stands for its process, and its whole id is told")
    func engine() throws {
        let engine = try FakeEngine { line in
            line == "GET /containers/web.1/json HTTP/1.1"
                ? found(#"{"Id":"abcdef","State":{"Running":true,"Pid":4711},"HostConfig":{"NetworkMode":"none"}}"#)
                : notFound
        }
        defer { engine.stop() }
        let resolver = ContainerResolver(
            namespaceDirectory: "/nonexistent",
            engines: [nowhere, ContainerEngine(name: "Podman", socketPath: engine.socketPath)])
        #expect(
            try resolver.resolve("web.1") == ResolvedContainer(namespace: .process(4711), engineID: "abcdef"))
    }

    @Test("a container that nobody knows is not found, and the message names all that was tried")
    func unknown() throws {
        let engine = try FakeEngine { _ in notFound }
        defer { engine.stop() }
        let resolver = ContainerResolver(
            namespaceDirectory: "/nonexistent",
            engines: [nowhere, ContainerEngine(name: "Podman", socketPath: engine.socketPath)])
        let error = #expect(throws: ControlError.self) { try resolver.resolve("999999999") }
        #expect(error?.code == .notFound)
        for part in [
            "no namespace /nonexistent/999999999", "no process 999999999",
            "Docker does not serve on /nonexistent/docker.sock", "Podman knows no such container",
        ] {
            #expect(error?.message.contains(part) == true, "\(part)")
        }
    }

    @Test(
        "a container that cannot be attached is refused with its reason",
        arguments: [
            (#"{"Id":"a","State":{"Running":false,"Pid":0}}"#, ControlError.Code.conflict, "not running"),
            (
                #"{"Id":"a","State":{"Running":true,"Pid":7},"HostConfig":{"NetworkMode":"host"}}"#,
                .unprocessable, "host's network"
            ),
            (#"{"Id":"a"}"#, .notFound, "State: missing"),
            ("[]", .notFound, "expected an object"),
            ("nonsense", .notFound, "not JSON"),
        ])
    func unusable(json: String, code: ControlError.Code, words: String) throws {
        let engine = try FakeEngine { _ in found(json) }
        defer { engine.stop() }
        let resolver = ContainerResolver(
            namespaceDirectory: "/nonexistent",
            engines: [ContainerEngine(name: "Docker", socketPath: engine.socketPath)])
        let error = #expect(throws: ControlError.self) { try resolver.resolve("web") }
        #expect(error?.code == code)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test("an engine that fails is named, and the next one is asked")
    func broken() throws {
        let first = try FakeEngine { _ in "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n" }
        let second = try FakeEngine { _ in "" }
        defer {
            first.stop()
            second.stop()
        }
        let resolver = ContainerResolver(
            namespaceDirectory: "/nonexistent",
            engines: [
                ContainerEngine(name: "Docker", socketPath: first.socketPath),
                ContainerEngine(name: "Podman", socketPath: second.socketPath),
            ])
        let error = #expect(throws: ControlError.self) { try resolver.resolve("web") }
        #expect(error?.message.contains("Docker could not be asked") == true)
        #expect(error?.message.contains("status 500") == true)
        #expect(error?.message.contains("Podman could not be asked") == true)
    }

    @Test(
        "text that means something in a path or request never reaches an engine",
        arguments: ["a b", "a?x=1", "a%2f", "..", "é"])
    func hostile(text: String) throws {
        let engine = try FakeEngine { _ in notFound }
        defer { engine.stop() }
        let resolver = ContainerResolver(
            namespaceDirectory: "/nonexistent",
            engines: [ContainerEngine(name: "Docker", socketPath: engine.socketPath)])
        #expect(throws: ControlError.self) { try resolver.resolve(text) }
        #expect(engine.requests.isEmpty)
    }
}
