public import ArgumentParser
public import Wire

/// The options of `weft launch`, which are those of `weftd`: both programs parse them with this one type.
public struct LaunchOptions: ParsableArguments {
    public static let defaultStateDirectory = "/var/lib/weft"

    @Option(
        name: .customLong("password-file"),
        help: ArgumentHelp(
            "Read the mesh's password from this file; - means standard input.",
            discussion: """
                All peers need the same password; connections are then encrypted. One newline at the end is not part \
                of it. Without this option nothing is encrypted. There is no option for the password itself: the \
                arguments of a process can be read by everyone on the host.
                """,
            valueName: "file"))
    public var passwordFile: String?

    @Option(
        help: ArgumentHelp(
            "This peer's name in the mesh, written like a MAC address.",
            discussion: """
                Default: the one stored in the state directory, else the address of an existing bridge, else one \
                derived from the machine's identifiers. It must be unique in the mesh.
                """,
            valueName: "name"))
    public var name: PeerName?

    @Option(help: ArgumentHelp("What people call this peer. Default: the host's name.", valueName: "text"))
    public var nickname: String?

    @Option(
        help: ArgumentHelp(
            "The port for the mesh (TCP) and for sleeve (UDP); the same on all peers that do not say HOST:PORT.",
            valueName: "port"))
    public var port = PortNumber.mesh

    @Option(help: ArgumentHelp("The address to listen on. Default: all.", valueName: "address"))
    public var host: IPv4Address?

    @Option(
        name: .customLong("state-dir"),
        help: ArgumentHelp("Where the peer name, targets and attachments are kept.", valueName: "directory"))
    public var stateDirectory = Self.defaultStateDirectory

    @OptionGroup
    public var socket: ControlSocket

    @Flag(name: .customLong("no-discovery"), help: "Connect only to the given peers, not to those that they know.")
    public var noDiscovery = false

    @Option(
        name: .customLong("conn-limit"),
        help: ArgumentHelp("At most this many connections; 0 means no limit.", valueName: "count"))
    public var connectionLimit = 200

    @Option(
        name: .customLong("trusted-subnets"),
        help: ArgumentHelp(
            "Networks in which container traffic may go unencrypted although there is a password, with commas.",
            discussion: """
                Traffic between two peers is left in clear only if each of them sees the other's address in one of its \
                trusted networks. The control connection stays encrypted.
                """,
            valueName: "cidr,cidr"))
    public var trustedSubnets = TrustedSubnets()

    @Option(
        help: ArgumentHelp(
            "The containers' MTU in bytes. Default: what the path carries (1438 clear, 1414 encrypted on Ethernet).",
            valueName: "bytes"))
    public var mtu: Int?

    @Option(
        name: .customLong("min-protocol"),
        help: ArgumentHelp("The lowest version of the mesh protocol to speak, 1 or 2.", valueName: "version"))
    public var minimumProtocol = 2

    @Option(
        name: .customLong("max-protocol"),
        help: ArgumentHelp("The highest version of the mesh protocol to speak, 1 or 2.", valueName: "version"))
    public var maximumProtocol = 2

    @Option(
        name: .customLong("log-level"),
        help: ArgumentHelp("How much to log: \(LogLevel.names).", valueName: "level"))
    public var logLevel = LogLevel.info

    @Option(name: .customLong("log-format"), help: ArgumentHelp("How to log: text or json.", valueName: "format"))
    public var logFormat = LogFormat.text

    @Flag(
        name: .customLong("no-fastdp"),
        help: "Do not use the kernel's fast datapath; carry all frames by sleeve, in user space.")
    public var noFastDatapath = false

    /// `weft reset` without a daemon starts one with it.
    @Flag(
        name: .customLong("for-removal"),
        help: ArgumentHelp("Talk to no peer; only serve the control socket.", visibility: .private))
    public var forRemoval = false

    @Argument(
        help: ArgumentHelp(
            "Hosts to connect to, HOST or HOST:PORT.",
            discussion: "None: those that are remembered from the last time, if any.", valueName: "peer"))
    public var peers: [String] = []

    public init() {}

    public func validate() throws {
        guard (1...2).contains(minimumProtocol), (1...2).contains(maximumProtocol) else {
            throw ValidationError("--min-protocol and --max-protocol take 1 or 2")
        }
        guard minimumProtocol <= maximumProtocol else {
            throw ValidationError(
                "--min-protocol \(minimumProtocol) is above --max-protocol \(maximumProtocol); give --min-protocol 1 too"
            )
        }
        guard connectionLimit >= 0 else { throw ValidationError("--conn-limit must not be negative") }
        if let mtu {
            // 576: what every IPv4 host accepts (RFC 791); 65,535: the largest IPv4 packet.
            guard (576...65_535).contains(mtu) else { throw ValidationError("--mtu takes 576 to 65535 bytes") }
        }
        if let name, !name.isUsable {
            throw ValidationError("--name \(name) cannot name a peer: it is zero or a group address")
        }
        if let nickname {
            // The gossip carries it in a gob; the limit is chosen.
            guard (1...255).contains(nickname.utf8.count) else {
                throw ValidationError("--nickname takes 1 to 255 bytes")
            }
        }
        for peer in peers where Target(text: peer) == nil {
            throw ValidationError("the peer \"\(peer)\" should be HOST or HOST:PORT, with a name or an IPv4 address")
        }
        guard stateDirectory.hasPrefix("/") else {
            throw ValidationError("--state-dir \"\(stateDirectory)\" must be an absolute path")
        }
    }

    /// Whether the state directory is another than the default: a derived peer name then mixes its path in.
    public var hasOwnStateDirectory: Bool { stateDirectory != Self.defaultStateDirectory }
}

extension LaunchOptions {
    /// The options as arguments for `weftd`.
    ///
    /// - Parameter passwordFile: in place of `--password-file`; nil for none.
    public func arguments(passwordFile: String?) -> [String] {
        let options: [(String, String?)] = [
            ("port", "\(port)"), ("state-dir", stateDirectory), ("socket", socket.path),
            ("password-file", passwordFile), ("name", name?.description), ("nickname", nickname),
            ("host", host?.description), ("mtu", mtu.map(String.init)), ("conn-limit", "\(connectionLimit)"),
            ("trusted-subnets", trustedSubnets.networks.isEmpty ? nil : "\(trustedSubnets)"),
            ("min-protocol", "\(minimumProtocol)"), ("max-protocol", "\(maximumProtocol)"),
            ("log-level", logLevel.rawValue), ("log-format", logFormat.rawValue),
        ]
        // One word each: a value may begin with a dash.
        var arguments = options.compactMap { option, value in value.map { "--\(option)=\($0)" } }
        if noDiscovery { arguments.append("--no-discovery") }
        if forRemoval { arguments.append("--for-removal") }
        if noFastDatapath { arguments.append("--no-fastdp") }
        return arguments + ["--"] + peers
    }
}
