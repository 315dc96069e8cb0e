public import Wire

/// Where a frame came into this host's datapath.
public enum FrameOrigin: Hashable, Sendable {
    /// The bridge, from a container of this host.
    case bridge
    /// A VXLAN tunnel: the identifier and the outer addresses as they arrived; `ends.remote` is the sender.
    case tunnel(UInt64, TunnelEnds)
}

/// The part of a frame that decides where it goes.
public struct FrameQuestion: Hashable, Sendable {
    public let origin: FrameOrigin
    public let source: MACAddress
    public let destination: MACAddress

    public init(origin: FrameOrigin, source: MACAddress, destination: MACAddress) {
        self.origin = origin
        self.source = source
        self.destination = destination
    }
}

/// What is to be done with frames like one that was asked about.
public struct FrameDecision: Hashable, Sendable {
    /// A copy that leaves by VXLAN.
    public struct Copy: Hashable, Sendable {
        public let id: TunnelID
        public let ends: TunnelEnds

        public init(id: TunnelID, ends: TunnelEnds) {
            self.id = id
            self.ends = ends
        }
    }

    /// A copy that user space sends on by sleeve to a neighbour, with these names.
    public struct Handed: Hashable, Sendable {
        public let neighbour: PeerName
        public let source: PeerName
        public let destination: PeerName
        public let isFlood: Bool

        public init(neighbour: PeerName, source: PeerName, destination: PeerName, isFlood: Bool) {
            self.neighbour = neighbour
            self.source = source
            self.destination = destination
            self.isFlood = isFlood
        }
    }

    /// Which other frames it holds for.
    public enum Scope: Hashable, Sendable {
        /// Those of the same origin, source and destination.
        case addresses
        /// All of the same tunnel: it is not for us.
        case tunnel
        /// None: the next one is asked about again.
        case once
    }

    /// Whether the bridge gets a copy.
    public var toBridge = false
    /// Whether the capture port gets a copy, whole: user space looks its destination up itself and sends it by sleeve.
    public var toCapture = false
    public var copies: [Copy] = []
    public var handed: [Handed] = []
    public var scope = Scope.addresses
    /// Why nobody gets it; nil if somebody does.
    public var drop: FrameDrop?
    /// Where the frame's source is; nil: it teaches nothing.
    public var learns: PeerName?
    /// Whether the next hop of a frame that is passed on is the one it is for.
    public var isLastHop = false
    /// Whether the destination was not known, so that everybody got it.
    public var isGuess = false

    public init() {}

    static func dropped(_ reason: FrameDrop, _ scope: Scope = .once) -> FrameDecision {
        var decision = FrameDecision()
        decision.drop = reason
        decision.scope = scope
        return decision
    }
}

/// Why a frame goes nowhere. The raw value is what counters are called.
public enum FrameDrop: String, Hashable, Sendable, CaseIterable {
    /// Its source is nobody, or everybody.
    case malformed
    /// Spanning tree.
    case linkLocal = "link-local"
    /// Both are on this host: the bridge has delivered it.
    case local
    /// No route, or none that frames can take now.
    case noRoute = "no-route"
    /// The tunnel's identifier names a peer that is not known.
    case unknownPeer = "unknown-peer"
    /// The packet came from an address of no neighbour.
    case unknownSender = "unknown-sender"
    /// It would go back to where it came from.
    case returning
    /// It says that it came from us.
    case ownReturned = "own-returned"
    /// Nobody else is there.
    case nobody
}
