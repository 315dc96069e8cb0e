import Foundation
import TestSupport
import Testing

extension Namespaces {
    /// What a daemon holds does not grow, however many peers come and go.
    @Suite struct Endurance {
        /// How long daemons are killed; CONTRIBUTING.md.
        private static let minutes =
            ProcessInfo.processInfo.environment["WEFT_ENDURANCE_MINUTES"].flatMap(Double.init) ?? 2

        @Test("2,000 peers that connect and leave cost no memory and no descriptors")
        func connects() async throws {
            try await Lab.with { lab in
                let (host, passing) = (lab.hosts[0], lab.hosts[1])
                try host.launch()
                let daemon = try host.daemon()
                let (times, warm) = (2_000, 500)
                let before = try ProcessUse(of: daemon)
                let folder = lab.folder.appending(path: "passing")
                let program = try lab.start(
                    ["ip", "netns", "exec", passing.namespace, "python3", "-c", passingPeer, host.address, "\(times)"],
                    folder: folder)
                func passed() throws -> Int {
                    let text = try String(contentsOf: folder.appending(path: "output"), encoding: .utf8)
                    return text.split(separator: "\n").last.flatMap { Int($0) } ?? 0
                }
                try await eventually("the first have passed", within: .seconds(60)) {
                    try passed() >= warm || !program.isRunning
                }
                let early = try ProcessUse(of: daemon)
                try await eventually("all have passed", within: .seconds(180)) { !program.isRunning }
                let errors = try String(contentsOf: folder.appending(path: "errors"), encoding: .utf8)
                #expect(try passed() == times, "\(errors)")
                try await eventually("all descriptors are given back") {
                    try ProcessUse(of: daemon).descriptors <= before.descriptors
                }
                let late = try ProcessUse(of: daemon)
                print("2,000 peers: \(before), \(early), \(late)")
                #expect(late.threads <= before.threads)
                #expect(late.anonymousKibibytes - early.anonymousKibibytes < 1_024, "\(early), then \(late)")
                // Nothing of them is shown any more, and the daemon is as able as before.
                #expect((try host.status("peers") as? [Any])?.count == 1)
                #expect(try host.connections().allSatisfy { $0["state"] as? String != "established" })
            }
        }

        @Test("daemons that are killed at random leave a mesh that heals each time, and a survivor that does not grow")
        func kills() async throws {
            try await Lab.with(hosts: 4) { lab in
                var boxes: [LabContainer] = []
                for host in lab.hosts {
                    try host.launch(host.number == 1 ? [] : [lab.hosts[0].address])
                    boxes.append(try host.attach("box\(host.number)", "10.32.0.\(host.number)/12", in: lab))
                }
                func allReachAll() throws -> Bool {
                    try boxes.allSatisfy { box in
                        try (1...4).allSatisfy { try box.reaches("10.32.0.\($0)") }
                    }
                }
                try await eventually("all reach all", within: .seconds(20), allReachAll)
                let survivor = try lab.hosts[0].daemon()
                var generator = SeededGenerator(seed: 6)
                let clock = ContinuousClock()
                let end = clock.now + .seconds(60 * Self.minutes)
                var kills = 0
                // Every twenty kills. The first twenty fill what remembers a bounded number of things.
                var samples: [ProcessUse] = []
                var slowest = Duration.zero
                while clock.now < end {
                    // One or two at once, and some again before they have come up.
                    let victims = lab.hosts.dropFirst().shuffled(using: &generator).prefix(
                        Int.random(in: 1...2, using: &generator))
                    for host in victims {
                        kill(try host.daemon(), SIGKILL)
                        kills += 1
                        try await eventually("\(host.nickname) is gone") { try !host.weft("status").succeeded }
                        try host.launch()
                    }
                    let launched = clock.now
                    try await eventually("all reach all again", within: .seconds(10), allReachAll)
                    slowest = max(slowest, clock.now - launched)
                    if kills / 20 > samples.count { samples.append(try ProcessUse(of: survivor)) }
                }
                let late = try ProcessUse(of: survivor)
                print("\(kills) kills, healed within \(slowest): \(samples), \(late)")
                #expect(try lab.hosts[0].daemon() == survivor)
                let early = try #require(samples.first, "fewer than twenty kills in \(Self.minutes) minutes")
                #expect(late.descriptors <= early.descriptors + 4 && late.threads <= early.threads)
                #expect(late.anonymousKibibytes - early.anonymousKibibytes < 1_024, "\(early), then \(late)")
            }
        }
    }
}
