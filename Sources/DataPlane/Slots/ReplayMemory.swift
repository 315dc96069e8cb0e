import PacketIO
import Sleeve

/// The two replay windows of a sealed neighbour, DF first, in memory of their own. A row names them by address.
@safe
struct ReplayMemory: ~Copyable, Sendable {
    private static let windowBytes = (ReplayWindow.memoryBytes + 63) & ~63
    private let memory: MappedMemory

    init() throws(SystemError) {
        memory = try MappedMemory(count: 2 * ReplayMemory.windowBytes)
    }

    /// For the row; valid while the owner lives.
    var address: UInt64 { UInt64(UInt(bitPattern: unsafe memory.bytes.base)) }

    /// Whether a number is new. `half` is 0 with DF, 1 without. Only the thread that has receipt calls this.
    @inline(__always)
    static func accept(_ sequence: UInt64, _ address: UInt64, _ half: Int) -> Bool {
        guard let base = unsafe UnsafeMutableRawPointer(bitPattern: UInt(address)) else { return false }
        return unsafe ReplayWindow.accept(sequence, in: base + half &* windowBytes)
    }
}
