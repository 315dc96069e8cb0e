public import ControlTypes
public import Wire

/// Values that tests begin with; each test changes what matters to it.
public enum Sample {
    /// 2026-11-25T04:00:00Z
    public static let start = WallClockInstant(nanosecondsSince1970: 1_795_579_200_000_000_000)

    public static func peer(_ number: UInt64) -> PeerIdentity {
        PeerIdentity(name: PeerName(rawValue: 0x0200_0000_0a00 | number) ?? .unknown, nickname: "host\(number)")
    }

    public static func endpoint(_ text: String) -> Endpoint {
        Endpoint(text: text) ?? Endpoint(.v4(.any), .mesh)
    }

    public static func after(seconds: Int64) -> WallClockInstant {
        WallClockInstant(nanosecondsSince1970: start.nanosecondsSince1970 + seconds * 1_000_000_000)
    }

    public static let status = DaemonStatus(
        version: WeftVersion.text, ready: true, peer: peer(1), processID: 4_711, startedAt: start, uptimeSeconds: 192,
        protocolVersions: ProtocolVersions(minimum: 2, maximum: 2), encryption: false, discovery: true,
        connectionLimit: 200, port: 6_783, socket: "/run/weft/weft.sock", stateDirectory: "/var/lib/weft", targets: 1,
        connections: ConnectionCounts(established: 1),
        peers: PeerCounts(
            known: 2, establishedConnections: 2, pendingConnections: 0),
        bridge: BridgeStatus(
            name: "weave", state: .up, hardwareAddress: MACAddress(text: "02:00:00:00:0a:01"), mtu: 1_438,
            capture: "tap with offloads"))

    public static let report = Report(
        status: status, connections: [], peers: [], targets: [], broadcastRoutes: [], terminationCount: 0,
        interface: "tap with offloads", captureStats: nil, macs: [])

    public static let established = ConnectionStatus(
        state: .established, direction: .outbound, localAddress: endpoint("10.0.0.1:40000"),
        remoteAddress: endpoint("10.0.0.2:6783"), peer: peer(2), since: start, overlay: "sleeve",
        overlayAddress: endpoint("10.0.0.2:6783"), encrypted: true, mtu: 1_414, mtuVerified: true,
        roundTripMicroseconds: 214, protocolVersion: 2, traffic: TrafficCounters())

    public static let failed = ConnectionStatus(
        state: .failed, direction: .outbound, remoteAddress: endpoint("10.0.0.9:6783"), since: after(seconds: 60),
        lastError: ConnectionFailure(
            reason: "connection refused", since: start, attempts: 5,
            advice: "Start weft there, or let TCP port 6783 through its firewall."),
        nextAttempt: after(seconds: 130))

    public static func container(
        _ name: String, _ addresses: [InterfaceAddress], label: String? = nil
    ) -> AttachedContainer {
        AttachedContainer(
            container: name, label: label, namespacePath: "/run/netns/\(name)", interface: "ethwe",
            hardwareAddress: MACAddress(text: "8a:ed:82:b2:e1:00") ?? .broadcast,
            addresses: addresses, mtu: 1_438, since: start)
    }
}
