import PacketIO
public import Wire

/// What has been counted since the start.
public struct DataPlaneCounters: Hashable, Sendable {
    /// One counter: a stable name, and what it means.
    public struct Entry: Hashable, Sendable {
        public let name: String
        public let value: UInt64
        public let meaning: String
    }

    /// All of them, in the order to show them.
    public let named: [Entry]

    init(_ counts: PlaneCounts) {
        named =
            PlaneCounter.allCases.map {
                Entry(name: $0.words.name, value: counts.value($0), meaning: $0.words.meaning)
            }
            + DropReason.allCases.map {
                Entry(name: $0.words.name, value: counts.value($0), meaning: $0.words.meaning)
            }
    }

    /// One counter by name, 0 for a name that does not exist.
    public func value(_ name: String) -> UInt64 { named.first { $0.name == name }?.value ?? 0 }
}

/// What has been counted for one neighbour since its slot was opened.
public struct SlotCounters: Hashable, Sendable {
    /// Records, special frames included.
    public let framesSent: UInt64
    /// UDP payload.
    public let bytesSent: UInt64
    public let datagramsSent: UInt64
    /// Frames that were not sent: too big, or refused by the kernel.
    public let droppedSending: UInt64
    public let framesReceived: UInt64
    public let bytesReceived: UInt64
    public let datagramsReceived: UInt64
    /// Datagrams that were refused: replayed, not authentic, malformed.
    public let droppedReceiving: UInt64
    /// When the last heartbeat came, where they are noted (CLOCK_MONOTONIC).
    public let lastHeartbeat: MonotonicInstant?
    public var dropped: UInt64 { droppedSending &+ droppedReceiving }

    init(_ table: SlotTable, _ index: Int) {
        let sent = table.row(index).slice(PeerSlots.Word.sent, 4)
        let received = table.row(index).slice(PeerSlots.Word.received, 4)
        framesSent = sent.loadRelaxed(SlotCounter.frames)
        bytesSent = sent.loadRelaxed(SlotCounter.bytes)
        datagramsSent = sent.loadRelaxed(SlotCounter.datagrams)
        droppedSending = sent.loadRelaxed(SlotCounter.dropped)
        framesReceived = received.loadRelaxed(SlotCounter.frames)
        bytesReceived = received.loadRelaxed(SlotCounter.bytes)
        datagramsReceived = received.loadRelaxed(SlotCounter.datagrams)
        droppedReceiving = received.loadRelaxed(SlotCounter.dropped)
        let heard = table.row(index).loadRelaxed(PeerSlots.Word.heard)
        lastHeartbeat = heard > 1 ? MonotonicInstant(nanoseconds: Int64(clamping: heard)) : nil
    }
}

/// A hardware address that the packet threads have learnt.
public struct LearntAddress: Hashable, Sendable {
    public let address: MACAddress
    /// The peer it is at, which may be ourselves.
    public let peer: PeerName
    /// To the second, and up to a minute old (CLOCK_MONOTONIC).
    public let lastSeen: MonotonicInstant
}
