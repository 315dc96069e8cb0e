import ControlTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// Finds the route of a request. The two families differ in everything but the socket: compatible routes speak the
/// reference router's texts and forms, native ones (`/v1/`) JSON.
struct ControlResponder: HTTPResponder {
    typealias Context = BasicRequestContext
    /// The largest body that is read; chosen, room for thousands of peers.
    static let bodyLimitBytes = 262_144

    let operations: any ControlOperations

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        await answer(to: request).response
    }

    private func answer(to request: Request) async -> ControlAnswer {
        let target = request.head.path ?? "/"
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts.first.map(String.init) ?? "/"
        let query = parts.count > 1 ? String(parts[1]) : ""
        let isNative = path == "/v1" || path.hasPrefix("/v1/")
        if path.contains("//") {
            return ControlAnswer(status: 301, contentType: nil, body: "", location: Self.cleaned(path, query: query))
        }
        let body: [UInt8]
        do {
            body = Array(buffer: try await request.body.collect(upTo: Self.bodyLimitBytes))
        } catch is NIOTooManyBytesError {
            let error = ControlError(.tooLarge, "the body has more than \(Self.bodyLimitBytes) bytes")
            return isNative ? .error(error) : .refusal(error)
        } catch {
            let error = ControlError(.badRequest, "the request's body did not arrive: \(error)")
            return isNative ? .error(error) : .refusal(error)
        }
        let call = ControlCall(
            method: request.method.rawValue, path: path, query: query, accept: request.headers[.accept],
            contentType: request.headers[.contentType], body: body)
        return isNative
            ? await NativeRoutes(operations: operations).answer(to: call)
            : await CompatibleRoutes(operations: operations).answer(to: call)
    }

    private static func cleaned(_ path: String, query: String) -> String {
        let clean = "/" + path.split(separator: "/").joined(separator: "/")
        return query.isEmpty ? clean : clean + "?" + query
    }
}

/// A request without its transport.
struct ControlCall {
    var method: String
    /// Without query.
    var path: String
    var query = ""
    var accept: String?
    var contentType: String?
    var body: [UInt8] = []
}
