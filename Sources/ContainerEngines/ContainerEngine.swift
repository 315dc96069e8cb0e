package import ControlTypes
import Glibc
import LocalHTTP

/// A container engine that speaks Docker's HTTP API on a unix socket; Podman's service does too.
public struct ContainerEngine: Hashable, Sendable {
    /// For messages: `Docker`.
    public let name: String
    public let socketPath: String

    public init(name: String, socketPath: String) {
        self.name = name
        self.socketPath = socketPath
    }

    /// Where the two engines serve when root runs them.
    public static let usual = [
        ContainerEngine(name: "Docker", socketPath: "/var/run/docker.sock"),
        ContainerEngine(name: "Podman", socketPath: "/run/podman/podman.sock"),
    ]

    /// Chosen: an engine that is busy starting containers answers in seconds.
    static let timeout = Duration.seconds(10)
    /// A description of a container has a few kilobytes; chosen.
    static let answerLimitBytes = 4 << 20

    /// What an engine said.
    package enum Answer: Equatable {
        case container(ResolvedContainer)
        case unknown
        /// Nothing listens on the socket.
        case absent
        case broken(String)
    }

    /// Asks for a container by its id, the beginning of it, or its name.
    func find(_ text: String) throws(ControlError) -> Answer {
        // What engines allow in names and ids; nothing that means something in a path stays.
        guard text.utf8.allSatisfy(isAllowed), text.utf8.first.map(isAllowed) == true, text != ".", text != ".."
        else { return .unknown }
        let client = LocalHTTPClient(
            socketPath: socketPath, timeout: Self.timeout, answerLimitBytes: Self.answerLimitBytes)
        let response: LocalHTTPResponse
        do throws(LocalHTTPError) {
            response = try client.send(.get("/containers/\(text)/json"))
        } catch {
            switch error.reason {
            case .cannotConnect(errno: ENOENT), .cannotConnect(errno: ECONNREFUSED): return .absent
            default: return .broken("\(error)")
            }
        }
        switch response.status {
        case 200: return try container(text, response.body)
        case 404: return .unknown
        default: return .broken("\(socketPath) answered with status \(response.status)")
        }
    }

    /// What the description of the container `text` says, a body that came with status 200.
    package func container(_ text: String, _ body: [UInt8]) throws(ControlError) -> Answer {
        let description: ContainerDescription
        do throws(JSONError) {
            description = try ContainerDescription(json: body)
        } catch {
            return .broken("its answer is not understood: \(error)")
        }
        guard description.state.running, description.state.pid > 0 else {
            throw ControlError(
                .conflict, "the \(name) container \(text) is not running", advice: "Start it, then attach it.")
        }
        guard description.hostConfig?.networkMode != "host" else {
            throw ControlError(
                .unprocessable,
                "the \(name) container \(text) shares the host's network, so it has no namespace to attach",
                advice: "Start it with another network, such as --network none.")
        }
        return .container(ResolvedContainer(namespace: .process(description.state.pid), engineID: description.id))
    }

    private func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// The parts of `GET /containers/ID/json` (Docker Engine API, "Inspect a container") that we use.
private struct ContainerDescription: Decodable {
    struct State: Decodable {
        var running: Bool
        var pid: Int32

        enum CodingKeys: String, CodingKey {
            case running = "Running"
            case pid = "Pid"
        }
    }
    struct HostConfig: Decodable {
        var networkMode: String?

        enum CodingKeys: String, CodingKey {
            case networkMode = "NetworkMode"
        }
    }
    var id: String
    var state: State
    var hostConfig: HostConfig?

    enum CodingKeys: String, CodingKey {
        case id = "Id"
        case state = "State"
        case hostConfig = "HostConfig"
    }
}
