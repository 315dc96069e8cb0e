import Foundation
import TestSupport
import Testing

/// What a user decides about connections holds between both kinds of routers.
@Suite(.serialized, .enabled(if: ReferenceRouter.missing == nil, Comment(rawValue: ReferenceRouter.missing ?? "")))
struct MixedPolicies {
    /// Which router trusts the underlay's network.
    enum Trust: CaseIterable, Sendable {
        case both, weft, reference
    }

    /// `kinds` are those of hosts 1, 2 and 3: `w` weft, `r` reference.
    @Test(
        "a router that knows only one other one hears of a third and dials it",
        arguments: ["wrw", "rrw", "rww", "wwr", "rwr", "wrr"])
    func discovery(kinds: String) async throws {
        try await Lab.with(hosts: 3) { lab in
            let hosts = lab.hosts
            var references: [ReferenceRouter?] = []
            // Host 1 is dialled by host 2, host 2 by host 3; only host 3 looks for others.
            for (host, kind) in zip(hosts, kinds) {
                let peers = host.number == 1 ? [] : [hosts[host.number - 2].address]
                if kind == "r" {
                    let router = try ReferenceRouter(
                        on: host, in: lab, password: nil, peers: peers, discovers: host.number == 3)
                    try await router.isUp()
                    references.append(router)
                } else {
                    let options = ["--name", "02:00:00:00:0b:0\(host.number)"]
                    try host.launch(options + (host.number == 3 ? [] : ["--no-discovery"]) + peers)
                    references.append(nil)
                }
            }
            try await eventually("host3 has dialled host1", within: .seconds(40)) {
                if let reference = references[2] {
                    return try reference.isEstablished(encrypted: false, to: "\(hosts[0].address):6783")
                }
                return try hosts[2].connection(to: "host1")?["direction"] as? String == "outbound"
            }
            if references[0] == nil {
                try await eventually("host1 has accepted it", within: .seconds(10)) {
                    try hosts[0].connection(to: "host3")?["direction"] as? String == "inbound"
                }
            }
            for reference in references { #expect(try reference?.complaints() ?? [] == []) }
        }
    }

    @Test(
        "data goes in clear only where both trust the network, whoever dials",
        arguments: Trust.allCases, [true, false])
    func trustedSubnets(trust: Trust, weftDials: Bool) async throws {
        try await Lab.with { lab in
            let (theirs, ours) = (lab.hosts[0], lab.hosts[1])
            let password = "correct horse"
            var options = ["--name", "02:00:00:00:0b:02", "--no-discovery"]
            options += ["--password-file", try ours.passwordFile(password)]
            if trust != .reference { options += ["--trusted-subnets", "192.0.2.0/24"] }
            if !weftDials { try ours.launch(options) }
            let reference = try ReferenceRouter(
                on: theirs, in: lab, password: password, peers: weftDials ? [] : [ours.address],
                trusting: trust == .weft ? nil : "192.0.2.0/24")
            try await reference.isUp()
            if weftDials { try ours.launch(options + [theirs.address]) }
            let isEncrypted = trust != .both
            try await eventually("both sides say established", within: .seconds(30)) {
                try reference.isEstablished(encrypted: isEncrypted) && ours.connection(to: theirs.nickname) != nil
            }
            #expect(try ours.connection(to: theirs.nickname)?["encrypted"] as? Bool == isEncrypted)
            let first = try reference.attach("box1", "10.32.0.1/12", in: lab)
            let second = try ours.attach("box2", "10.32.0.2/12", in: lab)
            try await eventually("box2 reaches box1", within: .seconds(20)) { try second.reaches("10.32.0.1") }
            let result = try first.run(["ping", "-n", "-c", "5", "-i", "0.2", "-W", "2", "10.32.0.2"])
            #expect(result.output.contains(" 0% packet loss"), "\(result.text)")
            #expect(try reference.complaints() == [])
        }
    }
}
