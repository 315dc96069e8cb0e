public import Overlay
import PacketIO
public import Sleeve
import Wire

/// What packet threads tell the control plane. The receiver is called on a packet thread and must be quick: hand the
/// value on and return.
public enum DataPlaneNews: Sendable {
    /// A special frame came from the neighbour of this slot: `.heartbeat`, `.call`, `.fragmentationTest` or `.mtuTest`.
    case special(PeerSlot, SleeveEvent)
    /// A datagram with DF was refused: the path carries packets of `pathMTU` bytes. At most ten times a second a slot.
    case tooBig(PeerSlot, pathMTU: Int)
    /// Capture has ended, for instance because somebody removed the device. Nothing is forwarded any more.
    case captureFailed(reason: String)
}

/// Calls the receiver of news. Its methods are the rare part of the packet path.
final class NewsReporter: Sendable {
    private let receive: @Sendable (DataPlaneNews) -> Void
    /// A tenth of a second between two reports of one slot (chosen).
    private static let pauseNanoseconds: UInt64 = 100_000_000

    init(_ receive: @escaping @Sendable (DataPlaneNews) -> Void) {
        self.receive = receive
    }

    @inline(never)
    func special(_ event: SleeveEvent, _ slot: Int, _ table: SlotTable) {
        receive(.special(NewsReporter.slot(slot, table), event))
    }

    @inline(never)
    func tooBig(_ slot: Int, _ address: UInt32, _ table: SlotTable) {
        let row = table.row(slot)
        let now = UInt64(truncatingIfNeeded: PacketClock.nanoseconds)
        let before = row.loadRelaxed(PeerSlots.Word.reported)
        guard now &- before > NewsReporter.pauseNanoseconds else { return }
        row.storeRelaxed(PeerSlots.Word.reported, now)
        guard let mtu = DatagramSockets.pathMTU(toward: IPv4Address(rawValue: address)) else { return }
        receive(.tooBig(NewsReporter.slot(slot, table), pathMTU: mtu))
    }

    @inline(never)
    func captureFailed(_ errno: CInt) {
        receive(.captureFailed(reason: SystemError(call: "reading from the bridge port", errno: errno).description))
    }

    private static func slot(_ index: Int, _ table: SlotTable) -> PeerSlot {
        let state = table.row(index).load(PeerSlots.Word.state)
        return PeerSlot(index: index, generation: UInt32(truncatingIfNeeded: state >> 1))
    }
}
