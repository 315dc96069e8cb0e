import TestSupport
import Testing

/// Whole hosts on this kernel, by the programs that users run. One test at a time: they measure times and share two
/// processors with the rest.
@Suite(.serialized, .enabled(if: Programs.missing == nil, Comment(rawValue: Programs.missing ?? "")))
struct Namespaces {}

extension Lab {
    /// Two launched hosts with a container each, 10.32.0.1 and 10.32.0.2, that reach each other.
    static func withPair<Result>(
        underlayMTU: Int = 1500, password: String? = nil, options: [String] = [],
        _ body: (Lab, LabContainer, LabContainer) async throws -> Result
    ) async throws -> Result {
        try await with(underlayMTU: underlayMTU) { lab in
            for host in lab.hosts {
                var all = options
                if let password { all += ["--password-file", try host.passwordFile(password)] }
                if host.number > 1 { all.append(lab.hosts[0].address) }
                try host.launch(all)
            }
            let first = try lab.hosts[0].attach("box1", "10.32.0.1/12", in: lab)
            let second = try lab.hosts[1].attach("box2", "10.32.0.2/12", in: lab)
            try await eventually("box1 reaches box2", within: .seconds(20)) { try first.reaches("10.32.0.2") }
            return try await body(lab, first, second)
        }
    }
}
