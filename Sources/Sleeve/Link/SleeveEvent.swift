public import Wire

/// What happens to the sleeve forwarder of one connection.
public enum SleeveEvent: Hashable, Sendable {
    /// The mesh has added the connection: talk.
    case confirm
    /// A heartbeat came in a datagram that opened (if sealed), from this source.
    case heartbeat(connectionUID: UInt64, from: Endpoint)
    /// The same, and the other side, which is weft, asks for a heartbeat at once.
    case call(connectionUID: UInt64, from: Endpoint)
    /// A fragmentation test came; `intact` if every byte was zero.
    case fragmentationTest(intact: Bool)
    /// An MTU test came: a special frame of `size` + 14 bytes.
    case mtuTest(size: Int)
    /// A control message of the other side.
    case control(SleeveControl)
    /// A datagram with DF was refused by the kernel: the path carries packets of `pathMTU` bytes at most.
    case tooBig(pathMTU: Int)
    /// The answer to `readTraffic`: so many datagrams of the remote have been accepted so far, and its last heartbeat came
    /// then (nil: each is an event of its own).
    case traffic(datagrams: UInt64, lastHeartbeat: MonotonicInstant?)
    /// The answer to `readRoute`: the kernel's route to the remote carries packets of `mtu` bytes.
    case route(mtu: Int)
    /// The instant that was asked for has come.
    case timer
}

/// Control messages between two sleeve forwarders, carried by the mesh connection.
public enum SleeveControl: Hashable, Sendable {
    /// Tag 1: "your heartbeat reached me".
    case established
    /// Tag 2: "your fragmentation test reached me intact".
    case fragmentsArrive
    /// Tag 3: "your MTU test of this size arrived".
    case mtuVerified(size: Int)
}

/// A frame with an all-zero Ethernet header, told apart by its length.
public enum SleeveSpecial: Hashable, Sendable {
    /// 22 bytes: the connection's UID.
    case heartbeat(connectionUID: UInt64)
    /// 23 bytes: a heartbeat that asks for one.
    case call(connectionUID: UInt64)
    /// 60,001 bytes of zeros, sent without DF.
    case fragmentationTest
    /// `size` + 14 bytes of zeros, sent with DF.
    case mtuTest(size: Int)
}

/// What the forwarder wants done.
public enum SleeveEffect: Hashable, Sendable {
    /// Accept datagrams that carry the remote's name.
    case register
    /// Send a special frame to the remote's UDP address.
    case send(SleeveSpecial)
    /// Send a control message over the mesh connection.
    case sendControl(SleeveControl)
    /// The remote's UDP address is now this.
    case setRemote(Endpoint)
    /// Use these sizes from now on.
    case setPath(SleevePath)
    /// Ask the kernel what its route to the remote carries, and answer with `route` before anything else; no answer
    /// where there is no route.
    case readRoute
    /// Ask the data plane what has come from the remote, and answer with `traffic` before anything else.
    case readTraffic
    /// Both directions work.
    case established
    /// Given up: the mesh closes the connection. `reason` is for people.
    case failed(reason: String)
    /// Call with `.timer` at this instant; replaces the one asked for before.
    case wake(at: MonotonicInstant)
}

/// The sizes that a path carries.
public struct SleevePath: Hashable, Sendable {
    /// The largest overlay packet (what is inside the inner Ethernet frame), bytes.
    public let mtu: Int
    /// The largest UDP payload that is sent with DF, bytes.
    public let maximumPayload: Int
    /// Whether IP fragments of the underlay arrive.
    public let carriesFragments: Bool
    /// Whether `mtu` has been confirmed by the other side, and is not one of the sizes that a search passes.
    public let isVerified: Bool

    public init(mtu: Int, maximumPayload: Int, carriesFragments: Bool, isVerified: Bool) {
        self.mtu = mtu
        self.maximumPayload = maximumPayload
        self.carriesFragments = carriesFragments
        self.isVerified = isVerified
    }
}
