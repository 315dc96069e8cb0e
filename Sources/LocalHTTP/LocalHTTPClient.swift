import Glibc

/// A client for small HTTP servers behind a unix socket: weft's control API, and container engines. Blocks the calling
/// thread, one connection a request.
public struct LocalHTTPClient: Sendable {
    public let socketPath: String
    /// From connecting to the last byte of the answer.
    public let timeout: Duration
    public let answerLimitBytes: Int

    public init(socketPath: String, timeout: Duration = .seconds(30), answerLimitBytes: Int = 64 << 20) {
        self.socketPath = socketPath
        self.timeout = timeout
        self.answerLimitBytes = answerLimitBytes
    }

    /// Sends the request and waits for the whole answer, whatever its status.
    public func send(_ request: LocalHTTPRequest) throws(LocalHTTPError) -> LocalHTTPResponse {
        do throws(LocalHTTPError.Reason) {
            return try exchange(request)
        } catch {
            throw LocalHTTPError(socketPath: socketPath, reason: error)
        }
    }

    private func exchange(_ request: LocalHTTPRequest) throws(LocalHTTPError.Reason) -> LocalHTTPResponse {
        let socket: LocalSocket
        do throws(LocalSocket.Failure) {
            socket = try LocalSocket.connecting(to: socketPath, deadline: .now + timeout)
        } catch {
            throw LocalHTTPError.Reason(error)
        }
        // A server may refuse an oversized request and close before it has read all of it; its answer counts.
        var sendFailure: LocalSocket.Failure?
        do throws(LocalSocket.Failure) { try socket.send(request.bytes) } catch { sendFailure = error }
        return try answer(from: socket, sendFailure: sendFailure)
    }

    private func answer(
        from socket: borrowing LocalSocket, sendFailure: LocalSocket.Failure?
    ) throws(LocalHTTPError.Reason) -> LocalHTTPResponse {
        var reader = ResponseReader(bodyLimitBytes: answerLimitBytes)
        do {
            while true {
                let bytes = try socket.receive()
                if bytes.isEmpty { break }
                try reader.receive(bytes)
                if let answer = reader.answer { return answer }
            }
        } catch let failure as LocalSocket.Failure {
            throw LocalHTTPError.Reason(sendFailure ?? failure)
        } catch ResponseReader.Failure.malformed(let what) {
            throw .malformed(what)
        } catch {
            throw .tooLarge(limitBytes: answerLimitBytes)
        }
        if let answer = reader.finish() { return answer }
        throw sendFailure.map(LocalHTTPError.Reason.init) ?? .closedEarly
    }
}

extension LocalHTTPError.Reason: Error {
    fileprivate init(_ failure: LocalSocket.Failure) {
        switch failure {
        case .pathTooLong: self = .pathTooLong
        case .cannotConnect(let code): self = .cannotConnect(errno: code)
        case .broken(let call, let code): self = .broken(call: call, errno: code)
        case .timedOut: self = .timedOut
        }
    }
}

extension LocalHTTPError: CustomStringConvertible {
    public var description: String {
        switch reason {
        case .pathTooLong: "the socket's path is too long: \(socketPath)"
        case .cannotConnect(let code): "cannot connect to \(socketPath): \(words(code))"
        case .broken(let call, let code): "the connection to \(socketPath) broke: \(call): \(words(code))"
        case .timedOut: "\(socketPath) did not answer in time"
        case .closedEarly: "\(socketPath) closed the connection before it had answered"
        case .malformed(let what): "\(socketPath) did not answer in HTTP: \(what)"
        case .tooLarge(let limit): "the answer of \(socketPath) has more than \(limit) bytes"
        }
    }

    private func words(_ code: CInt) -> String {
        unsafe String(cString: strerror(code))
    }
}
