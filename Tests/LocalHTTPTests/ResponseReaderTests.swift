import Testing

@testable import LocalHTTP

@Suite("Answers put together from pieces")
struct ResponseReaderTests {
    static let answers: [(text: String, body: String)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhello", "hello"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n2;x=1\r\nhe\r\n3\r\nllo\r\n0\r\nA: b\r\n\r\n",
            "hello"
        ),
        ("HTTP/1.0 200 OK\r\nContent-Type: TEXT/plain\r\n\r\nhello", "hello"),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n", ""),
    ]

    @Test("an answer is the same whole and byte by byte", arguments: answers)
    func framing(text: String, body: String) throws {
        for size in [1, 3, text.utf8.count] {
            var reader = ResponseReader(bodyLimitBytes: 100)
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                try reader.receive(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            #expect(
                reader.finish() == LocalHTTPResponse(status: 200, contentType: "text/plain", body: Array(body.utf8)))
        }
    }

    @Test("an answer cut off anywhere is never taken for complete", arguments: answers.prefix(2))
    func truncation(text: String, body: String) throws {
        for length in 0..<text.utf8.count {
            var reader = ResponseReader(bodyLimitBytes: 100)
            try reader.receive(Array(text.utf8).prefix(length))
            #expect(reader.finish() == nil)
        }
    }

    @Test(
        "what is no HTTP is refused",
        arguments: [
            "SSH-2.0-x\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
        ])
    func garbage(text: String) {
        var reader = ResponseReader(bodyLimitBytes: 100)
        #expect(throws: ResponseReader.Failure.self) { try reader.receive(Array(text.utf8)) }
    }

    @Test("a head that does not end is refused at its limit, not collected for ever")
    func endlessHead() {
        var reader = ResponseReader(bodyLimitBytes: 100)
        #expect(throws: ResponseReader.Failure.self) {
            try reader.receive([UInt8](repeating: UInt8(ascii: "a"), count: 40_000))
        }
    }

    @Test(
        "a body over the limit is refused, however it is framed",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n01234567890",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890",
        ])
    func limit(text: String) {
        var reader = ResponseReader(bodyLimitBytes: 10)
        #expect(throws: ResponseReader.Failure.tooLarge) { try reader.receive(Array(text.utf8)) }
    }
}
