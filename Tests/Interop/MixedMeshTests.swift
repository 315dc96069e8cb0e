import Foundation
import TestSupport
import Testing

/// Three and four hosts, some of them with a reference router, none with a connection to all others.
@Suite(.serialized, .enabled(if: ReferenceRouter.missing == nil, Comment(rawValue: ReferenceRouter.missing ?? "")))
struct MixedMesh {
    /// A host's router, of either kind.
    private enum Router {
        case weft(LabHost)
        case reference(ReferenceRouter)

        func attach(_ name: String, _ address: String, in lab: Lab) throws -> LabContainer {
            switch self {
            case .weft(let host): try host.attach(name, address, in: lab)
            case .reference(let router): try router.attach(name, address, in: lab)
            }
        }
    }

    /// Launches the routers, `w` weft and `r` reference, each told of those with these numbers; returns the containers.
    private func mesh(
        _ lab: Lab, _ kinds: String, _ targets: [[Int]], password: String?, recordingAs name: String? = nil
    ) async throws -> (containers: [LabContainer], references: [ReferenceRouter]) {
        var containers: [LabContainer] = []
        var references: [ReferenceRouter] = []
        for (index, kind) in kinds.enumerated() {
            let host = lab.hosts[index]
            let peers = targets[index].map { lab.hosts[$0 - 1].address }
            let router: Router
            if kind == "w" {
                var options = ["--name", "02:00:00:00:0b:0\(host.number)", "--no-discovery"]
                if let password { options += ["--password-file", try host.passwordFile(password)] }
                try host.launch(options + peers, environment: try recording(name, host))
                router = .weft(host)
            } else {
                let reference = try ReferenceRouter(on: host, in: lab, password: password, peers: peers)
                try await reference.isUp()
                references.append(reference)
                router = .reference(reference)
            }
            containers.append(try router.attach("box\(host.number)", "10.32.0.\(host.number)/12", in: lab))
        }
        return (containers, references)
    }

    /// Only the last weft host of a scenario is recorded: the one in the middle, or the one at the end.
    private func recording(_ name: String?, _ host: LabHost) throws -> [String: String] {
        guard let name, let folder = ProcessInfo.processInfo.environment["WEFT_RECORD"], !folder.isEmpty else {
            return [:]
        }
        let path = "\(folder)/\(name)-host\(host.number)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return ["WEFT_RECORD": path]
    }

    private func pingAll(_ containers: [LabContainer]) async throws {
        for (index, container) in containers.enumerated() {
            for other in containers.indices where other != index {
                let address = "10.32.0.\(other + 1)"
                try await eventually("box\(index + 1) reaches \(address)", within: .seconds(40)) {
                    try container.reaches(address)
                }
                let result = try container.run(["ping", "-n", "-c", "3", "-i", "0.2", "-W", "2", address])
                #expect(result.output.contains(" 0% packet loss") && !result.output.contains("DUP"), "\(result.text)")
            }
        }
    }

    @Test(
        "weft relays between reference routers, and a reference router between two of weft",
        arguments: ["rwr", "wrw"], [nil, "correct horse"])
    func relays(kinds: String, password: String?) async throws {
        try await Lab.with(hosts: 3) { lab in
            let sealing = password == nil ? "clear" : "sealed"
            let name = kinds == "rwr" ? "relay-between-references-\(sealing)" : "end-behind-reference-\(sealing)"
            let (containers, references) = try await mesh(
                lab, kinds, [[], [1], [2]], password: password, recordingAs: name)
            try await pingAll(containers)
            for reference in references { #expect(try reference.complaints() == []) }
            // The recordings end in order.
            for (index, kind) in kinds.enumerated() where kind == "w" { try lab.hosts[index].require("stop") }
        }
    }

    @Test(
        "in a ring of both kinds broadcasts reach each host once, and a cut is routed around and healed",
        arguments: ["wrwr", "wwrr"])
    func ring(kinds: String) async throws {
        try await Lab.with(hosts: 4) { lab in
            let (containers, references) = try await mesh(lab, kinds, [[], [1], [2], [3, 1]], password: nil)
            try await pingAll(containers)
            // ARP requests for an address that nobody has: each must arrive at each container once.
            for container in containers.dropFirst() {
                try container.run([
                    "nft",
                    """
                    add table netdev count; add chain netdev count in { type filter hook ingress device ethwe priority 0; }; \\
                    add rule netdev count in arp daddr ip 10.32.9.9 counter
                    """,
                ])
            }
            _ = try containers[0].run(
                ["ping", "-n", "-c", "3", "-i", "1.1", "-W", "1", "10.32.9.9"], limit: .seconds(20))
            let sent = 3...4
            for container in containers.dropFirst() {
                let listed = try container.run(["nft", "list", "chain", "netdev", "count", "in"]).output
                let count = listed.split(separator: " ").drop { $0 != "packets" }.dropFirst().first.flatMap { Int($0) }
                #expect(count.map(sent.contains) ?? false, "\(listed)")
            }
            // The reference needs a minute to notice; the other end is told at once where weft is one of both.
            try lab.cut(lab.hosts[0], lab.hosts[1])
            try await eventually("traffic goes round", within: .seconds(90)) { try containers[0].reaches("10.32.0.2") }
            try lab.hosts[0].hearAgain()
            try lab.hosts[1].hearAgain()
            try await pingAll(containers)
            _ = references
        }
    }
}
