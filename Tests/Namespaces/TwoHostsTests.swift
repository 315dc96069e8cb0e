import Foundation
import TestSupport
import Testing

extension Namespaces {
    @Suite struct TwoHosts {
        @Test("containers on two hosts reach each other without loss", arguments: [nil, "correct horse"])
        func ping(password: String?) async throws {
            try await Lab.withPair(password: password) { lab, first, second in
                #expect(
                    try first.run(["ping", "-n", "-c", "5", "-i", "0.2", "10.32.0.2"]).output.contains(
                        " 0% packet loss"))
                #expect(
                    try second.run(["ping", "-n", "-c", "5", "-i", "0.2", "10.32.0.1"]).output.contains(
                        " 0% packet loss"))
                for (host, other) in [(lab.hosts[0], lab.hosts[1]), (lab.hosts[1], lab.hosts[0])] {
                    let connection = try #require(try host.connection(to: other.nickname))
                    #expect(connection["encrypted"] as? Bool == (password != nil))
                    #expect(connection["overlay"] as? String == "sleeve")
                    #expect(connection["direction"] as? String == (host.number == 1 ? "inbound" : "outbound"))
                    #expect(connection["protocolVersion"] as? Int == 2)
                }
            }
        }

        @Test("TCP carries every byte as it is", arguments: [nil, "correct horse"])
        func bytes(password: String?) async throws {
            try await Lab.withPair(password: password) { lab, first, second in
                try await transferIsExact(lab, from: first, to: second)
            }
        }

        @Test("peers with different passwords do not connect, and each side's status says why")
        func wrongPassword() async throws {
            try await Lab.with { lab in
                let (first, second) = (lab.hosts[0], lab.hosts[1])
                try first.launch("--password-file", try first.passwordFile("one"))
                try second.launch("--password-file", try second.passwordFile("two"), first.address)
                for host in [second, first] {
                    try await eventually("\(host.nickname) says that the password is wrong", within: .seconds(20)) {
                        let shown = try host.require("status", "connections") + host.require("status")
                        return shown.lowercased().contains("password")
                    }
                    #expect(try host.connections().allSatisfy { $0["state"] as? String != "established" })
                }
            }
        }

        @Test("a peer without a password is refused by one with, and its status says why")
        func missingPassword() async throws {
            try await Lab.with { lab in
                let (first, second) = (lab.hosts[0], lab.hosts[1])
                try first.launch("--password-file", try first.passwordFile("one"))
                try second.launch(first.address)
                try await eventually("the second host says why", within: .seconds(20)) {
                    try second.require("status", "connections").lowercased().contains("password")
                }
            }
        }
    }
}
