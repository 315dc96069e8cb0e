import Foundation
import Synchronization

/// Hosts as network namespaces, joined by a bridge in one more namespace. What was made is remembered and taken away
/// by `close`, and nothing else.
public final class Lab: @unchecked Sendable {
    // Unchecked: used by one test at a time, which awaits each of its steps.

    private static let count = Atomic<Int>(0)

    public let prefix: String
    /// State directories, sockets and outputs.
    public let folder: URL
    public let underlayMTU: Int
    public private(set) var hosts: [LabHost] = []
    private var namespaces: [String] = []
    private var processes: [RunningProgram] = []

    private init(underlayMTU: Int) throws {
        let base = ProcessInfo.processInfo.environment["WEFT_LAB_PREFIX"] ?? "wefttest\(getpid())"
        prefix = "\(base)-\(Lab.count.add(1, ordering: .relaxed).newValue)"
        self.underlayMTU = underlayMTU
        folder = FileManager.default.temporaryDirectory.appending(path: "\(prefix)-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        do {
            let underlay = try makeNamespace("net")
            try Command.require(
                ["ip", "-n", underlay, "link", "add", "br0", "mtu", "\(underlayMTU)", "type", "bridge"])
            try Command.require(["ip", "-n", underlay, "link", "set", "br0", "up"])
        } catch {
            close()
            throw error
        }
    }

    /// Makes the hosts, runs the test, and takes everything down however it ends; a failure shows the daemons' logs.
    public static func with<Result>(
        hosts: Int = 2, underlayMTU: Int = 1500, _ body: (Lab) async throws -> Result
    ) async throws -> Result {
        let lab = try Lab(underlayMTU: underlayMTU)
        defer { lab.close() }
        do {
            for _ in 0..<hosts { try lab.addHost() }
            return try await body(lab)
        } catch {
            for host in lab.hosts { print("--- \(host.nickname)\n\(host.logTail())") }
            throw error
        }
    }

    /// A host with 192.0.2.N on eth0 (TEST-NET-1, RFC 5737).
    @discardableResult
    public func addHost() throws -> LabHost {
        let number = hosts.count + 1
        let namespace = try makeNamespace("host\(number)")
        try addPort("port\(number)", to: namespace, interface: "eth0", address: "192.0.2.\(number)/24")
        let host = try LabHost(lab: self, number: number, namespace: namespace)
        hosts.append(host)
        return host
    }

    /// Gives a namespace an interface on the underlay, whose bridge calls it `port`.
    func addPort(_ port: String, to namespace: String, interface: String, address: String) throws {
        try Command.require([
            "ip", "-n", namespace, "link", "add", interface, "mtu", "\(underlayMTU)", "type", "veth", "peer", "name",
            port, "mtu", "\(underlayMTU)", "netns", "\(prefix)-net",
        ])
        try Command.require(["ip", "-n", "\(prefix)-net", "link", "set", port, "master", "br0", "up"])
        try Command.require(["ip", "-n", namespace, "address", "add", address, "dev", interface])
        try Command.require(["ip", "-n", namespace, "link", "set", interface, "up"])
    }

    /// An empty namespace for a container.
    public func makeContainer(_ name: String) throws -> LabContainer {
        LabContainer(namespace: try makeNamespace(name))
    }

    /// Makes a namespace that is removed with the lab.
    public func makeNamespace(_ name: String) throws -> String {
        let namespace = "\(prefix)-\(name)"
        namespaces.append(namespace)
        try Command.require(["ip", "netns", "add", namespace])
        try Command.require(["ip", "-n", namespace, "link", "set", "lo", "up"])
        return namespace
    }

    /// Starts a program that is stopped with the lab; `folder` is made and holds its output.
    public func start(_ arguments: [String], environment: [String: String] = [:], folder: URL) throws -> RunningProgram
    {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let process = try RunningProgram(arguments, environment: environment, folder: folder)
        processes.append(process)
        return process
    }

    private func close() {
        // Daemons were started through `weft launch`: they are known by the namespace that they run in, which is ours.
        for process in processes { process.kill() }
        for namespace in namespaces.reversed() {
            let listed = try? Command.run(["ip", "netns", "pids", namespace])
            for pid in listed?.output.split(separator: "\n").compactMap({ Int32($0) }) ?? [] { kill(pid, SIGKILL) }
            _ = try? Command.run(["ip", "netns", "delete", namespace])
        }
        try? FileManager.default.removeItem(at: folder)
    }
}

/// A namespace in which programs can be run.
public protocol LabNamespace {
    var namespace: String { get }
}

extension LabNamespace {
    /// Runs a program inside.
    @discardableResult
    public func run(
        _ arguments: [String], environment: [String: String] = [:], limit: Duration = .seconds(30)
    ) throws -> CommandResult {
        try Command.run(["ip", "netns", "exec", namespace] + arguments, environment: environment, limit: limit)
    }

    /// The names of the interfaces inside.
    public func interfaces() throws -> Set<String> {
        let lines = try Command.require(["ip", "-n", namespace, "-brief", "link"]).split(separator: "\n")
        return Set(lines.compactMap { $0.split(whereSeparator: { $0 == " " || $0 == "@" }).first.map(String.init) })
    }

    /// The MTU of an interface, as the kernel has it.
    public func mtu(of interface: String) throws -> Int? {
        let result = try run(["cat", "/sys/class/net/\(interface)/mtu"])
        return Int(result.output.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}

/// A container: a namespace that a test attaches.
public struct LabContainer: LabNamespace, Sendable {
    public let namespace: String

    /// One echo request, answered within a second.
    public func reaches(_ address: String) throws -> Bool {
        try run(["ping", "-n", "-c", "1", "-W", "1", address]).succeeded
    }

    /// One echo request as an IP packet of `packetBytes`, not to be fragmented; what ping printed.
    public func pingUnfragmented(_ address: String, packetBytes: Int) throws -> CommandResult {
        // 20 bytes of IPv4 and 8 of ICMP are not ping's.
        try run(["ping", "-n", "-c", "1", "-W", "2", "-M", "do", "-s", "\(packetBytes - 28)", address])
    }
}
