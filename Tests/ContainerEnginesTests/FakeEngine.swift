import Foundation
import Glibc
import Synchronization

/// A container engine for tests: answers each connection on a unix socket with whatever its function gives for the
/// request's first line, and keeps the lines.
final class FakeEngine: Sendable {
    let socketPath: String
    private let descriptor: CInt
    private let lines = Mutex<[String]>([])

    init(answer: @escaping @Sendable (String) -> String) throws {
        socketPath = "/tmp/weft-engine-\(UUID().uuidString.prefix(8)).sock"
        descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(socketPath.utf8)) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(descriptor, 8) == 0 else { throw POSIXError(.EIO) }
        Thread { [self] in serve(answer) }.start()
    }

    /// The first lines of the requests so far.
    var requests: [String] { lines.withLock { $0 } }

    func stop() {
        shutdown(descriptor, CInt(SHUT_RDWR))
        unlink(socketPath)
    }

    private func serve(_ answer: (String) -> String) {
        while true {
            let client = accept(descriptor, nil, nil)
            guard client >= 0 else { return }
            var text = ""
            var buffer = [UInt8](repeating: 0, count: 4_096)
            while !text.contains("\r\n\r\n") {
                let count = read(client, &buffer, buffer.count)
                guard count > 0 else { break }
                text += String(decoding: buffer[..<count], as: UTF8.self)
            }
            let line = String(text.prefix { !$0.isNewline })
            lines.withLock { $0.append(line) }
            let reply = Array(answer(line).utf8)
            _ = send(client, reply, reply.count, CInt(MSG_NOSIGNAL))
            close(client)
        }
    }
}

/// A 200 with a JSON body, in chunks, as engines send it.
func found(_ json: String) -> String {
    let size = String(json.utf8.count, radix: 16)
    return
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\(size)\r\n\(json)\r\n0\r\n\r\n"
}

let notFound = "HTTP/1.1 404 Not Found\r\nContent-Length: 31\r\n\r\n{\"message\":\"No such container\"}\n"
