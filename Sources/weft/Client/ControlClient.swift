import ControlTypes
import Glibc
import LaunchOptions
import LocalHTTP

/// The daemon's control API as calls; every failure is what a person should read.
struct ControlClient {
    let socketPath: String
    private let http: LocalHTTPClient

    /// - Parameter timeout: chosen: attaching asks a container engine, which may be slow.
    init(_ socket: ControlSocket, timeout: Duration = .seconds(60)) {
        self.init(socketPath: socket.path, timeout: timeout)
    }

    init(socketPath: String, timeout: Duration = .seconds(60)) {
        self.socketPath = socketPath
        http = LocalHTTPClient(socketPath: socketPath, timeout: timeout)
    }

    /// A value, and the JSON that it came in with all its members.
    struct Answer<Value> {
        let value: Value
        let json: JSONValue
    }

    func get<Value: Decodable>(_ path: String, as type: Value.Type) throws(CommandFailure) -> Answer<Value> {
        try decoded(send(.get(path)), as: type)
    }

    func post<Value: Decodable>(
        _ path: String, _ body: some Encodable, as type: Value.Type
    ) throws(CommandFailure) -> Answer<Value> {
        try decoded(send(request(path, body)), as: type)
    }

    /// A call whose answer says only that it is done.
    func post(_ path: String, _ body: some Encodable = JSONValue.emptyObject) throws(CommandFailure) {
        let response = try send(request(path, body))
        guard response.status == 200 else { throw refusal(response) }
    }

    /// The answer whatever its status; throws only if there is none.
    func send(_ request: LocalHTTPRequest) throws(CommandFailure) -> LocalHTTPResponse {
        do throws(LocalHTTPError) {
            return try http.send(request)
        } catch {
            throw unreachable(error)
        }
    }

    func request(_ path: String, _ body: some Encodable) throws(CommandFailure) -> LocalHTTPRequest {
        do throws(JSONError) {
            return .post(path, json: try body.json())
        } catch {
            throw CommandFailure("cannot express the request: \(error)")
        }
    }

    func decoded<Value: Decodable>(
        _ response: LocalHTTPResponse, as type: Value.Type
    ) throws(CommandFailure) -> Answer<Value> {
        guard response.status == 200 else { throw refusal(response) }
        do throws(JSONError) {
            let json = try JSONValue(parsing: response.body)
            return Answer(value: try Value(json: json), json: json)
        } catch {
            throw CommandFailure(
                "the daemon's answer is not understood: \(error)",
                advice: "Compare weft version: is the daemon of another version?")
        }
    }

    /// An answer that is no success, in the daemon's own words.
    func refusal(_ response: LocalHTTPResponse) -> CommandFailure {
        do throws(JSONError) {
            return CommandFailure(try ErrorReply(json: response.body).error)
        } catch {
            return CommandFailure(
                "the server on \(socketPath) answered with status \(response.status)",
                advice: "It does not seem to be weftd.")
        }
    }

    private func unreachable(_ error: LocalHTTPError) -> CommandFailure {
        switch error.reason {
        case .cannotConnect(errno: ENOENT), .cannotConnect(errno: ECONNREFUSED):
            CommandFailure(
                "weft is not running: nothing serves on \(socketPath)",
                advice: "Start it with weft launch, or say where it serves with --socket or \(ControlSocket.variable).",
                exitCode: .unreachable)
        case .cannotConnect(errno: EACCES):
            CommandFailure(
                "may not connect to \(socketPath)", advice: "Only the daemon's user may; try sudo.",
                exitCode: .unreachable)
        default: CommandFailure("\(error)", exitCode: .unreachable)
        }
    }

    /// Whether nothing serves on the socket.
    func isSilent() -> Bool {
        do throws(LocalHTTPError) {
            _ = try http.send(.get("/v1/status"))
            return false
        } catch {
            switch error.reason {
            case .cannotConnect(errno: ENOENT), .cannotConnect(errno: ECONNREFUSED): return true
            default: return false
            }
        }
    }
}
