import Foundation
import Store
import TestSupport
import Testing
import Wire

@Suite("State on disk")
struct StateStoreTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "weft-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory.path)
    }

    @Test("name, targets, neighbours and attachments are there after opening again")
    func remembers() throws {
        try withDirectory { directory in
            let name = try #require(PeerName(text: "02:00:00:00:0b:01"))
            let address = try #require(InterfaceAddress(text: "10.32.0.1/12"))
            let attachment = Attachment(
                container: "web", label: nil, namespacePath: "/run/netns/web", addresses: [address],
                since: WallClockInstant(nanosecondsSince1970: 1_700_000_000_000_000_001))
            let neighbours = ["02:00:00:00:0b:02@10.0.0.2:6783", "02:00:00:00:0b:03@10.0.0.3:7000"].compactMap {
                PeerAddress(text: $0)
            }
            #expect(neighbours.count == 2)
            do {
                let store = try StateStore(directory: directory)
                #expect(try store.peerName() == nil)
                #expect(try store.neighbours().isEmpty)
                try store.setPeerName(name)
                try store.setTargets(["host2", "10.0.0.3:7000", "it's"])
                try store.save(attachment)
                try store.setNeighbours(neighbours)
            }
            let store = try StateStore(directory: directory)
            #expect(try store.peerName() == name)
            #expect(try store.targets() == ["host2", "10.0.0.3:7000", "it's"])
            #expect(try store.attachments() == [attachment])
            #expect(try store.neighbours() == neighbours)
            try store.setTargets([])
            try store.removeAttachment(container: "web")
            #expect(try store.targets().isEmpty)
            #expect(try store.attachments().isEmpty)
            try store.removeEverything()
            #expect(try store.peerName() == nil)
        }
    }

    @Test("a file that is no database is refused with its path and what to do")
    func corrupt() throws {
        try withDirectory { directory in
            try Data("not a database, but long enough to be looked at as one".utf8)
                .write(to: URL(filePath: "\(directory)/\(StateStore.fileName)"))
            let error = #expect(throws: StoreError.self) { _ = try StateStore(directory: directory) }
            #expect(error?.reason == .corrupt)
            #expect(error?.description.contains(directory) == true)
        }
    }

    @Test("a missing directory is refused with what to do")
    func missing() {
        let error = #expect(throws: StoreError.self) { _ = try StateStore(directory: "/nowhere/at/all") }
        #expect(error?.reason == .cannotOpen)
        #expect(error?.description.contains("--state-dir") == true)
    }

    @Test("a layout of the future is left alone")
    func newer() throws {
        try withDirectory { directory in
            do { _ = try StateStore(directory: directory) }
            // The version number stands at offset 60 of the file's header, big-endian (SQLite file format, 1.3).
            let file = URL(filePath: "\(directory)/\(StateStore.fileName)")
            var bytes = try Data(contentsOf: file)
            bytes[63] = 99
            try bytes.write(to: file)
            let error = #expect(throws: StoreError.self) { _ = try StateStore(directory: directory) }
            #expect(error?.reason == .newer)
        }
    }
}
