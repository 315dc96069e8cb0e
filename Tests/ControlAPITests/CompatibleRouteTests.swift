import ControlFakes
import ControlTypes
import Foundation
import LocalHTTP
import TestSupport
import Testing

@Suite("Compatible routes over a socket", .serialized)
struct CompatibleRouteTests {
    /// A request of the recorded transcript and what was answered.
    struct Exchange: Decodable {
        var method: String
        var path: String
        var form: [[String]]?
        /// nil where the recording has no answer.
        var status: Int?
        var contentType: String?
        var body: String?

        enum CodingKeys: String, CodingKey {
            case method, path, form, status, body
            case contentType = "content_type"
        }
    }

    @Test("recorded requests that need no state of the recording are answered as recorded")
    func transcript() async throws {
        let all = try Fixture.json("services/http-transcript.json", as: [Exchange].self)
        let ours = all.filter { exchange in
            let path = exchange.path.prefix { $0 != "?" }
            let isOurs = ["/nope", "/", "/connect", "/forget", "/status/nope", "/proxyaddrs", "/ring"].contains(path)
            guard let status = exchange.status else { return false }
            let isReport = exchange.path == "/report" && status == 400
            let isOff = ["/status/ipam", "/status/dns", "/domain"].contains(path) && status >= 400
            return (isOurs || isReport || isOff) && (status != 200 || exchange.method == "POST")
        }
        #expect(ours.count >= 15)
        let operations = FakeOperations()
        operations.change { state in
            state.refusals = ours.filter { $0.path == "/connect" && $0.status == 400 }.compactMap { exchange in
                exchange.form?.first.map {
                    TargetRefusal(peer: $0[1], reason: (exchange.body ?? "").trimmingCharacters(in: .newlines))
                }
            }
        }
        try await withServer(operations) { (client: TestClient, _: FakeOperations) async throws in
            for exchange in ours {
                let form = (exchange.form ?? []).map { "\($0[0])=\($0[1])" }.joined(separator: "&")
                let response = try await client.send(
                    LocalHTTPRequest(
                        method: exchange.method, path: exchange.path,
                        headers: [("Content-Type", "application/x-www-form-urlencoded")], body: Array(form.utf8)))
                #expect(response.status == exchange.status, "\(exchange.method) \(exchange.path)")
                #expect(response.text == exchange.body, "\(exchange.method) \(exchange.path)")
                if let type = exchange.contentType { #expect(type.hasPrefix(response.contentType)) }
            }
        }
    }

    @Test("connect and forget pass the form's fields on, decoded")
    func forms() async throws {
        try await withServer { (client: TestClient, operations: FakeOperations) async throws in
            let bodies = [
                ("/connect", "peer=10.0.0.1&peer=h%3A7000&replace=true"), ("/connect", "peer=a+b%26c&replace=1"),
                ("/connect", ""), ("/forget", "peer=x&peer=%zz"),
            ]
            for (path, body) in bodies {
                let response = try await client.send(
                    LocalHTTPRequest(
                        method: "POST", path: path,
                        headers: [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
                        body: Array(body.utf8)))
                #expect(response == LocalHTTPResponse(status: 200, contentType: "", body: []))
            }
            _ = try await client.send(.init(method: "POST", path: "/connect?peer=q"))
            // A JSON body is no form.
            _ = try await client.send(.post("/connect", json: #"{"peers":["x"]}"#))
            #expect(
                operations.calls.filter { $0 != "status" }
                    == [
                        "connect 10.0.0.1 h:7000 replace", "connect a b&c", "connect", "forget x", "connect q",
                        "connect",
                    ])
        }
    }

    @Test("status is 503 with the same text while the daemon is not ready")
    func notReady() async throws {
        let operations = FakeOperations()
        try await withServer(operations) { (client: TestClient, operations: FakeOperations) async throws in
            let ready = try await client.send(.get("/status"))
            operations.change { $0.report.ready = false }
            let starting = try await client.send(.get("/status"))
            #expect(ready.status == 200)
            #expect(starting.status == 503)
            #expect(starting.body == ready.body)
            #expect(ready.text.hasPrefix("        Version: \(WeftVersion.text) ("))
        }
    }

    @Test("the report comes as JSON for exactly that Accept, whatever the format, and otherwise wants one format")
    func report() async throws {
        try await withServer { (client: TestClient, _: FakeOperations) async throws in
            func ask(_ path: String, accept: String?) async throws -> LocalHTTPResponse {
                try await client.send(.init(method: "GET", path: path, headers: accept.map { [("Accept", $0)] } ?? []))
            }
            let json = try await ask("/report?format=x", accept: "application/json")
            #expect(json.status == 200)
            #expect(json.contentType == "application/json")
            #expect(try Report(json: json.body) == Sample.report)
            #expect(json.body.last == UInt8(ascii: "}"))
            for accept in [nil, "*/*", "application/json, text/plain"] {
                #expect(try await ask("/report", accept: accept).status == 400)
                #expect(try await ask("/report?format=a&format=b", accept: accept).status == 400)
            }
        }
    }

    @Test("a report through a template is answered as the recordings and the protocol's description say")
    func templates() async throws {
        let failure = "error during template execution"
        let nickname = Sample.report.router.nickName
        let rows: [(template: String, status: Int, body: String)] = [
            ("{{.Version}}", 200, Sample.report.version),
            ("{{.Router.Name}} {{ .Router.NickName}}", 200, "\(Sample.report.router.name) \(nickname)"),
            ("{{.DNS}}{{json .IPAM}}", 200, "<nil>null"),
            ("{{len .Router.Peers}}", 200, "\(Sample.report.router.peers.count)"),
            ("", 200, ""),
            ("{{", 400, "template: format:1: unclosed action\n"),
            ("x\n{{nope}}", 400, "template: format:2: function \"nope\" not defined\n"),
            ("{{.NoSuch}}", 500, failure + "\n"),
            ("{{.DNS.Domain}}", 500, failure + "\n"),
            ("name: {{.NoSuch}}", 200, "name: " + failure + "\n"),
            ("{{printf \"%999999999d\" 1}}", 500, failure + ": a width exceeds 1048576\n"),
        ]
        try await withServer { (client: TestClient, _: FakeOperations) async throws in
            for row in rows {
                let query = try #require(row.template.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
                let answer = try await client.send(.get("/report?format=" + query))
                #expect(answer.status == row.status, "\(row.template)")
                #expect(answer.text == row.body, "\(row.template)")
                #expect(answer.contentType == "text/plain")
            }
        }
    }

    @Test("methods that a route has not are 405 and empty, doubled slashes are redirected")
    func methods() async throws {
        try await withServer { (client: TestClient, _: FakeOperations) async throws in
            for (method, path) in [
                ("POST", "/status"), ("OPTIONS", "/report"), ("DELETE", "/connect"), ("PUT", "/forget"),
            ] {
                #expect(
                    try await client.send(.init(method: method, path: path))
                        == LocalHTTPResponse(status: 405, contentType: "", body: []))
            }
            #expect(try await client.send(.get("//status")).status == 301)
            #expect(try await client.send(.get("/status/")).status == 404)
        }
    }
}
