/// Puts an HTTP/1.1 answer together from the pieces that a socket gives (RFC 9112): with a length, in chunks, or up to
/// the end of the connection.
///
///     head → fixed(n) ─────────────────→ done
///          → chunkSize ⇄ chunkData(n)
///                  → trailers ─────────→ done
///          → untilClose ──── finish ───→ done
package struct ResponseReader {
    package enum Failure: Error, Equatable {
        case malformed(String)
        case tooLarge
    }
    private enum State {
        case head
        case fixed(left: Int)
        case chunkSize
        /// Two more bytes than the chunk has: the line end after it.
        case chunkData(left: Int)
        case trailers
        case untilClose
        case done
    }
    /// Chosen; our servers and container engines send a few hundred bytes.
    static let headLimitBytes = 32_768

    private let bodyLimitBytes: Int
    private var state = State.head
    private var pending: [UInt8] = []
    private var response = LocalHTTPResponse(status: 0, contentType: "", body: [])

    package init(bodyLimitBytes: Int) {
        self.bodyLimitBytes = bodyLimitBytes
    }

    /// The answer once it is complete.
    package var answer: LocalHTTPResponse? {
        if case .done = state { response } else { nil }
    }

    /// Takes the next bytes; those after the answer are ignored.
    package mutating func receive(_ bytes: some Sequence<UInt8>) throws(Failure) {
        pending += bytes
        while try advance() {}
    }

    /// The server has closed; nil if the answer is not complete.
    package mutating func finish() -> LocalHTTPResponse? {
        if case .untilClose = state { state = .done }
        return answer
    }

    /// Takes one step; false if more bytes are needed or all is done.
    private mutating func advance() throws(Failure) -> Bool {
        switch state {
        case .done: return false
        case .head: return try readHead()
        case .fixed(let left): return try readFixed(left: left)
        case .chunkSize: return try readChunkSize()
        case .chunkData(let left): return try readChunk(left: left)
        case .trailers:
            guard let line = try takeLine() else { return false }
            if line.isEmpty { state = .done }
            return true
        case .untilClose:
            let moved = !pending.isEmpty
            try moveToBody(pending.count)
            return moved
        }
    }

    private mutating func readHead() throws(Failure) -> Bool {
        guard let end = pending.firstRange(of: [13, 10, 13, 10]) else {
            guard pending.count <= Self.headLimitBytes else { throw .malformed("a head without an end") }
            return false
        }
        let lines = String(decoding: pending[..<end.lowerBound], as: UTF8.self).split(
            separator: "\r\n", omittingEmptySubsequences: false)
        pending.removeSubrange(..<end.upperBound)
        let parts = lines[0].split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), parts[1].utf8.count == 3, let status = Int(parts[1]),
            status >= 100
        else { throw .malformed("no status line") }
        if status < 200 { return true }
        response.status = status
        var length: Int?
        var chunked = false
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw .malformed("a header without a colon") }
            let value = trimmed(line[line.index(after: colon)...])
            switch line[..<colon].lowercased() {
            case "content-length":
                guard let number = Int(value), number >= 0, length == nil || length == number
                else { throw .malformed("an unusable Content-Length") }
                length = number
            case "transfer-encoding": chunked = value.lowercased() == "chunked"
            case "content-type": response.contentType = trimmed(value.prefix { $0 != ";" }).lowercased()
            default: break
            }
        }
        if status == 204 || status == 304 {
            state = .done
        } else if chunked {
            state = .chunkSize
        } else if let length {
            state = length == 0 ? .done : .fixed(left: length)
        } else {
            state = .untilClose
        }
        return true
    }

    private mutating func readFixed(left: Int) throws(Failure) -> Bool {
        guard left <= bodyLimitBytes else { throw .tooLarge }
        guard !pending.isEmpty else { return false }
        let count = min(left, pending.count)
        try moveToBody(count)
        state = left == count ? .done : .fixed(left: left - count)
        return true
    }

    private mutating func readChunkSize() throws(Failure) -> Bool {
        guard let line = try takeLine() else { return false }
        let digits = line.prefix { $0 != ";" }
        guard (1...8).contains(digits.utf8.count), let size = Int(digits, radix: 16), size >= 0
        else { throw .malformed("an unusable chunk size") }
        state = size == 0 ? .trailers : .chunkData(left: size + 2)
        return true
    }

    private mutating func readChunk(left: Int) throws(Failure) -> Bool {
        guard !pending.isEmpty else { return false }
        let data = min(max(0, left - 2), pending.count)
        try moveToBody(data)
        let lineEnd = min(left - data, pending.count)
        guard pending[..<lineEnd].allSatisfy({ $0 == 13 || $0 == 10 }) else { throw .malformed("a chunk too long") }
        pending.removeFirst(lineEnd)
        let rest = left - data - lineEnd
        state = rest == 0 ? .chunkSize : .chunkData(left: rest)
        return true
    }

    private mutating func moveToBody(_ count: Int) throws(Failure) {
        guard response.body.count + count <= bodyLimitBytes else { throw .tooLarge }
        response.body += pending[..<count]
        pending.removeFirst(count)
    }

    private mutating func takeLine() throws(Failure) -> String? {
        guard let end = pending.firstRange(of: [13, 10]) else {
            guard pending.count <= Self.headLimitBytes else { throw .malformed("a line without an end") }
            return nil
        }
        let line = String(decoding: pending[..<end.lowerBound], as: UTF8.self)
        pending.removeSubrange(..<end.upperBound)
        return line
    }

    private func trimmed(_ text: some StringProtocol) -> String {
        var part = Substring(text)
        while part.first == " " || part.first == "\t" { part.removeFirst() }
        while part.last == " " || part.last == "\t" { part.removeLast() }
        return String(part)
    }
}

extension [UInt8] {
    /// The first place where `pattern` stands. (The standard library's `firstRange` needs `_StringProcessing`.)
    fileprivate func firstRange(of pattern: [UInt8]) -> Range<Int>? {
        guard count >= pattern.count else { return nil }
        return (0...(count - pattern.count)).first { self[$0..<($0 + pattern.count)].elementsEqual(pattern) }
            .map { $0..<($0 + pattern.count) }
    }
}
