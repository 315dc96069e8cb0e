import ControlPlane
import TestSupport
import Testing
import Wire

@Suite("The name of a machine that has none yet")
struct PeerNameDerivationTests {
    private let machineID = Array("0123456789abcdef0123456789abcdef\n".utf8)
    private let productUUID = Array("4c4c4544-0000-1000-8000-000000000001\n".utf8)

    @Test("it is the one that Weave Net 2.8 derives, so that a host keeps its name")
    func sameAsTheOriginal() throws {
        let name = try #require(
            PeerNameDerivation.name(machineID: machineID, productUUID: productUUID, stateDirectory: nil))
        #expect(name.description == "a6:6f:41:48:07:98")
    }

    @Test("two state directories on one machine give two names, each the same every time")
    func stateDirectories() throws {
        let names = ["/var/lib/a", "/var/lib/b", "/var/lib/a"].map {
            PeerNameDerivation.name(machineID: machineID, productUUID: productUUID, stateDirectory: $0)
        }
        #expect(names[0] != names[1])
        #expect(names[0] == names[2])
        for name in names { #expect(try #require(name).isUsable) }
    }

    @Test("a machine without any identifier has no derived name")
    func nothing() {
        #expect(PeerNameDerivation.name(machineID: [], productUUID: [], stateDirectory: nil) == nil)
    }
}
