import ControlFakes
import ControlTypes
import LocalHTTP
import TestSupport
import Testing
import Wire

@Suite("Native routes over a socket", .serialized)
struct NativeRouteTests {
    @Test("every value comes back as it was")
    func values() async throws {
        let operations = FakeOperations()
        operations.change { state in
            state.connections = [Sample.established, Sample.failed]
            state.targets = [TargetStatus(text: "<a&b>", state: .unresolved)]
            state.peers = [
                PeerStatus(
                    peer: Sample.peer(1), isSelf: true, uid: .max, shortID: 4_095, version: 3, nextHop: nil,
                    connections: [
                        PeerConnection(peer: Sample.peer(2), address: "x", outbound: true, established: false)
                    ])
            ]
            state.attached = InterfaceAddress(text: "10.32.0.1/12").map { [Sample.container("web", [$0])] } ?? []
        }
        try await withServer(operations) { (client: TestClient, _: FakeOperations) async throws in
            func get<Value: Decodable>(_ path: String, as type: Value.Type) async throws -> Value {
                let response = try await client.send(.get(path))
                #expect(response.status == 200)
                #expect(response.contentType == "application/json")
                return try Value(json: response.body)
            }
            #expect(try await get("/v1/status", as: DaemonStatus.self) == Sample.status)
            #expect(
                try await get("/v1/connections", as: [ConnectionStatus].self) == [Sample.established, Sample.failed])
            #expect(try await get("/v1/targets", as: [TargetStatus].self).first?.text == "<a&b>")
            #expect(try await get("/v1/peers", as: [PeerStatus].self).first?.uid == .max)
            #expect(try await get("/v1/containers", as: [AttachedContainer].self).first?.container == "web")
        }
    }

    @Test("every call reaches the daemon with its arguments")
    func calls() async throws {
        try await withServer { (client: TestClient, operations: FakeOperations) async throws in
            operations.change { $0.refusals = [TargetRefusal(peer: "bad:", reason: "no port")] }
            let posts = [
                ("/v1/connect", #"{"peers":["a","b"],"replace":true}"#, 200),
                ("/v1/connect", #"{"peers":["a","bad:"]}"#, 422), ("/v1/forget", #"{"peers":["a"]}"#, 200),
                ("/v1/attach", #"{"container":"web","addresses":["10.32.0.1/12"]}"#, 200),
                ("/v1/detach", #"{"container":"web","addresses":[]}"#, 200), ("/v1/stop", "", 200),
                ("/v1/reset", "", 200),
            ]
            for (path, body, status) in posts {
                #expect(try await client.send(.post(path, json: body)).status == status, "\(path)")
            }
            #expect(
                operations.calls.filter { $0 != "status" }
                    == [
                        "connect a b replace", "connect a bad:", "forget a", "attach 10.32.0.1/12 web -", "detach web",
                        "stop", "reset",
                    ])
        }
    }

    @Test("an error of the daemon has its status and its words", arguments: ControlError.Code.allCases)
    func errors(code: ControlError.Code) async throws {
        try await withServer { (client: TestClient, operations: FakeOperations) async throws in
            let error = ControlError(code, "it is so", advice: "do this")
            operations.change { $0.error = error }
            for request in [
                LocalHTTPRequest.get("/v1/status"), .get("/v1/peers"), .post("/v1/stop", json: ""),
                .post("/v1/attach", json: #"{"container":"a","addresses":["10.0.0.1/8"]}"#),
            ] {
                let response = try await client.send(request)
                #expect(response.status == error.httpStatus)
                #expect(try ErrorReply(json: response.body).error == error)
            }
        }
    }

    @Test(
        "bad requests are refused before they reach the daemon",
        arguments: [
            ("GET", "/v1/nope", "", 404), ("GET", "/v1", "", 404), ("GET", "/v1/", "", 404),
            ("POST", "/v1/status", "{}", 405), ("GET", "/v1/connect", "", 405), ("GET", "/v1/stop", "", 405),
            ("DELETE", "/v1/containers", "", 405), ("POST", "/v1/connect", "", 400),
            ("POST", "/v1/connect", "{", 400), ("POST", "/v1/connect", "[]", 400),
            ("POST", "/v1/connect", #"{"peers":"a"}"#, 400), ("POST", "/v1/forget", "{}", 400),
            ("POST", "/v1/attach", #"{"container":"a","addresses":["10.0.0.1"]}"#, 400),
            ("POST", "/v1/attach", #"{"container":"a","addresses":[]}"#, 400),
            ("POST", "/v1/attach", #"{"container":"","addresses":["10.0.0.1/8"]}"#, 400),
            ("POST", "/v1/detach", #"{"container":1}"#, 400),
        ])
    func refused(method: String, path: String, body: String, status: Int) async throws {
        try await withServer { (client: TestClient, operations: FakeOperations) async throws in
            let response = try await client.send(
                .init(
                    method: method, path: path, headers: [("Content-Type", "application/json")], body: Array(body.utf8))
            )
            #expect(response.status == status)
            #expect(try !ErrorReply(json: response.body).error.message.isEmpty)
            #expect(operations.calls.allSatisfy { $0 == "status" })
        }
    }

    @Test("an oversized body is refused with 413, and the server goes on")
    func oversized() async throws {
        try await withServer { (client: TestClient, operations: FakeOperations) async throws in
            let body = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20)
            let began = ContinuousClock.now
            for path in ["/v1/connect", "/connect"] {
                let response = try await client.send(.init(method: "POST", path: path, body: body))
                #expect(response.status == 413)
            }
            // Nobody waits for bytes that are not wanted.
            #expect(.now - began < .seconds(20))
            #expect(try await client.send(.get("/v1/status")).status == 200)
            #expect(operations.calls.allSatisfy { $0 == "status" })
        }
    }

    @Test("many clients at once are all answered")
    func concurrent() async throws {
        let operations = FakeOperations()
        operations.change { $0.connections = Array(repeating: Sample.established, count: 500) }
        try await withServer(operations) { (client: TestClient, _: FakeOperations) async throws in
            try await withThrowingTaskGroup(of: Int.self) { tasks in
                for _ in 0..<40 {
                    tasks.addTask {
                        try await [ConnectionStatus](json: client.send(.get("/v1/connections")).body).count
                    }
                }
                for try await count in tasks { #expect(count == 500) }
            }
        }
    }
}
