import Overlay
import PacketIO
import Sealing
import Sleeve
import Wire

/// The neighbours, as the packet threads see them: one row of words each, in memory that never moves.
///
/// The control plane writes address, path and keys; packet threads read them and count. A row's keys and replay
/// windows are written before its state says "open", and wiped only after every packet thread has passed a later epoch
/// (`Reclaim`), so that a thread never meets half a row.
@safe
struct PeerSlots: ~Copyable, Sendable {
    /// Words of a row, by index.
    enum Word {
        /// 0 free, else the generation, times two, plus 1 while it is open.
        static let state = 0
        /// Address and port of the remote, `PackedEndpoint`; 0 unknown.
        static let remote = 1
        /// `PackedPath`.
        static let path = 2
        /// The neighbour's name.
        static let name = 3
        /// Local address to send from (low 32 bits), `sealedBit`.
        static let origin = 4
        /// Address of the two replay windows, DF first; 0 in clear.
        static let windows = 5
        /// Sequence numbers, on a line of their own: next DF, next other.
        static let sequences = 8
        /// Counters of sending, `SlotCounter`, from here.
        static let sent = 16
        /// Counters of receipt, from here.
        static let received = 24
        /// When "too big" was last reported, nanoseconds.
        static let reported = 32
        /// Addresses that may be learnt from this neighbour: `LearningBudget`.
        static let budget = 33
        /// Special frames that may be reported from this neighbour, and heartbeats apart: `SpecialAllowance`.
        static let specials = 34
        static let heartbeats = 35
        /// The connection's UID, and 1 if heartbeats are compared with it.
        static let connection = 36
        static let isConnectionKnown = 37
        /// Answers "too big" to what this neighbour hands us to relay: `ReplyAllowance`.
        static let replies = 38
        /// 0: every heartbeat is reported. 1: the first one is. Else when the last one came, nanoseconds.
        static let heard = 39
        static let perRow = 40
    }

    static let sealedBit: UInt64 = 1 << 32

    let capacity: Int
    private let rows: MappedMemory
    private let keys: MappedMemory

    init(capacity: Int) throws(SystemError) {
        let rows = try MappedMemory(count: capacity * Word.perRow * 8)
        let keys = try MappedMemory(count: capacity * 2 * DatagramKey.subkeyBytes, isSecret: true)
        self.capacity = capacity
        self.rows = rows
        self.keys = keys
    }

    /// What packet threads hold; valid while the owner lives.
    var table: SlotTable { SlotTable(words: rows.words, keys: keys.bytes) }

    /// Empties a row for good; no packet thread may still look at it.
    func wipe(_ index: Int) {
        keys.wipe(index * 2 * DatagramKey.subkeyBytes, count: 2 * DatagramKey.subkeyBytes)
    }
}

/// Windows on the rows and keys of all slots; copied freely, owned by `PeerSlots`.
struct SlotTable: Sendable {
    let words: AtomicWords
    let keys: Bytes

    @inline(__always)
    func row(_ index: Int) -> AtomicWords {
        words.slice(index &* PeerSlots.Word.perRow, PeerSlots.Word.perRow)
    }

    @inline(__always)
    func isOpen(_ index: Int) -> Bool { row(index).load(PeerSlots.Word.state) & 1 != 0 }

    @inline(__always)
    func sendingKey(_ index: Int) -> Bytes {
        keys.slice(index &* 2 &* DatagramKey.subkeyBytes, DatagramKey.subkeyBytes)
    }

    @inline(__always)
    func receivingKey(_ index: Int) -> Bytes {
        keys.slice((index &* 2 &+ 1) &* DatagramKey.subkeyBytes, DatagramKey.subkeyBytes)
    }
}

/// Address and port in one word, so that both change together: address, 16 bits of port.
enum PackedEndpoint {
    static func pack(_ endpoint: Endpoint) -> UInt64 {
        // Sleeve is IPv4 only; another family is "unknown".
        guard let address = endpoint.address.v4 else { return 0 }
        return UInt64(address.rawValue) << 16 | UInt64(endpoint.port.rawValue)
    }

    @inline(__always)
    static func address(_ word: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: word >> 16) }
    @inline(__always)
    static func port(_ word: UInt64) -> UInt16 { UInt16(truncatingIfNeeded: word) }
}

/// The sizes of a path in one word: 20 bits of MTU, 20 of payload, whether fragments arrive.
enum PackedPath {
    private static let fragmentsBit: UInt64 = 1 << 40

    static func pack(_ path: SleevePath) -> UInt64 {
        UInt64(min(max(path.mtu, 0), 0xf_ffff)) | UInt64(min(max(path.maximumPayload, 0), 0xf_ffff)) << 20
            | (path.carriesFragments ? fragmentsBit : 0)
    }

    @inline(__always)
    static func mtu(_ word: UInt64) -> Int { Int(word & 0xf_ffff) }
    @inline(__always)
    static func payload(_ word: UInt64) -> Int { Int((word >> 20) & 0xf_ffff) }
    @inline(__always)
    static func carriesFragments(_ word: UInt64) -> Bool { word & fragmentsBit != 0 }
}

/// What sending one frame to a neighbour needs, read once per frame.
struct Hop {
    let slot: Int
    /// The neighbour's name.
    let name: UInt64
    /// Bytes in front of the first record: 6, or 30 when sealed.
    let header: Int
    let mtu: Int
    let maximumPayload: Int
    let carriesFragments: Bool
    let isSealed: Bool
    let remote: UInt64
    let source: UInt32

    /// Whether a datagram with one frame of this length may leave with DF. On a narrow underlay not even a full packet
    /// of `mtu` may (`docs/protocol-sleeve.md`, "Sizes"): such datagrams leave without.
    @inline(__always)
    func holds(_ length: Int) -> Bool { header &+ SleeveLayout.recordHeader &+ length <= maximumPayload }

    /// Nil if the slot is closed or the remote's address is not known yet.
    @inline(__always)
    init?(_ table: SlotTable, _ slot: Int) {
        let row = table.row(slot)
        guard row.load(PeerSlots.Word.state) & 1 != 0 else { return nil }
        let remote = row.loadRelaxed(PeerSlots.Word.remote)
        guard remote != 0 else { return nil }
        let path = row.loadRelaxed(PeerSlots.Word.path)
        let origin = row.loadRelaxed(PeerSlots.Word.origin)
        self.slot = slot
        self.remote = remote
        name = row.loadRelaxed(PeerSlots.Word.name)
        isSealed = origin & PeerSlots.sealedBit != 0
        header = SleeveLayout.datagramHeader(isSealed: isSealed)
        mtu = PackedPath.mtu(path)
        maximumPayload = min(PackedPath.payload(path), SleeveLayout.maximumPayload)
        carriesFragments = PackedPath.carriesFragments(path)
        source = UInt32(truncatingIfNeeded: origin)
    }
}
