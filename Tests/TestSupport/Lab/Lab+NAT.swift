import Foundation

/// A host that gives those behind it its own address, as a home's router does: what comes from outside and belongs to no
/// connection is lost without a word.
public struct LabNAT: LabNamespace, Sendable {
    public let namespace: String
    /// On the underlay.
    public let address: String

    /// Flows that begin from now on get ports from these ranges, UDP and TCP; nil keeps the sender's port if it is free.
    public func usePorts(udp: ClosedRange<Int>, tcp: ClosedRange<Int>?) throws {
        let masquerade = tcp.map { "masquerade to :\($0.lowerBound)-\($0.upperBound)" } ?? "masquerade"
        try nft(
            """
            add table ip nat; delete table ip nat; add table ip nat; \
            add chain ip nat leaving { type nat hook postrouting priority 100; }; \
            add rule ip nat leaving oifname outside meta l4proto udp masquerade to :\(udp.lowerBound)-\(udp.upperBound); \
            add rule ip nat leaving oifname outside meta l4proto tcp \(masquerade); \
            add chain ip nat arriving { type filter hook input priority 0; }; \
            add rule ip nat arriving iifname outside drop
            """)
    }

    /// Forgets all flows, as after a restart: the kernel does so when an interface goes down whose address they were given.
    public func forget() throws {
        try Command.require(["ip", "-n", namespace, "link", "set", "outside", "down"])
        try Command.require(["ip", "-n", namespace, "link", "set", "outside", "up"])
    }

    private func nft(_ commands: String) throws {
        let result = try run(["nft", commands])
        guard result.succeeded else { throw CommandFailed("NAT: nft \(commands)\n\(result.text)") }
    }
}

extension Lab {
    /// Moves a host off the underlay, behind a new NAT with the address 192.0.2.2NN; the host itself has 10.77.0.2.
    public func putBehindNAT(_ host: LabHost) throws -> LabNAT {
        let namespace = try makeNamespace("nat\(host.number)")
        let address = "192.0.2.\(200 + host.number)"
        try Command.require(["ip", "-n", host.namespace, "link", "delete", "eth0"])
        try addPort("nat\(host.number)", to: namespace, interface: "outside", address: "\(address)/24")
        try Command.require([
            "ip", "-n", host.namespace, "link", "add", "eth0", "type", "veth", "peer", "name", "inside", "netns",
            namespace,
        ])
        for (namespace, interface, address) in [
            (namespace, "inside", "10.77.0.1/24"), (host.namespace, "eth0", "10.77.0.2/24"),
        ] {
            try Command.require(["ip", "-n", namespace, "address", "add", address, "dev", interface])
            try Command.require(["ip", "-n", namespace, "link", "set", interface, "up"])
        }
        try Command.require(["ip", "-n", host.namespace, "route", "add", "default", "via", "10.77.0.1"])
        let nat = LabNAT(namespace: namespace, address: address)
        try nat.run(["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"])
        return nat
    }
}
