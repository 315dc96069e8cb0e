public import Wire

/// What happens to the fast datapath of one connection.
public enum FastLinkEvent: Hashable, Sendable {
    /// The mesh has added the connection: talk.
    case confirm
    /// A heartbeat came by VXLAN from this outer source, in a frame of `heartbeat.length` bytes.
    case heartbeat(FastHeartbeat, from: IPv4Address)
    /// Control tag 0: the other side has had a heartbeat of ours.
    case acknowledged
    /// The instant that was asked for has come.
    case timer
    /// The kernel's side of it is gone.
    case broken(reason: String)
}

/// What it wants done.
public enum FastLinkEffect: Hashable, Sendable {
    /// Send a heartbeat by VXLAN to the remote.
    case send(FastHeartbeat)
    /// Send control tag 0.
    case acknowledge
    /// The remote is reached at this address from now on.
    case setRemote(IPv4Address)
    /// Frames pass in both directions, of up to this many bytes of inner IP: for the first time, again, or with
    /// another size.
    case works(mtu: Int)
    /// Nothing passes any more.
    case silent(reason: String)
    case failed(reason: String)
    /// Call with `.timer` at this instant; replaces the one asked for before.
    case wake(at: MonotonicInstant)
}

/// What the fast datapath of a connection is made with.
public struct FastLinkParameters: Hashable, Sendable {
    public let connectionUID: UInt64
    public let ends: TunnelEnds
    /// Whether the remote is weft, and its heartbeats say what arrived.
    public let echoes: Bool
    /// Sizes of inner IP packets to try, largest first; without echoes only the first is used.
    public let sizes: [Int]

    public init(connectionUID: UInt64, ends: TunnelEnds, echoes: Bool, sizes: [Int]) {
        self.connectionUID = connectionUID
        self.ends = ends
        self.echoes = echoes
        self.sizes = sizes
    }

    /// The sizes worth trying on an underlay of this MTU: what fits it, what Weave Net uses, and what narrower links on
    /// the way leave (a GRE or a PPPoE link, 1,414 bytes of a cloud's network, 1,280 of IPv6's minimum, 576).
    public static func sizes(underlayMTU: Int, echoes: Bool) -> [Int] {
        let largest = max(underlayMTU - TunnelLayout.overhead, 68)
        guard echoes else { return [min(largest, TunnelLayout.usualMTU)] }
        let others = [8_950, 1_450, 1_442, 1_426, TunnelLayout.usualMTU, 1_364, 1_230, 526]
        return [largest] + others.filter { $0 < largest }
    }
}
