public import ArgumentParser
public import Wire

/// `--log-level`
public enum LogLevel: String, CaseIterable, ExpressibleByArgument, Sendable {
    case trace, debug, info, notice, warning, error, critical

    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// `--log-format`
public enum LogFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    case text, json
}

/// `--trusted-subnets`: networks with commas between them, `10.0.2.0/24,192.168.48.0/24`.
public struct TrustedSubnets: ExpressibleByArgument, CustomStringConvertible, Sendable {
    public let networks: [InterfaceAddress]

    public init() { networks = [] }

    /// nil if any of them cannot be read.
    public init?(argument: String) {
        let texts = argument.split(separator: ",", omittingEmptySubsequences: false)
        let parsed = texts.compactMap { InterfaceAddress(text: $0) }
        guard parsed.count == texts.count else { return nil }
        networks = parsed
    }

    public var description: String { networks.map(\.description).joined(separator: ",") }
}

extension PeerName: ExpressibleByArgument {
    public init?(argument: String) { self.init(text: argument) }
}

extension PortNumber: ExpressibleByArgument {
    public init?(argument: String) { self.init(text: argument) }
}

extension IPv4Address: ExpressibleByArgument {
    public init?(argument: String) { self.init(text: argument) }
}

extension InterfaceAddress: ExpressibleByArgument {
    public init?(argument: String) { self.init(text: argument) }
}
