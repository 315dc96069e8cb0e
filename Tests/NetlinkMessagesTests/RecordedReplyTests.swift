import NetlinkMessages
import Testing
import Wire

@Suite struct RecordedReplyTests {
    @Test("all recordings are there, and each answer decodes")
    func all() throws {
        #expect(Recording.all.count == 19)
        for recording in Recording.all {
            let answers = try recording.answers
            #expect(!answers.isEmpty, "\(recording.name)")
            for message in answers { try decodeAny(message) }
        }
    }

    @Test("a list of interfaces has bridge, port and loopback with all that we read")
    func links() throws {
        let links = try Recording("link-list").answers.filter { $0.header.type == .newLink }.map { try Link($0) }
        #expect(links.count == 3)
        let loopback = try #require(links.first { $0.name == "lo" })
        #expect(loopback.flags.contains(.loopback))
        #expect(loopback.hardwareType == 772)
        #expect(loopback.mtu == 65_536)
        #expect(loopback.kind == nil)
        let bridge = try #require(links.first { $0.name == "weave" })
        #expect(bridge.kind == "bridge")
        #expect(bridge.address?.description == "02:00:00:00:0b:01")
        #expect(bridge.mtu == 1438)
        #expect(bridge.isUp)
        #expect(bridge.alias == "made by weft")
        #expect(bridge.master == nil)
        #expect(bridge.port == nil)
        let veth = try #require(links.first { $0.kind == "veth" })
        #expect(veth.name == "vethwepl1234567")
        #expect(veth.master == bridge.index)
        #expect(veth.linkNamespace == 0)
        #expect(veth.linkedIndex != nil)
        #expect(!veth.isUp)
        #expect(!veth.hasCarrier)
        #expect(veth.port?.hairpin == false)
        #expect(veth.port?.state == .disabled)
    }

    @Test("hairpin mode of a port, and the other end of a pair in another namespace")
    func portAndPeer() throws {
        let port = try Link(try #require(try Recording("port-list").answers.first))
        #expect(port.port?.hairpin == true)
        let inner = try Link(try #require(try Recording("link-elsewhere").answers.first))
        #expect(inner.name == "ethwe")
        #expect(inner.index == port.linkedIndex)
        #expect(inner.linkedIndex == port.index)
        let number = try #require(try Recording("namespace-number").answers.first)
        #expect(try NamespaceNumber.decode(number) == port.linkNamespace)
    }

    @Test("addresses and routes have prefix, scope, interface and source")
    func addressesAndRoutes() throws {
        let address = try AssignedAddress(try #require(try Recording("address-list").answers.first))
        #expect(address.interfaceAddress == InterfaceAddress(text: "10.32.0.1/12"))
        #expect(address.scope == 0)
        let route = try Route(try #require(try Recording("route-get").answers.first))
        #expect(route.destination == IPAddress(text: "10.32.0.9"))
        #expect(route.interface == address.index)
        #expect(route.preferredSource == IPAddress(text: "10.32.0.1"))
        #expect(route.gateway == nil)
        #expect(route.mtu == nil)
        let routes = try Recording("route-list").answers.filter { $0.header.type == .newRoute }.map { try Route($0) }
        let multicast = try #require(routes.first { $0.destination == IPAddress(text: "224.0.0.0") })
        #expect(multicast.prefixLength == 4)
        #expect(multicast.scope == .link)
        #expect(multicast.interface == address.index)
    }

    @Test("a refusal has errno, the kernel's words and the offending attribute's place")
    func refusals() throws {
        let missing = try NetlinkVerdict(try #require(try Recording("link-missing").answers.first))
        #expect(missing == NetlinkVerdict(errno: 19))
        let refused = try NetlinkVerdict(try #require(try Recording("refused-with-text").answers.first))
        #expect(refused.errno == 22)
        #expect(refused.text == "mtu greater than device maximum")
    }

    @Test("chains have family, hook and policy")
    func chains() throws {
        let chains = try Recording("chain-list").answers.filter { $0.header.type == .newChain }.map {
            try BaseChain($0)
        }
        #expect(chains.map(\.name) == ["FORWARD", "called"])
        #expect(chains.map(\.table) == ["filter", "filter"])
        #expect(chains.map(\.family) == [.ipv4, .ipv4])
        #expect(chains.map(\.hook) == [BaseChain.forwardHook, nil])
        #expect(chains.map(\.dropsByDefault) == [true, false])
    }

    @Test("the builders make the recorded requests again, byte for byte")
    func requests() throws {
        let mac = try #require(MACAddress(text: "02:00:00:00:0b:01"))
        let address = try #require(InterfaceAddress(text: "10.32.0.1/12"))
        let bridge = try Link(try #require(try Recording("link-by-name").answers.first)).index
        let port = try Link(try #require(try Recording("port-list").answers.first))
        let network = try #require(InterfaceAddress(text: "224.0.0.0/4"))
        let target = try #require(IPAddress(text: "10.32.0.9"))
        let change = LinkSettings(mtu: 1438, isUp: true, alias: "made by weft")
        let expected: [String: NetlinkRequest] = [
            "bridge-create": .createBridge(LinkSettings(name: "weave", address: mac)),
            "link-by-name": .link(named: "weave"),
            "link-change": .setLink(bridge, to: change, operation: ""),
            "link-list": .links(),
            "port-list": .links(master: bridge),
            "port-hairpin": .setHairpin(true, port: port.index),
            "link-elsewhere": .link(index: try #require(port.linkedIndex), namespace: port.linkNamespace),
            "link-delete": .deleteLink(port.index),
            "address-add": .addAddress(address, to: bridge),
            "address-delete": .deleteAddress(address, from: bridge),
            "address-list": .addresses(family: .ipv4, of: bridge),
            "route-add": .addLinkRoute(to: network, interface: bridge),
            "route-get": .route(to: target),
            "route-list": .routes(family: .ipv4),
            "link-missing": .link(named: "absent"),
            "refused-with-text": .setLink(bridge, to: LinkSettings(mtu: 70_000), operation: ""),
            "chain-list": .chains(),
        ]
        for (name, request) in expected {
            let recorded = try Recording(name).request
            let header = try #require(try NetlinkMessage.messages(in: recorded).first?.header)
            #expect(request.bytes(sequence: header.sequence, port: header.port) == recorded, "\(name)")
        }
    }
}
