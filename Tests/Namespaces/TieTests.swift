import TestSupport
import Testing

extension Namespaces {
    /// Ways with equally many hops.
    @Suite struct Ties {
        /// Hosts 2 and 3 both lead from host 1 to host 4. By the order of names it would be host 2 always.
        @Test(
            "of two neighbours that are equally near, traffic takes the one with the lower round trip",
            arguments: [2, 3])
        func quicker(slow: Int) async throws {
            try await Lab.with(hosts: 4) { lab in
                let first = lab.hosts[0]
                try await lab.delay(from: first, to: lab.hosts[slow - 1], milliseconds: 100)
                for (host, targets) in zip(lab.hosts, [[], [1], [1], [2, 3]]) {
                    let name = "02:00:00:00:0b:0\(host.number)"
                    try host.launch(["--no-discovery", "--name", name] + targets.map { lab.hosts[$0 - 1].address })
                }
                let box = try first.attach("box1", "10.32.0.1/12", in: lab)
                _ = try lab.hosts[3].attach("box4", "10.32.0.4/12", in: lab)
                try await eventually("host 1 is connected to both, with their round trips", within: .seconds(20)) {
                    try [2, 3].allSatisfy { number in
                        let connection = try first.connection(to: "host\(number)")
                        guard let roundTrip = connection?["roundTripMicroseconds"] as? Int else { return false }
                        return (roundTrip > 100_000) == (number == slow)
                    }
                }
                try await eventually("the quicker way is taken", within: .seconds(5)) {
                    try first.nextHop(toward: "host4") == "host\(5 - slow)"
                }
                try await eventually("box1 reaches box4", within: .seconds(10)) { try box.reaches("10.32.0.4") }
                let result = try box.run(["ping", "-n", "-c", "5", "-i", "0.2", "-W", "2", "10.32.0.4"])
                #expect(result.output.contains(" 0% packet loss"), "\(result.text)")
                // rtt min/avg/max/mdev = 0.345/…
                let least = result.output.split(separator: "= ").last?.split(separator: "/").first.flatMap {
                    Double($0)
                }
                #expect(least.map { $0 < 100 } == true, "\(result.text)")
            }
        }
    }
}
