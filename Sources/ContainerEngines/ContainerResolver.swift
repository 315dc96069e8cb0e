public import ControlTypes
import Glibc

/// What a container's reference stands for.
public struct ResolvedContainer: Hashable, Sendable {
    public enum Namespace: Hashable, Sendable {
        /// A file that is a network namespace, such as `/run/netns/web`. Whether it is one, opening it tells.
        case path(String)
        /// The network namespace of this process.
        case process(Int32)
    }
    public var namespace: Namespace
    /// The whole id, if an engine knows the container.
    public var engineID: String?

    public init(namespace: Namespace, engineID: String? = nil) {
        self.namespace = namespace
        self.engineID = engineID
    }
}

/// Finds the network namespace that a text means, in this order: a path (anything with a `/`), a name of `ip netns`, a
/// process id, the id or name of a container in Docker or Podman.
///
/// Reads files and asks engines through their API sockets; blocks for as long as an engine takes, so not to be called
/// on an event loop.
public struct ContainerResolver: Sendable {
    private let namespaceDirectory: String
    private let engines: [ContainerEngine]

    /// - Parameters:
    ///   - namespaceDirectory: where `ip netns` keeps its names.
    ///   - engines: asked in this order.
    public init(
        namespaceDirectory: String = "/run/netns", engines: [ContainerEngine] = ContainerEngine.usual
    ) {
        self.namespaceDirectory = namespaceDirectory
        self.engines = engines
    }

    /// Throws `notFound` with all that was tried, `conflict` for a container that is not running, `unprocessable` for
    /// one that shares the host's network.
    public func resolve(_ text: String) throws(ControlError) -> ResolvedContainer {
        guard !text.isEmpty, text.utf8.count <= 4_096 else {
            throw ControlError(.badRequest, "the container's reference is empty or too long")
        }
        if text.contains("/") {
            guard exists(text) else { throw ControlError(.notFound, "there is no file \(text)") }
            return ResolvedContainer(namespace: .path(text))
        }
        let named = "\(namespaceDirectory)/\(text)"
        if text != ".", text != "..", exists(named) { return ResolvedContainer(namespace: .path(named)) }
        var tried = ["no namespace \(named)"]
        if text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            if let process = Int32(text), process > 0, exists("/proc/\(process)/ns/net") {
                return ResolvedContainer(namespace: .process(process))
            }
            tried.append("no process \(text)")
        }
        return try ask(engines, for: text, tried: tried)
    }

    private func ask(
        _ engines: [ContainerEngine], for text: String, tried: [String]
    ) throws(ControlError) -> ResolvedContainer {
        var tried = tried
        for engine in engines {
            switch try engine.find(text) {
            case .container(let found): return found
            case .unknown: tried.append("\(engine.name) knows no such container")
            case .absent: tried.append("\(engine.name) does not serve on \(engine.socketPath)")
            case .broken(let reason): tried.append("\(engine.name) could not be asked: \(reason)")
            }
        }
        throw ControlError(
            .notFound, "cannot find the container \(text): " + tried.joined(separator: "; "),
            advice: "Give a name of ip netns, a namespace's path, a process id, or a running container's id or name.")
    }

    private func exists(_ path: String) -> Bool {
        unsafe access(path, F_OK) == 0
    }
}
