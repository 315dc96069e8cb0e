public import FastDatapath
public import Wire

/// How the kernel's datapath is set up.
public struct FastPathConfiguration: Sendable {
    /// The datapath, and the interface that the kernel makes with it.
    public var datapath: String
    /// Our end of the pair whose other end is a port of the bridge.
    public var bridgeEnd: String
    /// The UDP port of the tunnels.
    public var port: PortNumber

    public init(datapath: String, bridgeEnd: String, port: PortNumber) {
        self.datapath = datapath
        self.bridgeEnd = bridgeEnd
        self.port = port
    }
}

/// What the threads of the kernel's datapath tell the control plane.
public enum FastPathNews: Sendable {
    /// A heartbeat came by tunnel from this outer source.
    case heartbeat(FastHeartbeat, from: IPv4Address)
    /// The kernel no longer does what it is told; frames go by other ways from now on.
    case failed(reason: String)
}

/// Why the kernel's datapath cannot be used.
public enum FastPathError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kernel lacks a part.
    case missing(module: String, reason: String)
    /// A request was refused.
    case refused(String)

    public var description: String {
        switch self {
        case .missing(let module, let reason):
            "this kernel has no \(module) (\(reason)); load it with `modprobe \(module)`, or install the package of "
                + "kernel modules that has it"
        case .refused(let text): text
        }
    }
}

/// The kernel's datapath as people see it.
public struct FastPathStatus: Hashable, Sendable {
    public struct Port: Hashable, Sendable {
        public let number: Int
        public let name: String
        public let kind: String
    }

    public struct Flow: Hashable, Sendable {
        public let question: FrameQuestion
        public let decision: FrameDecision
        public let packets: UInt64
        public let bytes: UInt64
        public let since: MonotonicInstant
        public let lastUsed: MonotonicInstant
    }

    public var datapath = ""
    public var ports: [Port] = []
    public var flows: [Flow] = []
    /// Frames that no flow was there for, as the kernel counts.
    public var misses: UInt64 = 0
    /// Frames that a flow was there for.
    public var hits: UInt64 = 0
    /// Misses that the kernel could not hand to us.
    public var lost: UInt64 = 0
    public var drops: [FrameDrop: UInt64] = [:]
    /// Requests that the kernel refused, by its errno in words.
    public var refusals: [String: UInt64] = [:]
    public var evictions: UInt64 = 0

    public init() {}
}
