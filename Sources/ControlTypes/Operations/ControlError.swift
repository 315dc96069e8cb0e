/// Why a request was refused: the daemon throws it, the API sends it as the body of every error, the command prints it.
public struct ControlError: Error, Codable, Hashable, Sendable {
    /// Machine-readable; each stands for one HTTP status.
    public enum Code: String, Codable, Hashable, Sendable, CaseIterable {
        /// 400: the request is no JSON, or not of the expected shape.
        case badRequest = "bad-request"
        /// 404: no such path, container or peer.
        case notFound = "not-found"
        /// 405
        case methodNotAllowed = "method-not-allowed"
        /// 409: it contradicts what is there, such as an address that another container has.
        case conflict
        /// 413
        case tooLarge = "too-large"
        /// 422: well formed, but it cannot be done, such as a peer's name that does not resolve.
        case unprocessable
        /// 500: the kernel or the disk refused; the message has its reason.
        case failed
        /// 503: starting or stopping; try again.
        case unavailable
    }
    public var code: Code
    /// Names the object and the cause.
    public var message: String
    /// What to do; nil if the message says it all.
    public var advice: String?

    public init(_ code: Code, _ message: String, advice: String? = nil) {
        self.code = code
        self.message = message
        self.advice = advice
    }

    /// The status of the HTTP answer.
    public var httpStatus: Int {
        switch code {
        case .badRequest: 400
        case .notFound: 404
        case .methodNotAllowed: 405
        case .conflict: 409
        case .tooLarge: 413
        case .unprocessable: 422
        case .failed: 500
        case .unavailable: 503
        }
    }
}

extension ControlError: CustomStringConvertible {
    public var description: String { advice.map { "\(message). \($0)" } ?? message }
}

/// The JSON body of an error under `/v1/`: `{"error": {"code": ..., "message": ..., "advice": ...}}`.
public struct ErrorReply: Codable, Hashable, Sendable {
    public var error: ControlError

    public init(_ error: ControlError) {
        self.error = error
    }
}
