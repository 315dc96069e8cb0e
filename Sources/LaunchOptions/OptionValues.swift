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
