import Foundation
import TestSupport
import Testing

/// Who dials, with which version of the protocol, encrypted or not.
struct Scenario: CustomTestStringConvertible, Sendable {
    let weftDials: Bool
    let password: String?
    let version: Int

    static let all = [1, 2].flatMap { version in
        [nil, "correct horse"].flatMap { password in
            [true, false].map { Scenario(weftDials: $0, password: password, version: version) }
        }
    }

    /// Also the name of the recording's folder.
    var testDescription: String {
        "v\(version)-\(password == nil ? "clear" : "sealed")-\(weftDials ? "weft" : "reference")-dials"
    }
}

/// weft beside a real Weave Net 2.8 router, by the programs that users run.
@Suite(.serialized, .enabled(if: ReferenceRouter.missing == nil, Comment(rawValue: ReferenceRouter.missing ?? "")))
struct LiveRouter {
    @Test("containers of both routers talk, and neither side shows an error", arguments: Scenario.all)
    func together(scenario: Scenario) async throws {
        try await Lab.with { lab in
            let (theirs, ours) = (lab.hosts[0], lab.hosts[1])
            var options = ["--name", "02:00:00:00:0b:02", "--no-discovery"]
            if let password = scenario.password { options += ["--password-file", try ours.passwordFile(password)] }
            // A real router's maximum is always 2: only weft's own maximum brings about a version 1 conversation.
            if scenario.version == 1 { options += ["--min-protocol", "1", "--max-protocol", "1"] }
            var environment: [String: String] = [:]
            if let folder = ProcessInfo.processInfo.environment["WEFT_RECORD"], !folder.isEmpty {
                let ours = "\(folder)/\(scenario.testDescription)"
                try FileManager.default.createDirectory(atPath: ours, withIntermediateDirectories: true)
                environment["WEFT_RECORD"] = ours
            }
            // The one that is dialled starts first, so that the first attempt of the other one succeeds.
            if !scenario.weftDials { try ours.launch(options, environment: environment) }
            let reference = try ReferenceRouter(
                on: theirs, in: lab, password: scenario.password, peers: scenario.weftDials ? [] : [ours.address])
            try await reference.isUp()
            if scenario.weftDials { try ours.launch(options + [theirs.address], environment: environment) }

            try await eventually("both sides say established", within: .seconds(30)) {
                try reference.isEstablished(encrypted: scenario.password != nil)
                    && ours.connection(to: theirs.nickname) != nil
            }
            try await pings(scenario, lab, reference, ours)

            let connection = try #require(try ours.connection(to: theirs.nickname))
            #expect(connection["protocolVersion"] as? Int == scenario.version)
            #expect(connection["encrypted"] as? Bool == (scenario.password != nil))
            #expect(connection["direction"] as? String == (scenario.weftDials ? "outbound" : "inbound"))
            #expect(try reference.isEstablished(encrypted: scenario.password != nil))
            #expect(try reference.page("status/peers").contains(ours.nickname))
            #expect(try ours.require("status", "peers").contains(theirs.nickname))
            #expect(try reference.complaints() == [])
            if environment["WEFT_RECORD"] != nil { try ours.require("stop") }
        }
    }

    private func pings(_ scenario: Scenario, _ lab: Lab, _ reference: ReferenceRouter, _ ours: LabHost) async throws {
        let first = try reference.attach("box1", "10.32.0.1/12", in: lab)
        let second = try ours.attach("box2", "10.32.0.2/12", in: lab)
        try await eventually("box2 reaches box1", within: .seconds(20)) { try second.reaches("10.32.0.1") }
        for (container, address) in [(first, "10.32.0.2"), (second, "10.32.0.1")] {
            let result = try container.run(["ping", "-n", "-c", "5", "-i", "0.2", "-W", "2", address])
            #expect(result.output.contains(" 0% packet loss"), "\(result.text)")
        }
        let carried = scenario.password == nil ? 1438 : 1414
        // "Established" comes before the end of the path-MTU search on either side.
        for (container, address) in [(first, "10.32.0.2"), (second, "10.32.0.1")] {
            try await eventually("a full packet reaches \(address)", within: .seconds(20)) {
                try container.pingUnfragmented(address, packetBytes: carried).succeeded
            }
        }
    }

    @Test("a router with another password is refused, and weft's status says why")
    func wrongPassword() async throws {
        try await Lab.with { lab in
            let (theirs, ours) = (lab.hosts[0], lab.hosts[1])
            let reference = try ReferenceRouter(on: theirs, in: lab, password: "one", peers: [])
            try await reference.isUp()
            try ours.launch("--password-file", try ours.passwordFile("two"), theirs.address)
            try await eventually("status says that the password differs", within: .seconds(20)) {
                try ours.require("status", "connections").lowercased().contains("password")
            }
            #expect(try ours.connection(to: theirs.nickname) == nil)
        }
    }
}
