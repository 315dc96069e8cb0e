public import Wire

/// What a link is given by the mesh connection and the host.
public struct SleeveParameters: Hashable, Sendable {
    /// Equal on both sides: the exclusive or of both connection ids.
    public let connectionUID: UInt64
    /// Whether we dialled the mesh connection.
    public let isOutbound: Bool
    /// Where to send, if we dialled: the address and port of the TCP connection. Otherwise it is learnt.
    public let remote: Endpoint?
    /// Whether datagrams are sealed: it costs 24 bytes of each.
    public let isSealed: Bool
    /// The largest packet that the kernel's route to the remote carries, bytes (1500 on Ethernet).
    public let underlayMTU: Int
    /// The operator's overlay MTU; nil to find it.
    public let fixedMTU: Int?
    /// Whether both sides are weft, so that a silent path is probed and given up early.
    public let probesSilence: Bool
    public init(
        connectionUID: UInt64, isOutbound: Bool, remote: Endpoint?, isSealed: Bool, underlayMTU: Int,
        fixedMTU: Int? = nil, probesSilence: Bool = false
    ) {
        self.connectionUID = connectionUID
        self.isOutbound = isOutbound
        self.remote = isOutbound ? remote : nil
        self.isSealed = isSealed
        self.underlayMTU = underlayMTU
        self.fixedMTU = fixedMTU
        self.probesSilence = probesSilence
    }
}

/// How far a link has come.
public enum SleeveState: String, Hashable, Sendable {
    /// The mesh has not confirmed the connection yet.
    case prepared
    /// Heartbeats go out, none has been confirmed.
    case confirmed
    /// The remote has confirmed a heartbeat.
    case established
    /// Given up.
    case failed
}

/// A link as people see it.
public struct SleeveView: Hashable, Sendable {
    public let state: SleeveState
    /// The remote's UDP address, once known.
    public let remote: Endpoint?
    public let path: SleevePath
    /// From a test datagram to the answer over the mesh connection, at the last measurement.
    public let roundTrip: Duration?
    /// When the last valid heartbeat came.
    public let lastHeartbeat: MonotonicInstant?
}
