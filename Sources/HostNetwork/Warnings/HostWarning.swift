/// Something on the host that keeps containers from talking, or may.
public struct HostWarning: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case noBridge
        case bridgeDown
        /// The port sends frames back where they came from.
        case hairpin
        /// A firewall chain sees bridged frames and drops what no rule allows.
        case firewallDrops
        /// Whether a firewall drops bridged frames could not be found out.
        case firewallUnknown
    }

    public let kind: Kind
    /// What it is about: an interface or a firewall chain.
    public let object: String
    /// What is wrong and what it does.
    public let message: String
    /// What a person can do.
    public let nextStep: String
}

extension HostWarning: CustomStringConvertible {
    public var description: String { "\(message); \(nextStep)" }
}
