import PacketIO

/// Why a frame or a datagram went no further.
enum DropReason: Int, CaseIterable {
    /// Shorter than its headers, or with lengths that contradict each other.
    case malformed
    /// The port could not hand it over.
    case unreadable
    /// To 01:80:c2:00:00:00, which bridges keep to themselves.
    case linkLocal
    /// Captured, but its destination is on this side.
    case local
    /// Source or destination peer is not in the topology.
    case unknownPeer
    /// No next hop, or none with an open overlay.
    case noRoute
    /// The neighbour's UDP address is not known yet.
    case noRemote
    /// Larger than the path carries, and not to be fragmented.
    case tooBig
    /// The kernel refused to send.
    case sendFailed
    /// The port refused to take the frame.
    case injectFailed
    /// From a name that is no neighbour.
    case unknownSender
    /// The datagram's seal is wrong.
    case notAuthentic
    /// The datagram came before, or long ago.
    case replayed
    /// A special frame that is not between the two ends of a connection.
    case misplacedSpecial
    /// More special frames of a neighbour than the control loop is to be bothered with.
    case specialFlood
    /// To be relayed to the neighbour that it came from.
    case returning
    /// From a neighbour, and it says that it entered the overlay here.
    case ownReturned
    /// To be relayed over a link that is full.
    case congested
    /// To an address that nobody knows, more than its source may flood.
    case unknownFlood

    /// The name and the meaning that `weft status` shows.
    var words: (name: String, meaning: String) {
        switch self {
        case .malformed: ("dropped-malformed", "frames or datagrams with impossible lengths")
        case .unreadable: ("dropped-unreadable", "frames that could not be read from the bridge port")
        case .linkLocal: ("dropped-link-local", "frames that bridges keep to themselves (01:80:c2:00:00:00)")
        case .local: ("dropped-local", "captured frames whose destination is on this host")
        case .unknownPeer: ("dropped-unknown-peer", "frames from or to peers that are not in the topology")
        case .noRoute: ("dropped-no-route", "frames to peers that cannot be reached now")
        case .noRemote: ("dropped-no-remote", "frames to neighbours whose UDP address is not known yet")
        case .tooBig: ("dropped-too-big", "frames larger than the path carries")
        case .sendFailed: ("dropped-send-failed", "frames that the kernel refused to send")
        case .injectFailed: ("dropped-inject-failed", "frames that the bridge port refused")
        case .unknownSender: ("dropped-unknown-sender", "datagrams from names that are no neighbours")
        case .notAuthentic: ("dropped-not-authentic", "datagrams whose seal is wrong")
        case .replayed: ("dropped-replayed", "datagrams that came twice or far too late")
        case .misplacedSpecial: ("dropped-misplaced-special", "special frames that are not for us")
        case .specialFlood: ("dropped-special-flood", "special frames beyond a hundred a second from one neighbour")
        case .returning: ("dropped-returning", "frames whose way led back where they came from: routes were settling")
        case .ownReturned:
            ("dropped-own-returned", "frames of this host that came back: routes were settling, or they are forged")
        case .congested: ("dropped-congested", "datagrams with frames of other peers, for which a link was full")
        case .unknownFlood:
            ("dropped-unknown-flood", "frames to unknown hardware addresses, beyond 4 MiB a second from one peer")
        }
    }
}

/// What is counted for the whole data plane, beside drops.
enum PlaneCounter: Int, CaseIterable {
    case framesCaptured, bytesCaptured, framesInjected, bytesInjected, superFramesCaptured, superFramesInjected
    case framesRelayed
    case datagramsSent, sendCalls, datagramsReceived, tooBigReplies, addressesMoved, addressesEvicted, receiptHandovers

    var words: (name: String, meaning: String) {
        switch self {
        case .framesCaptured: ("frames-captured", "frames and super-frames read from the bridge")
        case .bytesCaptured: ("bytes-captured", "their bytes")
        case .framesInjected: ("frames-injected", "frames and super-frames written to the bridge")
        case .bytesInjected: ("bytes-injected", "their bytes")
        case .superFramesCaptured: ("super-frames-captured", "of those read, the ones cut here")
        case .superFramesInjected: ("super-frames-injected", "of those written, the ones joined here")
        case .framesRelayed: ("frames-relayed", "frames of the overlay sent on to other peers")
        case .datagramsSent: ("datagrams-sent", "overlay datagrams sent")
        case .sendCalls: ("send-calls", "system calls that sent them, data only")
        case .datagramsReceived: ("datagrams-received", "overlay datagrams received")
        case .tooBigReplies: ("too-big-replies", "answers 'fragmentation needed' to containers")
        case .addressesMoved: ("addresses-moved", "hardware addresses seen at another peer than before")
        case .addressesEvicted: ("addresses-evicted", "hardware addresses that others pushed out of the table")
        case .receiptHandovers: ("receipt-handovers", "times that a second thread took over receipt")
        }
    }
}

/// What is counted for one neighbour and direction; offsets behind `PeerSlots.Word.sent` and `.received`.
enum SlotCounter {
    static let frames = 0
    static let bytes = 1
    static let datagrams = 2
    static let dropped = 3
}

/// The plane's counters; copied freely, valid while their memory lives.
struct PlaneCounts: Sendable {
    static let words = PlaneCounter.allCases.count + DropReason.allCases.count
    let cells: AtomicWords

    @inline(__always)
    func add(_ counter: PlaneCounter, _ value: Int = 1) {
        cells.add(counter.rawValue, UInt64(truncatingIfNeeded: value))
    }

    @inline(__always)
    func drop(_ reason: DropReason, _ value: Int = 1) {
        // After the last plane counter.
        cells.add(PlaneCounter.receiptHandovers.rawValue &+ 1 &+ reason.rawValue, UInt64(truncatingIfNeeded: value))
    }

    func value(_ counter: PlaneCounter) -> UInt64 { cells.loadRelaxed(counter.rawValue) }
    func value(_ reason: DropReason) -> UInt64 { cells.loadRelaxed(PlaneCounter.allCases.count + reason.rawValue) }
}
