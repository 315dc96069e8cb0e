import Foundation
import TestSupport

/// A running reference router on a host of the lab: the program that `WEFT_REFERENCE_ROUTER` names.
struct ReferenceRouter {
    static let program = ProcessInfo.processInfo.environment["WEFT_REFERENCE_ROUTER"].flatMap { $0.isEmpty ? nil : $0 }

    /// nil, or why tests with a live router cannot run.
    static var missing: String? {
        guard let program else {
            return "WEFT_REFERENCE_ROUTER is unset; set it to a Weave Net 2.8 router to test against it"
        }
        if !FileManager.default.isExecutableFile(atPath: program) {
            return "WEFT_REFERENCE_ROUTER: no program at \(program)"
        }
        return Programs.missing
    }

    let host: LabHost
    let folder: URL

    /// Starts it with names, addresses and container engines left out. Its working folder is new: an old one would make
    /// it ignore the peers. `trusting` are networks that it trusts.
    init(
        on host: LabHost, in lab: Lab, password: String?, peers: [String], discovers: Bool = false,
        trusting: String? = nil
    ) throws {
        self.host = host
        folder = host.folder.appending(path: "reference")
        var arguments = ["ip", "netns", "exec", host.namespace, Self.program ?? ""]
        arguments += ["--name=02:00:00:00:0b:0\(host.number)", "--nickname=\(host.nickname)", "--no-fastdp"]
        if !discovers { arguments.append("--no-discovery") }
        if let trusting { arguments.append("--trusted-subnets=\(trusting)") }
        arguments += ["--docker-api=", "--no-dns", "--ipalloc-range=", "--db-prefix=\(folder.path)/"]
        arguments += ["--http-addr=127.0.0.1:6784", "--log-level=info"]
        if let password { arguments.append("--password=\(password)") }
        _ = try lab.start(arguments + peers, environment: ["CHECKPOINT_DISABLE": "1"], folder: folder)
    }

    /// A page of its HTTP interface; empty while it does not answer.
    func page(_ path: String) throws -> String {
        try host.run(["curl", "-s", "-m", "2", "http://127.0.0.1:6784/\(path)"]).output
    }

    /// Whether its own status shows an established sleeve connection, encrypted or not; `to` names the other side's address
    /// and port, if it matters, and means a connection that it dialled.
    func isEstablished(encrypted: Bool, to address: String = "") throws -> Bool {
        try page("status/connections").split(separator: "\n").contains { line in
            line.contains("established") && line.contains("sleeve")
                && line.split(separator: " ").contains("encrypted") == encrypted
                && (address.isEmpty || line.hasPrefix("-> \(address) "))
        }
    }

    /// Waits until it answers.
    func isUp() async throws {
        try await eventually("the reference router on \(host.nickname) answers", within: .seconds(20)) {
            try page("status").contains("Service: router")
        }
    }

    /// Attaches a container as its own command does: an Ethernet pair with the bridge's MTU, checksums not left to
    /// the device.
    func attach(_ name: String, _ address: String, in lab: Lab) throws -> LabContainer {
        let container = try lab.makeContainer(name)
        guard let mtu = try host.mtu(of: "weave") else { throw CommandFailed("the reference router has no bridge") }
        try Command.require([
            "ip", "-n", host.namespace, "link", "add", "vethwepl1", "mtu", "\(mtu)", "type", "veth", "peer", "name",
            "ethwe", "mtu", "\(mtu)", "netns", container.namespace,
        ])
        try container.run(["ethtool", "-K", "ethwe", "tx", "off"])
        try Command.require(["ip", "-n", host.namespace, "link", "set", "vethwepl1", "master", "weave", "up"])
        try Command.require(["ip", "-n", container.namespace, "address", "add", address, "dev", "ethwe"])
        try Command.require(["ip", "-n", container.namespace, "link", "set", "ethwe", "up"])
        return container
    }

    /// What it complained about so far.
    func complaints() throws -> [String] {
        let log = try String(contentsOf: folder.appending(path: "errors"), encoding: .utf8)
        return log.split(separator: "\n").map(String.init).filter { line in
            ["WARN", "ERRO", "FATA", "panic"].contains { line.hasPrefix($0) } || line.lowercased().contains("error")
        }
    }
}
