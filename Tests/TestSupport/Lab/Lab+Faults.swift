import Foundation

/// What happens to networks: links are cut, firewalls block one direction, paths swallow large packets.
extension LabHost {
    /// Nothing of the other host arrives here any more; what it sends is lost without a word. `match` narrows it, in the
    /// words of nft, such as `udp dport 6783`.
    public func deafen(to other: LabHost, _ match: String = "") throws {
        try dropArriving("ip saddr \(other.address) \(match)")
    }

    /// Packets that match, in the words of nft, are lost on arrival.
    public func dropArriving(_ match: String) throws {
        try nft(
            "add table ip faults; add chain ip faults arriving { type filter hook prerouting priority -300; }; "
                + "add rule ip faults arriving \(match) drop")
    }

    /// Everything arrives again.
    public func hearAgain() throws {
        try nft("add table ip faults; delete table ip faults")
    }

    private func nft(_ commands: String) throws {
        let result = try run(["nft", commands])
        guard result.succeeded else { throw CommandFailed("\(nickname): nft \(commands)\n\(result.text)") }
    }

    /// The neighbour that frames for a peer go to next, by nickname; nil while there is none.
    public func nextHop(toward nickname: String) throws -> String? {
        let peers = try status("peers") as? [[String: Any]] ?? []
        func identity(_ peer: [String: Any]) -> [String: Any]? { peer["peer"] as? [String: Any] }
        guard let peer = peers.first(where: { identity($0)?["nickname"] as? String == nickname }),
            let hop = peer["nextHop"] as? String
        else { return nil }
        return peers.first { identity($0)?["name"] as? String == hop }.flatMap { identity($0)?["nickname"] as? String }
    }

    /// The codes and messages of what the daemon warns of.
    public func warnings() throws -> [(code: String, message: String)] {
        let warnings = (try status() as? [String: Any])?["warnings"] as? [[String: Any]] ?? []
        return warnings.map { ($0["code"] as? String ?? "", $0["message"] as? String ?? "") }
    }
}

extension Lab {
    /// The link between two hosts carries nothing, in either direction.
    public func cut(_ first: LabHost, _ second: LabHost) throws {
        try first.deafen(to: second)
        try second.deafen(to: first)
    }

    /// A stream of echo requests, ten a second, that runs beside the test.
    public func startPings(from container: LabContainer, to address: String, name: String) throws -> LabPings {
        let folder = folder.appending(path: "pings-\(name)")
        let program = try start(
            ["ip", "netns", "exec", container.namespace, "ping", "-n", "-D", "-O", "-i", "0.1", address],
            folder: folder)
        return LabPings(program: program, output: folder.appending(path: "output"))
    }
}

/// A stream of echo requests.
public struct LabPings: Sendable {
    let program: RunningProgram
    let output: URL

    /// When answers came, in seconds since 1970, ascending.
    public func answers() throws -> [Double] {
        try String(contentsOf: output, encoding: .utf8).split(separator: "\n").compactMap { line in
            guard line.contains("bytes from"), line.first == "[", let end = line.firstIndex(of: "]") else { return nil }
            return Double(line[line.index(after: line.startIndex)..<end])
        }
    }

    /// The longest time without an answer from `start` on, until now or the last answer.
    public func longestGap(since start: Double) throws -> Double {
        let times = [start] + (try answers().filter { $0 > start })
        return zip(times, times.dropFirst()).map { $1 - $0 }.max() ?? .infinity
    }

    public func stop() { program.kill() }
}
