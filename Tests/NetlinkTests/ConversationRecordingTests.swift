import Foundation
import Netlink
import NetlinkMessages
import TestSupport
import Testing
import Wire

/// Every conversation that `netlink-fixtures/rtnetlink` holds, held with the running kernel. With `WEFT_RECORD_NETLINK`
/// set to a folder the datagrams are written there: that is how the fixtures were made.
@Suite struct ConversationRecordingTests {
    /// Holds a conversation and keeps its bytes.
    private final class Recorder {
        private(set) var requests: [String: [UInt8]] = [:]
        private(set) var replies: [String: [UInt8]] = [:]
        private let folder = ProcessInfo.processInfo.environment["WEFT_RECORD_NETLINK"]

        /// The same, for requests that have to succeed.
        @discardableResult
        func ask(
            _ name: String, _ request: NetlinkRequest, _ socket: inout NetlinkSocket
        ) throws -> [NetlinkMessage] {
            try hold(name, request, &socket).get()
        }

        func hold(
            _ name: String, _ request: NetlinkRequest, _ socket: inout NetlinkSocket
        ) throws -> Result<[NetlinkMessage], NetlinkError> {
            socket.observer = { [self] datagram, isRequest in
                if isRequest {
                    requests[name] = datagram
                    replies[name] = []
                } else {
                    replies[name, default: []] += datagram
                }
            }
            let result: Result<[NetlinkMessage], NetlinkError>
            do throws(NetlinkError) {
                result = .success(try socket.exchange(request))
            } catch {
                result = .failure(error)
            }
            socket.observer = nil
            if let folder {
                try Data(requests[name] ?? []).write(to: URL(filePath: "\(folder)/\(name).request.bin"))
                try Data(replies[name] ?? []).write(to: URL(filePath: "\(folder)/\(name).reply.bin"))
            }
            return result
        }
    }

    @Test("the running kernel holds the recorded conversations")
    func conversations() throws {
        let recorder = Recorder()
        try PrivateNamespace.run {
            var socket = try NetlinkSocket(.route)
            var netfilter = try NetlinkSocket(.netfilter)
            try addChain()
            try PrivateNamespace.enterNew()
            let other = PrivateNamespace.openCurrent()
            defer { close(other) }
            try links(recorder, &socket, other)
            try addressesAndRoutes(recorder, &socket)
            try refusals(recorder, &socket)
            let chains = try recorder.ask("chain-list", .chains(), &netfilter).map { try BaseChain($0) }
            #expect(chains.map(\.name) == ["FORWARD", "called"])
            #expect(chains.map(\.hook) == [BaseChain.forwardHook, nil])
            #expect(chains.map(\.dropsByDefault) == [true, false])
            #expect(chains.first?.family == .ipv4)
        }
        // What we send has not changed since the recording, but for sequence numbers, ports and descriptors.
        for (name, bytes) in recorder.requests {
            let recorded = try [UInt8](
                Data(contentsOf: Fixture.repository.appending(path: "netlink-fixtures/rtnetlink/\(name).request.bin")))
            let header = try #require(try NetlinkMessage.messages(in: recorded).first?.header)
            let mine = try #require(try NetlinkMessage.messages(in: bytes).first?.header)
            #expect(header.lengthBytes == mine.lengthBytes, "\(name)")
            #expect(header.type == mine.type, "\(name)")
            #expect(header.flags == mine.flags, "\(name)")
        }
        #expect(recorder.requests.count == 19)
    }

    private func links(_ recorder: Recorder, _ socket: inout NetlinkSocket, _ other: Int32) throws {
        let mac = try #require(MACAddress(text: "02:00:00:00:0b:01"))
        let bridge = LinkSettings(name: "weave", address: mac)
        #expect(try recorder.ask("bridge-create", .createBridge(bridge), &socket).isEmpty)
        let answer = try recorder.ask("link-by-name", .link(named: "weave"), &socket)
        let link = try Link(try #require(answer.first))
        #expect(link.kind == "bridge")
        #expect(link.address == mac)
        let settings = LinkSettings(mtu: 1438, isUp: true, alias: "made by weft")
        try recorder.ask("link-change", .setLink(link.index, to: settings, operation: "change weave"), &socket)
        try recorder.ask(
            "veth-create",
            .createVeth(
                LinkSettings(name: "vethwepl1234567", mtu: 1438, master: link.index),
                peer: LinkSettings(name: "ethwe", mtu: 1438, namespaceDescriptor: other)), &socket
        )
        let list = try recorder.ask("link-list", .links(), &socket).map { try Link($0) }
        #expect(list.map(\.name).sorted() == ["lo", "vethwepl1234567", "weave"])
        let port = try #require(list.first { $0.kind == "veth" })
        #expect(port.master == link.index)
        try recorder.ask("port-hairpin", .setHairpin(true, port: port.index), &socket)
        let ports = try recorder.ask("port-list", .links(master: link.index), &socket).map { try Link($0) }
        #expect(ports.map(\.port?.hairpin) == [true])
        let number = try recorder.ask("namespace-number", .namespaceNumber(descriptor: other), &socket)
        #expect(try NamespaceNumber.decode(try #require(number.first)) == port.linkNamespace)
        let index = try #require(port.linkedIndex)
        let inner = try recorder.ask(
            "link-elsewhere", .link(index: index, namespace: port.linkNamespace), &socket)
        #expect(try Link(try #require(inner.first)).name == "ethwe")
        try recorder.ask("link-delete", .deleteLink(port.index), &socket)
    }

    private func addressesAndRoutes(_ recorder: Recorder, _ socket: inout NetlinkSocket) throws {
        let index = try socket.ask(.link(named: "weave")) { (message) throws(NetlinkMessageError) in try Link(message) }
            .index
        let address = try #require(InterfaceAddress(text: "10.32.0.1/12"))
        try recorder.ask("address-add", .addAddress(address, to: index), &socket)
        let list = try recorder.ask("address-list", .addresses(family: .ipv4, of: index), &socket)
        #expect(try list.map { try AssignedAddress($0).interfaceAddress } == [address])
        let multicast = try #require(InterfaceAddress(text: "224.0.0.0/4"))
        try recorder.ask("route-add", .addLinkRoute(to: multicast, interface: index), &socket)
        let destination = try #require(IPAddress(text: "10.32.0.9"))
        let route = try Route(try #require(try recorder.ask("route-get", .route(to: destination), &socket).first))
        #expect(route.interface == index)
        #expect(route.preferredSource == .v4(address.address))
        let routes = try recorder.ask("route-list", .routes(family: .ipv4), &socket).map { try Route($0) }
        #expect(routes.contains { $0.destination == .v4(multicast.network) && $0.scope == .link })
        try recorder.ask("address-delete", .deleteAddress(address, from: index), &socket)
    }

    private func refusals(_ recorder: Recorder, _ socket: inout NetlinkSocket) throws {
        let missing = try recorder.hold("link-missing", .link(named: "absent"), &socket)
        #expect(throws: NetlinkError.self) { try missing.get() }
        let index = try socket.ask(.link(named: "weave")) { (message) throws(NetlinkMessageError) in try Link(message) }
            .index
        let large = LinkSettings(mtu: 70_000)
        let refused = try recorder.hold(
            "refused-with-text", .setLink(index, to: large, operation: "set the MTU of weave"), &socket)
        let error = try #require(throws: NetlinkError.self) { try refused.get() }
        #expect(
            error.description
                == "cannot set the MTU of weave: Invalid argument (kernel: mtu greater than device maximum)")
    }

    /// A table such as Docker's, made by the command `nft`, which a child of this thread runs in this namespace.
    private func addChain() throws {
        let words = [
            "/usr/sbin/nft",
            "table ip filter { chain FORWARD { type filter hook forward priority 0; policy drop; }; chain called { }; }",
        ]
        // Not Foundation's Process: it waits on a run loop, which this thread has none of.
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        defer { for argument in arguments { free(argument) } }
        arguments.append(nil)
        var child = pid_t()
        try #require(posix_spawn(&child, words[0], nil, nil, arguments, environ) == 0, "this test needs nftables")
        var status: CInt = 0
        try #require(waitpid(child, &status, 0) == child)
        try #require(status == 0, "this test needs nftables")
    }
}
