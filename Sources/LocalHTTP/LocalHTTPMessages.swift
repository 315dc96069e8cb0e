/// A request to an HTTP server behind a unix socket.
public struct LocalHTTPRequest: Hashable, Sendable {
    /// `GET`, `POST`
    public var method: String
    /// Path and query, percent-encoded as needed: `/v1/status`.
    public var path: String
    /// Besides `Host`, `Connection` and `Content-Length`, which the client adds.
    public var headers: [(name: String, value: String)] { pairs.map { ($0.name, $0.value) } }
    public var body: [UInt8]

    private var pairs: [Header]

    private struct Header: Hashable, Sendable {
        var name: String
        var value: String
    }

    public init(method: String, path: String, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.method = method
        self.path = path
        self.body = body
        pairs = headers.map { Header(name: $0.name, value: $0.value) }
    }

    /// A POST with a JSON body.
    public static func post(_ path: String, json: String) -> LocalHTTPRequest {
        LocalHTTPRequest(
            method: "POST", path: path, headers: [("Content-Type", "application/json")], body: Array(json.utf8))
    }

    public static func get(_ path: String) -> LocalHTTPRequest {
        LocalHTTPRequest(method: "GET", path: path)
    }

    /// The request on the wire (RFC 9112). The connection is closed after the answer.
    var bytes: [UInt8] {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        for header in pairs { head += "\(header.name): \(header.value)\r\n" }
        if !body.isEmpty || method == "POST" || method == "PUT" { head += "Content-Length: \(body.count)\r\n" }
        return Array(head.utf8) + [13, 10] + body
    }
}

/// An answer, whole.
public struct LocalHTTPResponse: Hashable, Sendable {
    /// 200, 404
    public var status: Int
    /// Without parameters and in lower case: `application/json`; empty if the server names none.
    public var contentType: String
    public var body: [UInt8]

    public init(status: Int, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// The body as text; broken UTF-8 is replaced.
    public var text: String { String(decoding: body, as: UTF8.self) }
}

/// Why there is no answer.
public struct LocalHTTPError: Error, Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// The socket's path is longer than the kernel takes.
        case pathTooLong
        /// Nobody listens (`ENOENT`, `ECONNREFUSED`) or we may not connect (`EACCES`).
        case cannotConnect(errno: CInt)
        /// The call and what it answered, on a connection that was up.
        case broken(call: String, errno: CInt)
        case timedOut
        /// The server closed before the answer was complete.
        case closedEarly
        /// What was wrong with the answer.
        case malformed(String)
        case tooLarge(limitBytes: Int)
    }
    public let socketPath: String
    public let reason: Reason

    public init(socketPath: String, reason: Reason) {
        self.socketPath = socketPath
        self.reason = reason
    }
}
