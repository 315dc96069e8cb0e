public import Wire

/// A place in the data plane's fixed table of neighbours; stable while the connection lives.
public struct PeerSlot: Hashable, Sendable {
    /// Index into the table.
    public let index: Int
    /// Counts the uses of the index, so that a late call for an old connection is recognised.
    public let generation: UInt32

    public init(index: Int, generation: UInt32) {
        self.index = index
        self.generation = generation
    }
}

/// Everything that forwarding needs of the control plane, at one instant. Immutable: the packet threads read it
/// through one pointer, and the control plane publishes a new one when routes or neighbours change.
///
/// What changes with packets (counters, nonces, replay windows, path MTU) lives in the slots instead.
public struct ForwardingSnapshot: Equatable, Sendable {
    /// This router.
    public let ownName: PeerName
    /// Every peer of the topology, ourselves included: frames from or to others are dropped.
    public let knownPeers: Set<PeerName>
    /// The slot of each neighbour whose overlay is confirmed.
    public let neighbours: [PeerName: PeerSlot]
    /// Destination to next hop, over established connections that both ends list; without ourselves.
    public let unicast: [PeerName: PeerName]
    /// Source to the neighbours that get a copy of its broadcasts from us (`docs/protocol-mesh.md`, "Routes").
    public let broadcast: [PeerName: [PeerName]]

    public init(
        ownName: PeerName, knownPeers: Set<PeerName>, neighbours: [PeerName: PeerSlot],
        unicast: [PeerName: PeerName], broadcast: [PeerName: [PeerName]]
    ) {
        self.ownName = ownName
        self.knownPeers = knownPeers
        self.neighbours = neighbours
        self.unicast = unicast
        self.broadcast = broadcast
    }
}
