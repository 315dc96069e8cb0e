public import PacketIO
public import Wire

/// How the data plane is set up.
public struct DataPlaneConfiguration: Sendable {
    /// This router's name, in front of each datagram.
    public var ownName: PeerName
    /// The tap that becomes a port of the bridge; created if it is not there.
    public var tapName: String
    /// A veth to capture on with a packet socket where there is no tap device; nil: none.
    public var fallbackInterface: String?
    /// Local address of the UDP sockets, `.any` for all.
    public var bindAddress: IPv4Address
    /// Their port; 0 lets the kernel choose.
    public var port: PortNumber
    /// Memory for received datagrams; rounded to buffers of 64 KiB, 1 to 64 of them.
    public var receiveBufferBytes: Int
    /// What not to use although the kernel has it.
    public var disabled: Set<PacketFacility.Kind>
    /// Neighbours at a time.
    public var maximumPeers: Int
    /// Whether a second thread may take over receipt under load.
    public var usesSecondThread: Bool

    public init(
        ownName: PeerName, tapName: String = "vethwe-tap", fallbackInterface: String? = nil,
        bindAddress: IPv4Address = .any, port: PortNumber = .mesh, receiveBufferBytes: Int = 48 * 65_536,
        disabled: Set<PacketFacility.Kind> = [], maximumPeers: Int = 256, usesSecondThread: Bool = true
    ) {
        self.ownName = ownName
        self.tapName = tapName
        self.fallbackInterface = fallbackInterface
        self.bindAddress = bindAddress
        self.port = port
        self.receiveBufferBytes = receiveBufferBytes
        self.disabled = disabled
        self.maximumPeers = maximumPeers
        self.usesSecondThread = usesSecondThread
    }
}

/// What the control plane knows about a neighbour when it opens a slot.
public struct SlotConfiguration: Sendable {
    public var remoteName: PeerName
    /// 32 bytes; nil: datagrams in clear.
    public var sessionKey: [UInt8]?
    /// Whether we dialled the TCP connection: it decides the direction in the nonces.
    public var isOutbound: Bool
    /// The address to send from; nil: the kernel chooses.
    public var localAddress: IPv4Address?
    /// What the neighbour's heartbeats must carry; nil: anything.
    public var connectionUID: UInt64?
    /// Whether heartbeats with that UID from the address in use are only noted (`SlotCounters.lastHeartbeat`), all but
    /// the first: a mesh of many neighbours would wake the control loop all the time.
    public var keepsHeartbeats: Bool

    public init(
        remoteName: PeerName, sessionKey: [UInt8]?, isOutbound: Bool, localAddress: IPv4Address? = nil,
        connectionUID: UInt64? = nil, keepsHeartbeats: Bool = false
    ) {
        self.remoteName = remoteName
        self.sessionKey = sessionKey
        self.isOutbound = isOutbound
        self.localAddress = localAddress
        self.connectionUID = connectionUID
        self.keepsHeartbeats = keepsHeartbeats
    }
}

/// Why the data plane cannot do something.
public enum DataPlaneError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A system call failed that nothing replaces.
    case system(SystemError)
    /// All slots are in use.
    case tooManyPeers(limit: Int)
    /// The session key does not fit the cipher.
    case key(String)
    case alreadyStarted

    public var description: String {
        switch self {
        case .system(let error): "\(error)\(DataPlaneError.advice(error))"
        case .tooManyPeers(let limit):
            "this host has no room for more than \(limit) neighbours; connect the others to other hosts"
        case .key(let reason): "the session key cannot be used: \(reason)"
        case .alreadyStarted: "the packet threads run already"
        }
    }
}

extension DataPlaneError {
    /// Whether this host has no taps at all; then capture on a veth is worth a try.
    public var meansNoTaps: Bool {
        guard case .system(let error) = self, error.call.hasPrefix("TUNSETIFF") else { return false }
        return [Errno.notFound, Errno.noDevice, Errno.noSuchDevice, Errno.notSupported].contains(error.errno)
    }

    /// What a person can do about the failures that happen on a first start.
    private static func advice(_ error: SystemError) -> String {
        switch (error.call.split(separator: " ").first, error.errno) {
        case ("TUNSETIFF", Errno.notPermitted): ": taps need CAP_NET_ADMIN; start weftd as root"
        case ("TUNSETIFF", Errno.notFound), ("TUNSETIFF", Errno.noDevice):
            ": /dev/net/tun is not there; load the module (modprobe tun) or create the device"
        case ("TUNSETIFF", Errno.busy): ": another process holds the tap; is weftd running already?"
        case ("TUNSETIFF", Errno.invalid): ": an interface of that name exists and is no tap; remove or rename it"
        case ("bind", Errno.addressInUse): ": another process uses this UDP port; stop it or choose --port"
        case ("bind", Errno.addressNotAvailable): ": this host does not have that address; see --host"
        default: ""
        }
    }
}

/// What became of a special frame.
public enum SpecialOutcome: Hashable, Sendable {
    case sent
    /// With DF it is larger than the path, which carries packets of this size.
    case tooBig(pathMTU: Int)
    /// The neighbour's UDP address is not known yet, or the slot is closed.
    case noRemote
    case failed(errno: CInt)
}
