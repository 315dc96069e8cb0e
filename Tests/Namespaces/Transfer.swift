import Foundation
import TestSupport
import Testing

/// Sends random bytes over TCP from one container to another, at `address`, and compares what arrives.
func transferIsExact(
    _ lab: Lab, from first: LabContainer, to second: LabContainer, address: String = "10.32.0.2",
    byteCount: Int = 8_000_000
) async throws {
    let file = lab.folder.appending(path: "sent-\(byteCount)")
    var generator = SeededGenerator(seed: 5)
    try Data(generator.bytes(byteCount)).write(to: file)
    let server = """
        import socket,sys
        s=socket.create_server((sys.argv[2],7000)); open(sys.argv[1]+".ready","w").close()
        c,_=s.accept(); f=open(sys.argv[1],"wb")
        while True:
            b=c.recv(65536)
            if not b: break
            f.write(b)
        f.close(); c.sendall(b"done")
        """
    let client = """
        import socket,sys
        c=socket.create_connection((sys.argv[2],7000),10); c.sendall(open(sys.argv[1],"rb").read())
        c.shutdown(socket.SHUT_WR); c.settimeout(30); sys.exit(c.recv(4)!=b"done")
        """
    let received = lab.folder.appending(path: "received-\(byteCount)").path
    _ = try lab.start(
        ["ip", "netns", "exec", second.namespace, "python3", "-c", server, received, address],
        folder: lab.folder.appending(path: "server-\(byteCount)"))
    try await eventually("the server listens") {
        FileManager.default.fileExists(atPath: received + ".ready")
    }
    let sent = try first.run(["python3", "-c", client, file.path, address], limit: .seconds(60))
    #expect(sent.succeeded, "\(sent.text)")
    #expect(try Data(contentsOf: URL(filePath: received)) == Data(contentsOf: file))
}
