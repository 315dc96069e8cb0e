import ControlTypes

/// weft's own API: JSON both ways, typed values, errors as ``ErrorReply`` with the status that fits.
struct NativeRoutes {
    let operations: any ControlOperations

    func answer(to call: ControlCall) async -> ControlAnswer {
        do throws(ControlError) {
            switch call.path {
            case "/v1/status":
                return try await get(call) { operations throws(ControlError) in try await operations.status() }
            case "/v1/connections":
                return try await get(call) { operations throws(ControlError) in try await operations.connections() }
            case "/v1/peers":
                return try await get(call) { operations throws(ControlError) in try await operations.peers() }
            case "/v1/targets":
                return try await get(call) { operations throws(ControlError) in try await operations.targets() }
            case "/v1/datapath":
                return try await get(call) { operations throws(ControlError) in try await operations.datapath() }
            case "/v1/containers":
                return try await get(call) { operations throws(ControlError) in try await operations.attached() }
            case "/v1/connect": return try await connect(call)
            case "/v1/forget":
                try await operations.forget(try posted(ForgetRequest.self, call).peers)
                return .json(JSONValue.emptyObject)
            case "/v1/attach": return .json(try await operations.attach(try attachment(call)))
            case "/v1/detach": return .json(try await operations.detach(try posted(DetachRequest.self, call)))
            case "/v1/stop":
                try needs("POST", call)
                try await operations.stop()
                return .json(JSONValue.emptyObject)
            case "/v1/reset":
                try needs("POST", call)
                return .json(ResetReply(removed: try await operations.reset()))
            default:
                throw ControlError(
                    .notFound, "there is no \(call.path)",
                    advice: "docs/targets/ControlAPI.md lists the paths of this API")
            }
        } catch {
            return .error(error)
        }
    }

    private func get<Value: Encodable>(
        _ call: ControlCall, _ value: (any ControlOperations) async throws(ControlError) -> Value
    ) async throws(ControlError) -> ControlAnswer {
        try needs("GET", call)
        return .json(try await value(operations))
    }

    private func connect(_ call: ControlCall) async throws(ControlError) -> ControlAnswer {
        let request = try posted(ConnectRequest.self, call)
        let refused = try await operations.connect(request.peers, replace: request.replace ?? false)
        return .json(ConnectReply(refused: refused), status: refused.isEmpty ? 200 : 422)
    }

    private func attachment(_ call: ControlCall) throws(ControlError) -> AttachRequest {
        let request = try posted(AttachRequest.self, call)
        guard !request.container.isEmpty else { throw ControlError(.badRequest, "container: must not be empty") }
        guard !request.addresses.isEmpty else {
            throw ControlError(.badRequest, "addresses: at least one is needed, such as \"10.32.0.1/12\"")
        }
        return request
    }

    private func needs(_ method: String, _ call: ControlCall) throws(ControlError) {
        guard call.method == method else {
            throw ControlError(.methodNotAllowed, "\(call.path) takes \(method), not \(call.method)")
        }
    }

    private func posted<Value: Decodable>(_ type: Value.Type, _ call: ControlCall) throws(ControlError) -> Value {
        try needs("POST", call)
        do throws(JSONError) {
            return try Value(json: call.body)
        } catch {
            throw ControlError(.badRequest, "the body: \(error)")
        }
    }
}
