import Foundation
import TestSupport
import Testing
import Wire

@Suite("Names and addresses")
struct NamesAndAddressesTests {
    @Test("a peer name is written in one form and read in any case, with one or two digits a group")
    func peerNameText() throws {
        let name = try #require(PeerName(text: "2:0:0:0:B:1"))
        #expect(name.rawValue == 0x0200_0000_0b01)
        #expect(name.description == "02:00:00:00:0b:01")
        #expect(PeerName(text: name.description) == name)
        #expect(name.bytes == [2, 0, 0, 0, 0x0b, 1])
    }

    @Test(
        "text that is no peer name is refused",
        arguments: [
            "", ":", "02:00:00:00:0b", "02:00:00:00:0b:01:02", "02:00:00:00:0b:", ":02:00:00:00:0b:01",
            "02:00:00:00:0b:001",
            "02-00-00-00-0b-01", "02:00:00:00:0b:0g", " 02:00:00:00:0b:01", "02:00:00:00:0b:01 ", "+2:00:00:00:0b:01",
            "::",
        ])
    func notAPeerName(text: String) {
        #expect(PeerName(text: text) == nil)
        #expect(MACAddress(text: text) == nil)
    }

    @Test("zero and multicast names are not usable by a peer")
    func unusableNames() throws {
        #expect(!PeerName.unknown.isUsable)
        #expect(try !#require(PeerName(text: "01:00:5e:00:00:01")).isUsable)
        #expect(try #require(PeerName(text: "02:00:00:00:0b:01")).isUsable)
    }

    @Test("of the forms that the original reads, six groups are read with the recorded result")
    func recordedNames() throws {
        struct Recording: Decodable { let fromText: [Entry] }
        struct Entry: Decodable { let input: String; let name: String?; let uint64: UInt64? }
        let entries = try Fixture.json("mesh/peer-names.json", as: Recording.self).fromText
        var sixGroups = 0
        for entry in entries {
            guard let name = PeerName(text: entry.input) else { continue }
            sixGroups += 1
            #expect(name.description == entry.name, "\(entry.input)")
            #expect(name.rawValue == entry.uint64, "\(entry.input)")
        }
        #expect(sixGroups >= 2)
        // Whatever the original refuses, weft refuses.
        for entry in entries where entry.name == nil {
            #expect(PeerName(text: entry.input) == nil, "\(entry.input)")
        }
    }

    @Test(
        "IPv4 addresses are read strictly",
        arguments: ["1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "1.2.3.a", "", "1..2.3"])
    func notIPv4(text: String) {
        #expect(IPv4Address(text: text) == nil)
    }

    @Test(
        "IPv6 addresses are written in their shortest form",
        arguments: [
            ("::", "::"), ("::1", "::1"), ("fe80:0:0:0:0:0:0:1", "fe80::1"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ])
    func ipv6(pair: (String, String)) throws {
        let address = try #require(IPAddress(text: pair.0))
        #expect(address.description == pair.1)
        #expect(IPAddress(text: pair.1) == address)
    }

    @Test("an endpoint holds both families")
    func endpoints() throws {
        #expect(Endpoint(text: "10.0.0.1:6783")?.description == "10.0.0.1:6783")
        #expect(Endpoint(text: "[fe80::1]:80")?.description == "[fe80::1]:80")
        for bad in ["10.0.0.1", "10.0.0.1:", "10.0.0.1:0", "10.0.0.1:65536", "fe80::1:80", "[10.0.0.1]:80", ":80", ""] {
            #expect(Endpoint(text: bad) == nil, "\(bad)")
        }
    }

    @Test("a peer's address has one form, and parses back")
    func peerAddress() throws {
        for text in ["02:00:00:00:0b:01@10.0.0.1:6783", "02:00:00:00:0b:01@[fe80::1]:80"] {
            #expect(PeerAddress(text: text)?.description == text)
        }
        for bad in ["", "@", "02:00:00:00:0b:01", "02:00:00:00:0b:01@", "@10.0.0.1:1", "x@10.0.0.1:1", "a@b@c"] {
            #expect(PeerAddress(text: bad) == nil, "\(bad)")
        }
    }

    @Test("an interface address knows its network")
    func interfaceAddress() throws {
        let address = try #require(InterfaceAddress(text: "10.45.1.2/12"))
        #expect(address.network.description == "10.32.0.0")
        #expect(address.broadcast.description == "10.47.255.255")
        #expect(address.contains(IPv4Address(rawValue: 0x0a2f_0000)))
        #expect(!address.contains(IPv4Address(rawValue: 0x0a30_0000)))
        for bad in ["10.0.0.1", "10.0.0.1/33", "10.0.0.1/", "/8", "10.0.0.1/08", "10.0.0.1/8/8"] {
            #expect(InterfaceAddress(text: bad) == nil, "\(bad)")
        }
    }
}
